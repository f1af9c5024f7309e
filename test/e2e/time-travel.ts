/**
 * The past and the present of two real devices: snapshots, `--at`, what changed, bringing back, how much
 * is where, and why something is not on the other device.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { SnapshotRow, WhyReport } from '../../protocol/control/reports.ts';
import { SharedCleanup } from '../helpers/cleanup.ts';
import {
  eventually,
  mustSucceed,
  RealDevice,
  settle,
  temporaryFolder,
} from '../helpers/real-device.ts';

const shared = new SharedCleanup();
test.after.always(shared.run);

let folder = '';
let laptop: RealDevice;
let nas: RealDevice;
/** After the first files, before they were changed. */
let thenTime = '';

const put = async (device: RealDevice, path: string, content: string | Uint8Array) => {
  mustSucceed(await device.run('vault', ['put', '-p', '-', path], { input: content }));
};
const say = async (device: RealDevice, ...words: string[]): Promise<string> =>
  mustSucceed(await device.vault(...words)).stdout;
const why = async (device: RealDevice, path: string): Promise<WhyReport> => {
  const { stdout } = await device.vault('why', path, '--json');
  return JSON.parse(stdout) as WhyReport;
};

test.before(async () => {
  folder = await temporaryFolder(shared);
  laptop = new RealDevice(shared, folder, 'laptop');
  nas = new RealDevice(shared, folder, 'nas');
  await laptop.init();
  await laptop.start();
  await nas.join(await laptop.invite());
  await nas.start();
  await put(laptop, 'docs/a.txt', 'first\n');
  await put(laptop, 'docs/sub/b.txt', 'same\n');
  await put(laptop, 'gone.txt', 'to be removed\n');
  await put(laptop, 'large.bin', Buffer.alloc(3_000_000, 'abcdefg'));
  await settle([laptop, nas]);
  // Times of changes have milliseconds: what follows is later, what was before is not.
  await new Promise((done) => setTimeout(done, 5));
  thenTime = new Date().toISOString();
  await new Promise((done) => setTimeout(done, 5));
});

test.serial(
  'a snapshot that one device takes shows the same on both, whatever comes',
  async (t) => {
    t.is(await say(laptop, 'snapshot', 'create', 'before'), 'before\n');
    await put(laptop, 'docs/a.txt', 'second\n');
    await put(nas, 'new.txt', 'new\n');
    await say(laptop, 'rm', 'gone.txt');
    await say(laptop, 'mv', 'docs/sub', 'sub');
    await settle([laptop, nas]);
    for (const device of [laptop, nas]) {
      const rows = (await device.json('snapshot', 'list')) as SnapshotRow[];
      t.like(rows, [{ name: 'before', author: 'laptop', state: 'ready', gaps: [] }]);
      for (const at of ['before', rows[0]!.id.slice(0, 6), thenTime]) {
        t.is(await say(device, 'ls', '--at', at), 'docs/\ngone.txt\nlarge.bin\n');
        t.is(await say(device, 'cat', '--at', at, 'docs/a.txt'), 'first\n');
        t.is(await say(device, 'ls', '-R', 'docs', '--at', at), 'a.txt\nsub/\nsub/b.txt\n');
      }
      t.is(await say(device, 'cat', 'docs/a.txt'), 'second\n');
      t.like(await device.json('stat', 'gone.txt', '--at', 'before'), {
        size: 14,
        author: 'laptop',
      });
      t.regex(await say(device, 'tree', '--at', 'before'), /sub[^]*b\.txt[^]*gone\.txt/);
    }
  },
);

test.serial('what cannot be a moment is refused with a next step', async (t) => {
  const cases = [
    [3, /neither a snapshot nor a time/, ['ls', '--at', 'no-such-thing']],
    [2, /still to come/, ['ls', '--at', '2999-01-01']],
    [2, /a version is one of its own time/, ['cat', '--at', 'before', '--version', 'abcd', 'x']],
    [3, /no such file/, ['cat', '--at', 'before', 'new.txt']],
    [4, /it exists already/, ['snapshot', 'create', 'before']],
    [2, /a name has letters/, ['snapshot', 'create', ' ']],
    [3, /no snapshot is called so/, ['snapshot', 'rm', 'other']],
    [2, /operand is missing/, ['snapshot', 'restore', 'before']],
  ] as const;
  for (const [code, text, words] of cases) {
    const outcome = await laptop.vault(...words);
    t.is(outcome.code, code, words.join(' '));
    t.regex(outcome.stderr, text);
    t.regex(outcome.stderr, /try: /, words.join(' '));
  }
});

test.serial('what has changed since, one line each', async (t) => {
  const lines = (await say(nas, 'snapshot', 'diff', 'before')).trimEnd().split('\n');
  t.deepEqual(lines, [
    'M docs/a.txt (6 B -> 7 B)',
    'R docs/sub/ -> sub/',
    '- gone.txt',
    '+ new.txt',
  ]);
  t.is(await say(nas, 'snapshot', 'diff', thenTime, 'before'), '');
  const patch = await nas.vault('diff', '--at', 'before', 'docs/a.txt');
  t.is(patch.code, 1);
  t.regex(patch.stdout, /-first\n\+second\n/);
  t.deepEqual(await nas.json('snapshot', 'diff', 'now', 'before', '--path', 'gone.txt'), [
    { type: 'added', path: 'gone.txt', kind: 'file', sizeBefore: null, sizeAfter: 14 },
  ]);
});

