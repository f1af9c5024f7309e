import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { planExport } from '../../../cli/export/plan.ts';
import { openTargetDirectory } from '../../../cli/get/directory.ts';
import type { VaultError } from '../../../protocol/errors.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

function entryOf(path: string, more: Partial<Entry> = {}): Entry {
  return {
    path: Buffer.from(path),
    kind: 'file',
    size: 3,
    mode: 0o644,
    mtime: { seconds: 1_700_000_000, nanoseconds: 0 },
    state: 'here',
    inode: 1,
    links: 1,
    chunks: 0,
    chunksHere: 0,
    ...more,
  };
}

const directoryOf = (path: string): Entry => entryOf(path, { kind: 'directory', size: 0 });

function writeExported(place: string, content = 'abc'): void {
  writeFileSync(place, content, { mode: 0o644 });
  utimesSync(place, 1, 1_700_000_000);
}

async function plan(
  t: ExecutionContext,
  target: string,
  entries: readonly Entry[],
  checksum = false,
) {
  const directory = openTargetDirectory(target);
  const failed: VaultError[] = [];
  try {
    const pages = (async function* () {
      for (const entry of entries) yield [entry];
    })();
    const onFailed = (error: VaultError): void => void failed.push(error);
    const made = await planExport(pages, { directory, checksum, onFailed });
    const jobs = made.jobs.map(({ entry, bytes }) => [entry.path.toString(), bytes]);
    return { ...made, jobs, failed: failed.map(({ code, subject }) => [code, subject]) };
  } finally {
    directory.close();
  }
}

test('a directory that is missing is one job, with the bytes of all that is in it', async (t) => {
  const target = await temporaryDirectory(t);
  const entries = [
    directoryOf('a'),
    entryOf('a/1'),
    directoryOf('a/b'),
    entryOf('a/b/2', { size: 10 }),
    entryOf('ab', { size: 5 }),
  ];
  const { jobs, bytes, skipped } = await plan(t, target, entries);
  t.deepEqual(jobs, [
    ['a', 13],
    ['ab', 5],
  ]);
  t.is(bytes, 18);
  t.is(skipped, 0);
});

test('size and time decide what is skipped, to the microsecond', async (t) => {
  const target = await temporaryDirectory(t);
  for (const name of ['same', 'longer', 'later', 'mode', 'near']) writeExported(join(target, name));
  const mtime = (nanoseconds: number) => ({ mtime: { seconds: 1_700_000_000, nanoseconds } });
  const entries = [
    entryOf('later', mtime(1000)),
    entryOf('longer', { size: 4 }),
    entryOf('mode', { mode: 0o600 }),
    entryOf('near', mtime(999)),
    entryOf('same'),
  ];
  const made = await plan(t, target, entries);
  t.deepEqual(
    made.jobs.map(([path]) => path),
    ['later', 'longer'],
  );
  t.is(made.skipped, 3);
  t.deepEqual(
    made.modes.map(({ path }) => path.toString()),
    ['mode'],
  );
  const compared = await plan(t, target, entries, true);
  t.is(compared.jobs.length, 5);
});

test('symbolic links are the same when they lead to the same place', async (t) => {
  const target = await temporaryDirectory(t);
  symlinkSync('there', join(target, 'link'));
  const link = (to: string) => entryOf('link', { kind: 'symlink', target: Buffer.from(to) });
  t.is((await plan(t, target, [link('there')])).skipped, 1);
  t.is((await plan(t, target, [link('elsewhere')])).jobs.length, 1);
});

test('a symbolic link in the place of a directory leads nowhere', async (t) => {
  const outside = await temporaryDirectory(t);
  const target = join(outside, 'target');
  mkdirSync(join(outside, 'elsewhere'));
  mkdirSync(target);
  symlinkSync(join(outside, 'elsewhere'), join(target, 'd'));
  const made = await plan(t, target, [directoryOf('d'), entryOf('d/1'), entryOf('e')]);
  t.deepEqual(made.failed, [['not-directory', 'd']]);
  t.deepEqual(
    made.jobs.map(([path]) => path),
    ['e'],
  );
  t.deepEqual(readdirSync(join(outside, 'elsewhere')), []);
});

test('an agent that sends a path that leads out is not believed', async (t) => {
  const target = await temporaryDirectory(t);
  for (const path of ['../x', 'a/../../x', '/etc', 'a//b', '.']) {
    await t.throwsAsync(plan(t, target, [entryOf(path)]), { code: 'malformed' }, path);
  }
});
