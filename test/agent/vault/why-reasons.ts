import test from 'ava';
import type { StoppedJournal, Standing } from '../../../agent/vault/why-members.ts';
import { explain, type WhyFacts } from '../../../agent/vault/why-reasons.ts';
import type { DeviceFacts } from '../../../agent/vault/why-devices.ts';
import type { DeviceId } from '../../../protocol/ids.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const idOf = (name: string): DeviceId => name.padEnd(32, '0') as DeviceId;

function device(name: string, more: Partial<DeviceFacts> = {}): DeviceFacts {
  return {
    device: idOf(name),
    name,
    role: 'writer',
    self: name === 'laptop',
    online: true,
    lastSeenMs: undefined,
    lastError: undefined,
    seen: true,
    holds: true,
    freeBytes: undefined,
    inRate: 0,
    outRate: 0,
    ...more,
  };
}

function facts(more: Partial<WhyFacts> = {}): WhyFacts {
  return {
    path: '/docs/my file',
    nowMs,
    isFile: true,
    standing: 'present',
    devices: [device('laptop'), device('nas')],
    missing: { chunks: 0, bytes: 0, damaged: 0, filesUnknown: 0, holders: new Set() },
    queuedBytes: 0,
    filesWithoutKey: 0,
    conflicts: 0,
    full: false,
    behind: [],
    mount: { waiting: 0, longestMs: 0, failure: undefined },
    stopped: [],
    damagedJournals: [],
    self: { name: 'laptop', active: true, statementsLost: 0 },
    waiting: [],
    ...more,
  };
}

const missing = (holders: readonly string[], more: Partial<WhyFacts['missing']> = {}) => ({
  chunks: 2,
  bytes: 500_000,
  damaged: 0,
  filesUnknown: 0,
  holders: new Set(holders.map(idOf)),
  ...more,
});
const lacking = device('laptop', { holds: false });

const stoppedBy = (standing: Standing, why: StoppedJournal['why']): StoppedJournal => ({
  ...{ author: 'vps', standing, sequence: 1, batches: 2, why },
});