test.serial('things come back as they were, and no byte is stored again', async (t) => {
  const before = await laptop.status();
  await say(laptop, 'rm', '-r', 'docs');
  await say(laptop, 'rm', 'large.bin');
  const out = join(folder, 'out');
  await mkdir(out);
  await say(laptop, 'get', '-r', '--at', 'before', 'docs', 'large.bin', out);
  t.is(await readFile(join(out, 'docs', 'sub', 'b.txt'), 'utf8'), 'same\n');
  t.is((await readFile(join(out, 'large.bin'))).length, 3_000_000);

  t.like(await laptop.json('snapshot', 'restore', 'before', 'docs'), { entries: 4 });
  t.is(await say(laptop, 'cat', 'docs/a.txt'), 'first\n');
  t.is(await say(laptop, 'cat', 'docs/sub/b.txt'), 'same\n');
  t.like(await laptop.json('snapshot', 'restore', 'before', 'docs'), { entries: 0 });
  await say(laptop, 'snapshot', 'restore', 'before', 'gone.txt', 'kept/here.txt');
  t.is(await say(laptop, 'cat', 'kept/here.txt'), 'to be removed\n');
  await say(laptop, 'cp', '--at', 'before', 'large.bin', 'gone.txt', 'kept');
  t.is(await say(laptop, 'cat', 'kept/gone.txt'), 'to be removed\n');
  t.is((await say(laptop, 'cat', 'kept/large.bin')).length, 3_000_000);
  t.is((await laptop.vault('cp', '--at', 'before', 'docs', 'copy')).code, 1);
  await settle([laptop, nas]);
  t.is(await say(nas, 'cat', 'docs/sub/b.txt'), 'same\n');
  const after = await laptop.status();
  t.true(after.storedBytes - before.storedBytes < 100_000, String(after.storedBytes));
});

test.serial('how much is where, now and then', async (t) => {
  const rows = (await laptop.json('du', '--at', 'before')) as Record<string, unknown>[];
  t.like(rows, [
    { path: 'docs/sub', files: 1, bytes: 5 },
    { path: 'docs', files: 2, directories: 1, bytes: 11 },
    { path: '/', files: 4, directories: 2, bytes: 3_000_025, filesUnknown: 0 },
  ]);
  const [top] = (await laptop.json('du', '-d', '0', 'kept')) as Record<string, number>[];
  t.like(top, { path: 'kept', files: 3, bytes: 3_000_028 });
  // It is one word repeated: what is stored is what compression leaves, and more than nothing.
  t.true(top!['storedBytes']! > 100 && top!['storedBytes']! < 1_000_000, JSON.stringify(top));
  t.regex(await say(laptop, 'du', '-d', '0', 'docs'), /^ +11 B +\S+ B stored +2 files {2}docs\n$/);
  t.is((await laptop.vault('du', 'nowhere')).code, 3);
});

test.serial('a file that is everywhere is well; what is gone says who removed it', async (t) => {
  await eventually('both know of both', async () => (await why(laptop, 'docs')).health === 'ok');
  t.like(await why(laptop, 'docs/a.txt'), {
    kind: 'file',
    health: 'ok',
    author: 'laptop',
    missingChunks: 0,
    reasons: [],
  });
  t.like(await why(nas, 'large.bin'), {
    kind: null,
    health: 'ok',
    deleted: { author: 'laptop', renamedTo: null },
  });
  const gone = await nas.vault('why', 'large.bin');
  t.is(gone.code, 3);
  t.regex(gone.stdout, /laptop removed it at 20/);
  t.regex((await nas.vault('why', 'never')).stdout, /nothing ever was/);
});

test.serial('what another device lacks while it is away names it, and since when', async (t) => {
  await nas.stop();
  await put(laptop, 'alone.txt', 'only here\n');
  await eventually('the laptop knows that it is gone', async () => {
    return (await laptop.status()).peersOnline === 0;
  });
  const report = await why(laptop, 'alone.txt');
  t.is(report.health, 'attention');
  t.deepEqual(
    report.reasons.map(({ code }) => code),
    ['only-copy', 'peer-offline'],
  );
  t.regex(
    report.reasons[1]!.message,
    /^nas has not seen this version yet; it is offline since 20\d\d-/,
  );
  t.is(report.reasons[1]!.subject, nas.id);
  t.like(report.devices, [
    { name: 'laptop', self: true, seen: true, holds: true },
    { name: 'nas', self: false, online: false, seen: false, holds: false },
  ]);
  const text = await say(laptop, 'why', 'alone.txt');
  t.regex(text, /nas +has not seen it; offline/);
  t.regex(text, /try: start the agent of nas/);

  await laptop.stop();
  await nas.start();
  t.like(await why(nas, 'alone.txt'), { kind: null, deleted: null });
  const old = await why(nas, 'docs/a.txt');
  t.is(old.health, 'attention');
  t.regex(old.reasons.map(({ message }) => message).join('\n'), /laptop .*it is offline since 20/);
});

test.serial(
  'a snapshot that was taken while a device was away shows there what it missed',
  async (t) => {
    await nas.stop();
    await laptop.start();
    await put(laptop, 'later.txt', 'later\n');
    await say(laptop, 'snapshot', 'create', 'after');
    await nas.start();
    mustSucceed(await nas.vault('peers', 'add', laptop.listening));
    await settle([laptop, nas]);
    t.is(await say(nas, 'cat', '--at', 'after', 'later.txt'), 'later\n');
    t.is((await nas.vault('snapshot', 'rm', 'before', 'after')).code, 0);
    await eventually('both have dropped them', async () => {
      const lists = await Promise.all([laptop, nas].map((device) => device.json('snapshot')));
      return lists.every((rows) => (rows as SnapshotRow[]).length === 0);
    });
    t.regex((await laptop.vault('snapshot')).stderr, /no snapshots/);
  },
);
