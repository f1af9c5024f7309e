/**
 * The table roles × what a device can say on the wire and in the namespace, cell by cell: every kind of
 * statement, and every kind of operation in a batch, signed with the device's own key.
 */
import test from 'ava';
import { authorBatch } from '../../../agent/journal/author.ts';
import { evaluate, evaluateMembership } from '../../../agent/members/evaluate.ts';
import type { DeviceIdentity } from '../../../agent/members/identity.ts';
import { memberKeysOf } from '../../../agent/members/key-health.ts';
import { roleCapabilities } from '../../../agent/members/membership.ts';
import { admitBatch } from '../../../agent/replication/received-batch.ts';
import { rightOf } from '../../../agent/validity/right.ts';
import { journalId, parseId } from '../../../protocol/ids.ts';
import type { Op } from '../../../protocol/messages/op.ts';
import type { StatementKind } from '../../../protocol/messages/statement.ts';
import { exampleOps, laterOps } from '../../helpers/op-examples.ts';
import { bareGrant, revocationOf, smallVault } from '../../helpers/small-vault.ts';

const vault = smallVault('roles');
const devices: Readonly<Record<string, DeviceIdentity>> = {
  admin: vault.admit('admin'),
  writer: vault.admit('writer'),
  reader: vault.admit('reader'),
  blind: vault.admit('blind'),
  'former admin': vault.admit('admin'),
  'former writer': vault.admit('writer'),
  stranger: vault.device(),
};
const target = vault.admit('writer');
const otherAdmin = vault.admit('admin');
const newcomer = vault.device();
for (const name of ['former admin', 'former writer']) {
  vault.log.issue(vault.owner, revocationOf(devices[name]!));
}
const incarnation = parseId('incarnation', '01'.repeat(8));
const roles = ['owner', ...Object.keys(devices)];

/** Each kind of statement, and who of all may say it. */
const statements: (readonly [string, StatementKind, readonly string[]])[] = [
  ['admits a writer', bareGrant(newcomer, roleCapabilities.writer), ['owner', 'admin']],
  ['admits an admin', bareGrant(newcomer, roleCapabilities.admin), ['owner']],
  ['makes a reader of a writer', bareGrant(target, roleCapabilities.reader), ['owner', 'admin']],
  ['makes an admin of a writer', bareGrant(target, roleCapabilities.admin), ['owner']],
  ['sends a writer away', revocationOf(target), ['owner', 'admin']],
  ['sends an admin away', revocationOf(otherAdmin), ['owner']],
  [
    'opens an epoch',
    {
      type: 'epoch',
      parents: [evaluateMembership(vault.log.statements()).currentEpoch],
      sealed: [],
      wrappedParents: [],
      nonce: Buffer.alloc(32, 1),
    },
    ['owner', 'admin'],
  ],
  [
    'names a branch',
    {
      type: 'choose-branch',
      device: target.device,
      incarnation,
      sequence: 2,
      hash: parseId('batch', '02'.repeat(32)),
    },
    ['owner', 'admin'],
  ],
  [
    'names a new owner',
    {
      type: 'recover',
      owner: newcomer.signKey.publicKey,
      replaces: vault.owner.publicKey,
      lastStatement: undefined,
    },
    [],
  ],
];

const folded = {
  type: 'checkpoint',
  vector: [
    { device: target.device, incarnation, sequence: 3, hash: parseId('batch', '04'.repeat(32)) },
  ],
  stateRoot: Buffer.alloc(32, 5),
  excluded: [],
} as const;
const { currentEpoch } = evaluateMembership(vault.log.statements());

statements.push(
  [
    'lets chunks go',
    { type: 'release', chunks: [parseId('chunk', '03'.repeat(32))], vector: [] },
    ['owner', 'admin'],
  ],
  ['says what may be folded', folded, ['owner', 'admin']],
  [
    'says that it is folded',
    { ...folded, fold: { pages: [], epoch: currentEpoch } },
    ['owner', 'admin'],
  ],
  [
    'makes a member key',
    { type: 'member-key', generation: 9, sealed: [], wrappedPrevious: [] },
    ['owner', 'admin'],
  ],
  [
    'says where copies are to be, from which nothing follows yet',
    { type: 'placement-map', generation: 1, placements: [] },
    [],
  ],
);