/** Facts, the codes of the reasons in their order, and what the first one says. */
const cases: readonly (readonly [string, WhyFacts, readonly string[], RegExp])[] = [
  ['all is well', facts(), [], /^$/],
  [
    'nothing of the name was ever heard of, changes are on their way, and a writer is away',
    facts({
      standing: 'unknown',
      devices: [
        device('laptop'),
        device('nas', { seen: undefined }),
        device('desk', { online: false, lastSeenMs: nowMs - 60_000 }),
        device('book', { online: false, role: 'reader' }),
      ],
      behind: [{ author: 'nas', batches: 4, from: [idOf('nas')] }],
    }),
    ['fetching-ops', 'peer-offline'],
    /^4 batches of changes by nas are on nas and not here yet$/,
  ],
  [
    'what is gone is missing nowhere, whoever is away',
    facts({ standing: 'gone', devices: [device('laptop'), device('nas', { online: false })] }),
    [],
    /^$/,
  ],
  [
    'nobody has it',
    facts({ devices: [lacking, device('nas')], missing: missing([]) }),
    ['chunks-nowhere'],
    /^2 chunks \(488 KiB\) missing here, and no device of the vault is known to have it$/,
  ],
  [
    'programs in the mount wait for it, and one got an error',
    facts({
      devices: [lacking, device('nas')],
      missing: missing(['nas']),
      mount: { waiting: 2, longestMs: 4_200, failure: { time: 'then', message: 'no', next: null } },
    }),
    ['mount-error', 'transfer-waiting', 'mount-waiting'],
    /^a program in the mount got an error at then: no$/,
  ],
  [
    'a holder is online and idle',
    facts({ devices: [lacking, device('nas')], missing: missing(['nas']) }),
    ['transfer-waiting'],
    /missing here; nas should have it and is online, but nothing comes/,
  ],
  [
    'a list of chunks is missing too',
    facts({
      devices: [lacking, device('nas')],
      missing: missing(['nas'], { filesUnknown: 1 }),
    }),
    ['transfer-waiting'],
    /^2 chunks \(488 KiB\) and more of 1 file missing here/,
  ],
  [
    'two holders send, everything else comes along',
    facts({
      devices: [lacking, device('nas', { inRate: 100_000 }), device('vps', { inRate: 150_000 })],
      missing: missing(['nas', 'vps']),
      queuedBytes: 5_000_000,
    }),
    ['transfer-running'],
    /comes from nas, vps at 244 KiB\/s, with everything else that is missing here \(4\.8 MiB\)/,
  ],
  [
    'the holder is away, and how long',
    facts({
      devices: [
        lacking,
        device('nas', {
          online: false,
          lastSeenMs: nowMs - 3 * 3_600_000,
          lastError: 'ECONNREFUSED',
        }),
      ],
      missing: missing(['nas']),
    }),
    ['holder-offline'],
    /nas should have it and is offline since 2026-11-21T09:00:00\.000Z, 3 hours ago \(ECONNREFUSED\)$/,
  ],
  [
    'the holder never was here',
    facts({ devices: [lacking, device('nas', { online: false })], missing: missing(['nas']) }),
    ['holder-offline'],
    /is offline; it was never connected to this device$/,
  ],
  [
    'the disk here is full',
    facts({ devices: [lacking, device('nas')], missing: missing(['nas']), full: true }),
    ['disk-full', 'transfer-waiting'],
    /^the disk of laptop is full/,
  ],
  [
    'a copy was damaged',
    facts({ devices: [lacking, device('nas')], missing: missing(['nas'], { damaged: 1 }) }),
    ['damaged', 'transfer-waiting'],
    /^1 damaged chunk of it was set aside here$/,
  ],
  [
    'no key for the content',
    facts({ filesWithoutKey: 2 }),
    ['no-key'],
    /^laptop does not have the key of 2 files; it was not given this one/,
  ],
  [
    'batches without a key',
    facts({
      stopped: [{ author: 'nas', standing: 'writer', sequence: 7, batches: 1, why: 'no-key' }],
    }),
    ['no-key'],
    /^1 batch of changes by nas after its batch 7 cannot be read here/,
  ],
  [
    'a fork, a cut, and a branch that is not here',
    facts({
      stopped: [
        { author: 'nas', standing: 'writer', sequence: 7, batches: 3, why: 'forked' },
        { author: 'vps', standing: 'sent-away', sequence: 1, batches: 2, why: 'cut-off' },
        { author: 'phone', standing: 'writer', sequence: 4, batches: 0, why: 'elsewhere' },
      ],
    }),
    ['journal-forked', 'author-sent-away', 'branch-elsewhere'],
    /^3 batches of changes by nas after its batch 7 do not count/,
  ],
  [
    'an author that was sent away',
    facts({ stopped: [stoppedBy('lost', 'cut-off')] }),
    ['author-sent-away'],
    /^2 batches of changes by vps after its batch 1 do not count: vps was sent away as lost, and they came after/,
  ],
  [
    'an author that may only read now',
    facts({ stopped: [stoppedBy('reader', 'cut-off')] }),
    ['author-reads-only'],
    /do not count: vps is a reader and may not write$/,
  ],
  [
    'an author that stores without a key',
    facts({ stopped: [stoppedBy('blind', 'no-right')] }),
    ['author-reads-only'],
    /do not count: vps is blind and may not write$/,
  ],
  [
    'an author whose admission does not count',
    facts({ stopped: [stoppedBy('nobody', 'no-right')] }),
    ['author-unknown'],
    /do not count: what admitted vps does not count$/,
  ],
  [
    'changes under a key that came before this device',
    facts({ stopped: [stoppedBy('writer', 'no-key')] }),
    ['no-key'],
    /cannot be read here: laptop does not have the key; it was not given this one when it joined/,
  ],
  [
    'content under a key that came after this device was sent away',
    facts({ filesWithoutKey: 2, self: { name: 'laptop', active: false, statementsLost: 0 } }),
    ['sent-away', 'no-key'],
    /^laptop was sent away: it hears of no changes any more, and gets no new keys$/,
  ],
  [
    'a list of members with gaps',
    facts({ self: { name: 'laptop', active: true, statementsLost: 3 } }),
    ['members-log-gaps'],
    /^who may write is not known for sure here/,
  ],
  [
    'changes that others have',
    facts({ behind: [{ author: 'vps', batches: 5, from: [idOf('nas')] }] }),
    ['fetching-ops'],
    /^5 batches of changes by vps are on nas and not here yet$/,
  ],
  [
    'changes that one has who is away',
    facts({
      devices: [device('laptop'), device('nas', { online: false })],
      behind: [{ author: 'vps', batches: 1, from: [idOf('nas')] }],
    }),
    ['ops-offline'],
    /^1 batch of changes by vps are on nas and not here: it is offline$/,
  ],
  ['the only device', facts({ devices: [device('laptop')] }), ['only-copy'], /no second copy/],
  [
    'another one does not hold it yet, and it is sent',
    facts({ devices: [device('laptop'), device('nas', { holds: false, outRate: 2_000_000 })] }),
    ['only-copy', 'peer-behind'],
    /the only copy that is known/,
  ],
  [
    'one more is behind while another has it',
    facts({
      devices: [device('laptop'), device('nas'), device('vps', { online: false, seen: false })],
    }),
    ['peer-offline'],
    /^vps has not seen this version yet; it is offline/,
  ],
  [
    'one that said nothing yet',
    facts({ devices: [device('laptop'), device('nas', { seen: undefined, holds: undefined })] }),
    ['only-copy', 'peer-behind'],
    /only copy/,
  ],
  [
    'a full disk there',
    facts({
      devices: [device('laptop'), device('nas'), device('vps', { holds: false, freeBytes: 1000 })],
    }),
    ['peer-full'],
    /^vps .*: its disk has no room for it \(1000 B left\)$/,
  ],
  [
    'a conflict',
    facts({ conflicts: 1 }),
    ['conflict'],
    /^it was changed on several devices at once/,
  ],
  [
    'damage of a journal',
    facts({ damagedJournals: ['nas'] }),
    ['journal-damaged'],
    /^a journal of nas lost batches on this device's disk$/,
  ],
];

