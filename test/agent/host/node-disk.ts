import { execFileSync } from 'node:child_process';
import { stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createLevelIndexHost } from '../../../agent/host/level-index.ts';
import { createNodeDisk } from '../../../agent/host/node-disk.ts';
import { openDiskStore } from '../../../agent/store/disk-store.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { KiB, MiB } from '../../../protocol/limits.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { silentLog } from '../../helpers/sim-store.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { chunkOf } from '../../suites/chunk-store.ts';
import { diskSuite } from '../../suites/disk.ts';
import { allOf, batchOf, journalA } from '../../suites/journal-store.ts';

diskSuite(test, 'real disk', async (t) => createNodeDisk(await temporaryDirectory(t)));

test('files are readable by their owner only, and so are directories', async (t) => {
  const root = await temporaryDirectory(t);
  const disk = createNodeDisk(root);
  await disk.makeDirectory('inner');
  await (await disk.open('inner/file', 'create')).close();
  t.is((await stat(join(root, 'inner'))).mode & 0o777, 0o700);
  t.is((await stat(join(root, 'inner/file'))).mode & 0o777, 0o600);
});

test('no path leaves the root', async (t) => {
  const disk = createNodeDisk(await temporaryDirectory(t));
  for (const path of ['..', '../x', 'a/../../x', '/etc/passwd', 'a//b', './a', 'a/.', 'a\0b']) {
    const attempts = [
      () => disk.open(path, 'create'),
      () => disk.sizeOf(path),
      () => disk.remove(path),
      () => disk.list(path),
      () => disk.makeDirectory(path),
      () => disk.rename('a', path),
      () => disk.syncDirectory(path),
    ];
    for (const attempt of attempts) {
      t.true(isVaultError(await t.throwsAsync(attempt), 'usage'), path);
    }
  }
});

test('a symlink is not followed to a file elsewhere', async (t) => {
  const root = await temporaryDirectory(t);
  await symlink('/etc/passwd', join(root, 'link'));
  const disk = createNodeDisk(root);
  t.true(isVaultError(await t.throwsAsync(disk.open('link', 'read')), 'io'));
});

/** A file system of so many bytes; undefined when this process may not mount one. */
async function smallFileSystem(t: ExecutionContext, bytes: number): Promise<string | undefined> {
  const at = await temporaryDirectory(t);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(bytes)}`, 'tmpfs', at], {
      stdio: 'ignore',
    });
  } catch {
    t.log('skipped: mounting a small tmpfs needs to be root');
    return undefined;
  }
  t.teardown(() => execFileSync('umount', ['-l', at]));
  return at;
}

test('a disk that is really full says disk-full, also where Node writes short', async (t) => {
  const root = await smallFileSystem(t, 1 * MiB);
  if (root === undefined) {
    t.pass();
    return;
  }
  const disk = createNodeDisk(root);
  const file = await disk.open('big', 'create');
  const error = await t.throwsAsync(
    file.write(0, [Buffer.alloc(700 * KiB), Buffer.alloc(700 * KiB)]),
  );
  t.true(isVaultError(error, 'disk-full'));
  t.is(await disk.freeBytes(), 0);
  await file.close();
});

test('a store on a disk that is really full keeps what it has and goes on when there is space', async (t) => {
  const root = await smallFileSystem(t, 12 * MiB);
  if (root === undefined) {
    t.pass();
    return;
  }
  const disk = createNodeDisk(root);
  const indexHome = await temporaryDirectory(t);
  const clock = createManualClock();
  const open = () =>
    openDiskStore({
      disk,
      index: createLevelIndexHost(join(indexHome, 'index')),
      clock,
      log: silentLog,
      options: { ballastBytes: 512 * KiB, freeBytesMin: 0 },
    });
  const filler = await disk.open('filler', 'create');
  await filler.write(0, [Buffer.alloc(4 * MiB)]);
  let store = await open();
  const kept = [];
  let error: unknown;
  for (let at = 0; error === undefined; at++) {
    const one = chunkOf(at, 100_000);
    try {
      await store.chunks.write([one]);
      await store.chunks.commit();
      kept.push(one);
    } catch (thrown) {
      error = thrown;
    }
  }
  t.true(isVaultError(error, 'disk-full'));
  t.true(kept.length > 50);
  t.true(store.report().full);
  await store.journals.append([batchOf(journalA, 1)]);
  for (const { id, body } of kept) t.true((await store.chunks.read(id)).equals(body));
  await store.close();
  store = await open();
  for (const { id, body } of kept) t.true((await store.chunks.read(id)).equals(body));
  t.is((await allOf(store.journals, journalA)).length, 1);
  await filler.truncate(0);
  await filler.close();
  await store.chunks.write([chunkOf('after', 100_000)]);
  await store.chunks.commit();
  t.false(store.report().full);
  await store.close();
});