/**
 * What has no row because nobody can say it into a log that exists: what begins another vault, and what
 * this version does not know.
 */
const without: readonly StatementKind['type'][] = ['genesis', 'unknown'];
/** Total, so that a new kind does not compile before it has a place here. */
const everyKind: Readonly<Record<StatementKind['type'], true>> = {
  ...{ genesis: true, grant: true, revoke: true, epoch: true, 'member-key': true, recover: true },
  ...{ 'choose-branch': true, checkpoint: true, release: true, 'placement-map': true },
  unknown: true,
};

test('every kind of statement and of operation is in the table', (t) => {
  const rows = new Set([...statements.map(([, { type }]) => type), ...without]);
  t.deepEqual([...rows].sort(), Object.keys(everyKind).sort() as StatementKind['type'][]);
  const everyOp: Readonly<Record<Op['type'], true>> = {
    ...{ make: true, write: true, 'set-attributes': true, link: true, move: true, unlink: true },
    ...{ 'remove-directory': true, 'take-snapshot': true, 'drop-snapshot': true, note: true },
    unknown: true,
  };
  const ops = new Set([...exampleOps, ...laterOps].map(({ type }) => type));
  t.deepEqual([...ops].sort(), Object.keys(everyOp).sort() as Op['type'][]);
});

/** Everything that a statement may change, as text. */
function effectOf(issue: (log: typeof vault.log) => void): string {
  const log = vault.log.copy();
  issue(log);
  const { heads: _heads, ...rest } = evaluateMembership(log.statements());
  const memberKeys = memberKeysOf(evaluate(log.statements()).counted).map(({ id }) => id);
  const { members, cutoffs, ticketsUsed, choices } = rest;
  const maps = [[...members], [...cutoffs], [...ticketsUsed]];
  return JSON.stringify([
    rest,
    memberKeys,
    maps,
    [...choices].map(([journal, at]) => [journal, [...at]]),
  ]);
}

const untouched = effectOf(() => undefined);

for (const role of roles) {
  const key = role === 'owner' ? vault.owner : devices[role]!.signKey;
  for (const [what, kind, who] of statements) {
    const may = who.includes(role);
    test(`on the wire: ${role} ${what}: ${may ? 'it counts' : 'nothing changes'}`, (t) => {
      const after = effectOf((log) => log.issue(key, kind));
      t.is(after !== untouched, may);
    });
  }
}

const writers = new Set(['admin', 'writer']);
const kept = new Set(['former admin', 'former writer']);

for (const [role, identity] of Object.entries(devices)) {
  for (const [index, op] of [...exampleOps, ...laterOps].entries()) {
    const wanted = writers.has(role) ? 'shown' : kept.has(role) ? 'kept and hidden' : 'refused';
    test(`in the namespace: ${role} says ${op.type} (${String(index)}): ${wanted}`, (t) => {
      const journal = journalId(identity.device, incarnation);
      const membership = evaluateMembership(vault.log.statements());
      const { bytes } = authorBatch({
        author: {
          vault: vault.log.vault,
          device: identity.device,
          sign: (message) => identity.signKey.sign(message),
        },
        header: {
          ...{ journal, sequence: 1, previous: undefined, epoch: membership.currentEpoch },
          membershipHeads: vault.log.heads(),
          salt: Buffer.alloc(32, 5),
          ...{ chunksAdded: [], chunksReused: [], smallRecords: [] },
        },
        body: { stamp: { wallMs: 1, counter: 0 }, lamport: 1, seen: [], ops: [op] },
        opKey: Buffer.alloc(32, 9),
      });
      const { type } = admitBatch({ from: target.device, bytes, small: [] }, membership);
      const right = rightOf(membership, journal);
      if (wanted === 'refused') {
        t.is(type, role === 'stranger' ? 'unknown-author' : 'refused');
        t.is(right.type, 'none', 'and it would not count if it were here');
      } else {
        t.is(type, 'admitted');
        t.deepEqual(right, wanted === 'shown' ? { type: 'all' } : { type: 'cut', last: undefined });
      }
    });
  }
}