for (const [name, given, codes, text] of cases) {
  test(name, (t) => {
    const { health, reasons } = explain(given);
    t.deepEqual(
      reasons.map(({ code }) => code),
      codes,
    );
    t.regex(reasons[0]?.message ?? '', text);
    t.is(health === 'ok', codes.length === 0);
    for (const { next } of reasons) t.truthy(next);
  });
}

test('what failed in the mount and is here now is told, and nothing is wrong', (t) => {
  const failure = { time: 'then', message: 'no', next: 'wait' };
  const { health, reasons } = explain(facts({ mount: { waiting: 0, longestMs: 0, failure } }));
  t.is(health, 'ok');
  t.deepEqual(
    reasons.map(({ code, next }) => [code, next]),
    [['mount-error', 'it is here now: try again']],
  );
});

test('who waits for an admin is told, and nothing is wrong with the path', (t) => {
  const { health, reasons } = explain(facts({ waiting: [{ name: 'phone', role: 'reader' }] }));
  t.is(health, 'ok');
  t.deepEqual(
    reasons.map(({ code, message }) => [code, message]),
    [
      [
        'approval-wanted',
        'phone wants to join as reader and has nothing of it before an admin agrees',
      ],
    ],
  );
});

test('how long a transfer takes follows from the rates and from all that waits', (t) => {
  const devices = [lacking, device('nas', { inRate: 100_000 })];
  const running = { devices, missing: missing(['nas']), queuedBytes: 5_000_000 };
  t.is(explain(facts(running)).reasons[0]?.secondsLeft, 50);
});

test('the worst stands first, and a path is written as a shell takes it', (t) => {
  const { health, reasons } = explain(
    facts({
      conflicts: 1,
      devices: [lacking, device('nas', { inRate: 10 }), device('vps')],
      missing: missing(['nas']),
    }),
  );
  t.is(health, 'attention');
  t.deepEqual(
    reasons.map(({ code }) => code),
    ['conflict', 'transfer-running'],
  );
  t.regex(reasons[0]?.next ?? '', /vault conflicts '\/docs\/my file'/);
});

test('a name that somebody else chose is one word of the commands that are suggested', (t) => {
  const author = 'nas; rm -rf ~';
  for (const standing of ['lost', 'reader'] as const) {
    const stopped = [{ ...stoppedBy(standing, 'cut-off'), author }];
    const [reason] = explain(facts({ stopped })).reasons;
    t.regex(reason?.next ?? '', /vault (revoke --until all|role) 'nas; rm -rf ~'/);
  }
});
