/** Log, versions, diff, restore, undelete and trash with real processes: two devices, one vault. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
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

test.before(async () => {
  folder = await temporaryFolder(shared);
  laptop = new RealDevice(shared, folder, 'laptop');
  nas = new RealDevice(shared, folder, 'nas');
  await laptop.init();
  await laptop.start();
  await nas.join(await laptop.invite('writer'));
  await nas.start();
});

interface Row {
  readonly what: string;
  readonly path: string;
  readonly from?: string;
  readonly version: string | null;
  readonly size: number | null;
  readonly author: string;
  readonly current: boolean;
  readonly mode?: number;
  readonly restored?: string;
}

const logOf = async (device: RealDevice, ...words: string[]): Promise<readonly Row[]> =>
  (await device.json('log', ...words)) as readonly Row[];
const said = async (...words: string[]): Promise<string> =>
  mustSucceed(await laptop.vault(...words)).stdout;

async function put(device: RealDevice, path: string, content: string | Uint8Array): Promise<void> {
  mustSucceed(await device.run('vault', ['put', '-p', '-', path], { input: content }));
}

async function fails(t: ExecutionContext, code: number, ...words: string[]): Promise<string> {
  const outcome = await laptop.vault(...words);
  t.is(outcome.code, code, `${words.join(' ')}: ${outcome.stderr}`);
  return outcome.stderr;
}

test.serial(
  'every version of a file is logged and can be read, on both devices, across renames',
  async (t) => {
    await put(laptop, 'notes/a.txt', 'one\n');
    await put(laptop, 'notes/a.txt', 'two\n');
    await settle([laptop, nas]);
    mustSucceed(await nas.vault('mv', 'notes/a.txt', 'notes/b.txt'));
    await put(nas, 'notes/b.txt', 'three\n');
    await put(nas, 'notes/.b.swp', 'four\n');
    mustSucceed(await nas.vault('mv', 'notes/.b.swp', 'notes/b.txt'));
    await settle([laptop, nas]);
    for (const device of [laptop, nas]) {
      const rows = await logOf(device, 'notes/b.txt');
      t.deepEqual(
        rows.map(({ what, author }) => `${what} ${author}`),
        [
          ...['renamed nas', 'created nas', 'changed nas', 'renamed nas'],
          ...['changed laptop', 'created laptop'],
        ],
      );
      const versions = rows.flatMap(({ version }) => version ?? []).toReversed();
      const contents = [];
      for (const version of versions) {
        contents.push(mustSucceed(await device.vault('cat', `notes/b.txt@${version}`)).stdout);
      }
      t.deepEqual(contents, ['one\n', 'two\n', 'three\n', 'four\n']);
      t.deepEqual(
        rows.filter(({ current }) => current).map(({ version }) => version),
        [versions.at(-1)],
      );
    }
    const [newest] = await logOf(laptop, 'notes/b.txt', '-n', '1');
    t.like(newest, { what: 'renamed', path: 'notes/b.txt', from: 'notes/.b.swp' });
    t.regex(await said('log', 'notes/b.txt'), /changed\b.*\n.*renamed from notes\/a.txt to/);
  },
);

test.serial(
  'get, stat and cp take a version by the beginning of its id; a real name with @ wins',
  async (t) => {
    await put(laptop, 'v/file', 'old content');
    await put(laptop, 'v/file', 'new');
    const [, first] = await logOf(laptop, 'v/file');
    const version = first?.version ?? '';
    const short = version.slice(0, 10);
    const target = join(folder, 'old-file');
    await said('get', '--version', short, 'v/file', target);
    t.is(await readFile(target, 'utf8'), 'old content');
    t.like(await laptop.json('stat', `v/file@${short}`), { size: 11, version, path: 'v/file' });
    await said('cp', `v/file@${short}`, 'v/copy');
    t.is(await said('cat', 'v/copy'), 'old content');
    await put(laptop, `v/file@${short}`, 'a real name');
    t.is(await said('cat', `v/file@${short}`), 'a real name');
    t.is(await said('cat', 'v/file', '--version', short), 'old content');
    const unknown = await fails(t, 3, 'cat', 'v/file', '--version', '0123456789abcdef');
    t.regex(unknown, /no version that begins like this\)\n {2}try: vault log \/v\/file/);
    await fails(t, 3, 'log', 'v/never');
  },
);

test.serial(
  'diff: texts as a patch, binaries by size, directories by name, and the exit status',
  async (t) => {
    await put(laptop, 'd/text', 'a\nb\nc\n');
    await put(laptop, 'd/text', 'a\nB\nc\n');
    const last = await laptop.vault('diff', 'd/text');
    t.is(last.code, 1, last.stderr);
    t.regex(
      last.stdout,
      /^--- d\/text@[0-9a-f]{16}\n\+\+\+ d\/text@[0-9a-f]{16}\n@@ -1,3 \+1,3 @@\n/,
    );
    t.regex(last.stdout, /\n-b\n\+B\n c\n$/);
    const [, first] = await logOf(laptop, 'd/text');
    t.is((await laptop.vault('diff', `d/text@${first?.version ?? ''}`)).stdout, last.stdout);
    const large = randomBytes(300_000);
    await put(laptop, 'd/one', large);
    await put(laptop, 'd/same', large);
    t.is((await laptop.vault('diff', 'd/one', 'd/same')).code, 0);
    large[200_000]! ^= 1;
    await put(laptop, 'd/other', large);
    const binary = await laptop.vault('diff', 'd/one', 'd/other');
    t.is(binary.code, 1);
    t.regex(binary.stdout, /^d\/one@\w+ \(293 KiB\) and d\/other@\w+ \(293 KiB\) differ\n$/);
    await said('cp', '-r', 'd', 'e');
    t.is((await laptop.vault('diff', 'd', 'e')).code, 0);
    await said('rm', 'e/one');
    await put(laptop, 'e/text', 'changed');
    await put(laptop, 'e/new', 'new');
    const trees = await laptop.vault('diff', 'd', 'e');
    t.deepEqual([trees.code, trees.stdout], [1, '+ new\n- one\nM text\n']);
    const json = JSON.parse((await laptop.vault('diff', 'd', 'e', '--json')).stdout) as object;
    t.like(json, { same: false, differences: [{ type: 'added', path: 'new', kind: 'file' }] });
    await fails(t, 3, 'diff', 'd/never', 'd/one');
    t.regex(await fails(t, 3, 'diff', 'd/same'), /no earlier version/);
    await fails(t, 1, 'diff', 'd');
  },
);

test.serial(
  'an earlier version is restored with its mode, and no content is stored again',
  async (t) => {
    const source = join(folder, 'program');
    const large = randomBytes(3_000_000);
    await writeFile(source, large);
    await chmod(source, 0o750);
    await said('put', source, 'r-program');
    await settle([laptop, nas]);
    await put(nas, 'r-program', 'short');
    await settle([laptop, nas]);
    const rows = await logOf(nas, 'r-program');
    const version = rows.at(-1)?.version ?? '';
    const before = (await nas.status()).storedBytes;
    mustSucceed(await nas.vault('restore', `r-program@${version.slice(0, 8)}`));
    t.true((await nas.status()).storedBytes - before < 20_000);
    await settle([laptop, nas]);
    const back = join(folder, 'program-back');
    await said('get', 'r-program', back);
    t.true((await readFile(back)).equals(large));
    t.is((await stat(back)).mode & 0o7777, 0o750);
    t.like((await logOf(laptop, 'r-program', '-n', '1'))[0], {
      what: 'restored',
      restored: version,
    });
    await said('restore', `r-program@${version}`, 'r-copy');
    t.is(((await laptop.json('stat', 'r-copy')) as { size: number }).size, large.length);
    await fails(t, 2, 'restore', 'r-program');
  },
);

test.serial(
  'a directory is undeleted as it was, and the trash knows what was deleted',
  async (t) => {
    const source = join(folder, 'album');
    await mkdir(join(source, 'deep', 'empty'), { recursive: true });
    for (const name of ['one', 'two', 'deep/three']) {
      await writeFile(join(source, name), `${name} `.repeat(2000));
    }
    await said('put', '-r', source, '/');
    await settle([laptop, nas]);
    const { treeHash } = await laptop.status();
    mustSucceed(await nas.vault('rm', '-r', 'album'));
    await settle([laptop, nas]);
    await fails(t, 3, 'ls', 'album');
    const trash = (await laptop.json('trash')) as readonly object[];
    const files = ['one', 'two', 'deep/three'];
    const size = files.reduce((sum, name) => sum + (name.length + 1) * 2000, 0);
    t.like(trash[0], { path: 'album', kind: 'directory', entries: 6, size, author: 'nas' });
    t.regex(await said('trash', 'ls'), /nas +\S+ KiB +6 +album\/\n/);
    t.is(((await laptop.json('trash', 'album')) as readonly object[]).length, 3);
    t.regex(await fails(t, 3, 'undelete', 'album/one'), /vault undelete \/album/);
    await said('undelete', 'album');
    await settle([laptop, nas]);
    t.is((await nas.status()).treeHash, treeHash, 'everything is as it was');
    await fails(t, 4, 'undelete', 'album');
    await said('rm', 'album/one');
    await said('undelete', 'album/one', 'one-again');
    t.is(await said('cat', 'one-again'), 'one '.repeat(2000));
    const rows = await logOf(laptop, 'album');
    t.true(rows.some(({ what, path }) => what === 'removed' && path === 'album/one'));
    t.true(rows.some(({ what, path }) => what === 'undeleted' && path === 'album'));
  },
);

test.serial(
  'content that only another device has is restored, and read when that is there',
  async (t) => {
    // Too small for a second chunk, wherever a cut would be found.
    const [small, large] = [randomBytes(50_000), randomBytes(2_000_000)];
    for (const [path, content] of [['far-small', small] as const, ['far-large', large] as const]) {
      await put(laptop, path, content);
      await put(laptop, path, 'short');
    }
    await settle([laptop, nas]);
    const versionOf = async (path: string): Promise<string> =>
      `${path}@${(await logOf(nas, path)).at(-1)?.version ?? ''}`;
    const [smallVersion, largeVersion] = [
      await versionOf('far-small'),
      await versionOf('far-large'),
    ];
    await Promise.all([laptop.stop(), nas.stop()]);
    await rm(join(nas.home, 'segments'), { recursive: true });
    await nas.start();
    // One chunk is named by the version itself; the list of many is content too.
    mustSucceed(await nas.vault('restore', smallVersion));
    const refused = await nas.vault('restore', largeVersion);
    t.is(refused.code, 9, refused.stderr);
    t.is((await nas.vault('cat', 'far-small')).code, 9);
    await laptop.start();
    // Both have another port now.
    mustSucceed(await nas.vault('peers', 'add', laptop.listening));
    await eventually('the list of chunks comes from the other device', async () => {
      const outcome = await nas.vault('restore', largeVersion);
      return outcome.code === 0;
    });
    await settle([laptop, nas]);
    for (const [path, content] of [['far-small', small] as const, ['far-large', large] as const]) {
      const target = join(folder, path);
      mustSucceed(await nas.vault('get', path, target));
      t.true((await readFile(target)).equals(content));
    }
  },
);

test.serial('the history is the same after a restart, and without the index', async (t) => {
  const before = await said('log', '/', '--json');
  await laptop.stop();
  await laptop.start();
  t.is(await said('log', '/', '--json'), before);
  await laptop.stop();
  await rm(join(laptop.home, 'index'), { recursive: true });
  await laptop.start();
  t.is(await said('log', '/', '--json'), before, 'made anew from the journals');
});
