/**
 * Whole trees in and out with the real programs: what is left out, what is skipped, what is said, and
 * that an interrupted run goes on.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  link,
  mkdir,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { names } from '../../protocol/limits.ts';
import { SharedCleanup } from '../helpers/cleanup.ts';
import { folderShape } from '../helpers/folder-shape.ts';
import { eventually, mustSucceed, RealDevice, temporaryFolder } from '../helpers/real-device.ts';

const shared = new SharedCleanup();
test.after.always(shared.run);

let folder = '';
let laptop: RealDevice;
let source = '';

interface ImportReport {
  readonly files: number;
  readonly skipped: number;
  readonly ignored: number;
  readonly hardLinks: number;
  readonly failed: number;
}

const importJson = async (...words: string[]): Promise<ImportReport> =>
  (await laptop.json('import', ...words)) as ImportReport;

interface ExportReport {
  readonly files: number;
  readonly directories: number;
  readonly skipped: number;
  readonly failed: number;
}

const exportJson = async (...words: string[]): Promise<ExportReport> =>
  (await laptop.json('export', ...words)) as ExportReport;

test.before(async () => {
  folder = await temporaryFolder(shared);
  source = join(folder, 'source');
  laptop = new RealDevice(shared, folder, 'laptop');
  await laptop.init();
  await laptop.start();
  await makeSource();
});

async function makeSource(): Promise<void> {
  for (const directory of ['docs/deep', 'build', 'empty', 'src/build']) {
    await mkdir(join(source, directory), { recursive: true });
  }
  await writeFile(join(source, 'docs/a.txt'), 'a');
  await writeFile(join(source, 'docs/deep/large'), randomBytes(2_000_000));
  await writeFile(join(source, 'docs/run'), '#!/bin/sh\n');
  await chmod(join(source, 'docs/run'), 0o750);
  await symlink('a.txt', join(source, 'docs/link'));
  await link(join(source, 'docs/a.txt'), join(source, 'docs/second name'));
  await writeFile(join(source, 'build/made'), 'not stored');
  await writeFile(join(source, 'src/build/kept'), 'stored');
  await writeFile(join(source, 'src/x.o'), 'not stored');
  await writeFile(join(source, '.vaultignore'), 'build/\n*.o\n');
  await writeFile(join(source, 'src/.vaultignore'), '!build/\n');
  await chmod(join(source, 'empty'), 0o711);
  await utimes(join(source, 'docs/a.txt'), 1, 1.5);
  await utimes(join(source, 'src/build/kept'), 1, 1_600_000_000);
  await utimes(join(source, 'empty'), 1, 1_700_000_000);
}

/** What was left out of the import. */
const leftOut = ['build', 'build/made', 'src/x.o'];

test.serial('a dry run lists what would be stored and left out, and stores nothing', async (t) => {
  const rows = (await laptop.json('import', '--dry-run', source, 'tree')) as {
    action: string;
    path: string;
    size: number;
  }[];
  const pathsOf = (action: string): string[] =>
    rows.flatMap((row) => (row.action === action ? row.path : [])).sort();
  t.deepEqual(pathsOf('ignore'), ['build', 'src/x.o']);
  t.true(pathsOf('store').includes('docs/deep/large'));
  t.is(rows.find(({ path }) => path === 'docs/deep/large')?.size, 2_000_000);
  t.is((await laptop.status()).files, 0);
  const { stdout, stderr } = mustSucceed(await laptop.vault('import', '-n', source, 'tree'));
  t.regex(stdout, /^ignore +\/tree\/build\/$/m);
  t.regex(stdout, /^store +1\.9 MiB {2}\/tree\/docs\/deep\/large$/m);
  t.regex(stderr, /would store 8 files .* leave out 2 by patterns/);
});

test.serial(
  'an import stores all but what patterns leave out; a second one reads nothing',
  async (t) => {
    const first = await laptop.vault('import', source, 'tree');
    t.is(first.code, 0, first.stderr);
    t.regex(first.stderr, /stored 7 files, 6 directories, 1 symbolic link/);
    t.regex(first.stderr, /left out 2 by patterns/);
    t.regex(first.stderr, /2 names of files with several names \(hard links\)/);
    const again = await laptop.vault('import', source, 'tree');
    t.regex(again.stderr, /stored 0 files/);
    t.regex(again.stderr, /skipped 7 files: stored before, and not read again/);
    t.is((await laptop.status()).files, 7);
    const rows = (await laptop.json('import', '--dry-run', source, 'tree')) as { action: string }[];
    t.false(rows.some(({ action }) => action === 'store'));
  },
);

test.serial(
  'an export brings back what was imported: contents, modes, times, links, empty directories',
  async (t) => {
    const target = join(folder, 'out', 'tree');
    const done = await exportJson('tree', target);
    t.like(done, { files: 7, skipped: 0, failed: 0 });
    const expected = folderShape(source).filter(
      (line) => !leftOut.some((path) => line.startsWith(`/${path} `)),
    );
    t.deepEqual(folderShape(target), expected);
    t.like(await exportJson('tree', target), { files: 0, skipped: 8, failed: 0 });
  },
);

test.serial('an export goes on: only what is missing or different is copied', async (t) => {
  const target = join(folder, 'out', 'tree');
  const before = folderShape(target);
  await rm(join(target, 'docs/deep'), { recursive: true });
  await unlink(join(target, 'docs/a.txt'));
  await chmod(join(target, 'docs/run'), 0o777);
  await writeFile(join(target, 'src/build/kept'), 'longer than it was');
  await writeFile(join(target, 'own file'), 'not of the vault');
  t.like(await exportJson('tree', target), { files: 3, directories: 1, skipped: 5, failed: 0 });
  t.is(await readFile(join(target, 'own file'), 'utf8'), 'not of the vault');
  await unlink(join(target, 'own file'));
  await exportJson('tree', target);
  t.deepEqual(folderShape(target), before);
});

test.serial('with --checksum a file that only looks the same is found out', async (t) => {
  const target = join(folder, 'out', 'tree');
  const place = join(target, 'src/build/kept');
  await writeFile(place, 'STORED');
  await utimes(place, 1, 1_600_000_000);
  t.like(await exportJson('tree', target), { files: 0, skipped: 8 });
  t.like(await exportJson('--checksum', 'tree', target), { files: 1, skipped: 7 });
  t.is(await readFile(place, 'utf8'), 'stored');
});

test.serial('what is in the way is named, and the rest is copied', async (t) => {
  const target = join(folder, 'in the way');
  await mkdir(join(target, 'docs/a.txt'), { recursive: true });
  await writeFile(join(target, 'empty'), 'a file');
  const { code, stderr } = await laptop.vault('export', 'tree', target);
  t.is(code, 1);
  t.regex(stderr, /is a directory: docs\/a\.txt/);
  t.regex(stderr, /not a directory: empty/);
  t.true(existsSync(join(target, 'docs/deep/large')));
  t.is(await readFile(join(target, 'empty'), 'utf8'), 'a file');
});

test.serial('patterns of the command line and of a named file', async (t) => {
  const patterns = join(folder, 'patterns');
  await writeFile(patterns, 'empty/\n');
  const more = ['--exclude', 'docs/deep/', '--exclude', '!*.o', '--ignore-file', patterns];
  const done = await importJson(...more, source, 'some');
  t.is(done.ignored, 3, 'docs/deep, build and empty');
  const paths = ((await laptop.json('ls', '-R', 'some')) as { path: string }[]).map(
    ({ path }) => path,
  );
  t.true(paths.includes('some/src/x.o'));
  t.false(paths.some((path) => path.includes('deep') || path.includes('empty')));
  const missing = await laptop.vault('import', '--ignore-file', join(folder, 'none'), source, 'x');
  t.is(missing.code, 3);
});

test.serial('what cannot be read or stored is named, and the rest is stored', async (t) => {
  const own = join(folder, 'unreadable');
  await mkdir(join(own, 'closed'), { recursive: true });
  await writeFile(join(own, 'open'), 'x');
  await writeFile(join(own, 'secret'), 'y');
  // Root may read everything, but nobody may store this.
  await mkdir(join(own, ...Array.from({ length: names.depthMax + 2 }, () => 'd')), {
    recursive: true,
  });
  await chmod(join(own, 'secret'), 0);
  await chmod(join(own, 'closed'), 0);
  const { code, stderr } = await laptop.vault('import', own, 'unreadable');
  await chmod(join(own, 'closed'), 0o700);
  t.is(code, 1);
  t.regex(stderr, /the name is too long: .*\/d\/d\/d/);
  if (process.getuid?.() !== 0) {
    t.regex(stderr, /not allowed: .*secret/);
    t.regex(stderr, /not allowed: .*closed/);
  }
  t.is(mustSucceed(await laptop.vault('cat', 'unreadable/open')).stdout, 'x');
});

test.serial('what was interrupted goes on, in and out', async (t) => {
  const many = join(folder, 'many');
  await mkdir(many);
  const fileNames = Array.from({ length: 240 }, (_, at) => `file ${String(at).padStart(3, '0')}`);
  for (const name of fileNames) await writeFile(join(many, name), randomBytes(100_000));
  const segments = join(laptop.home, 'segments');
  const sizeBefore = await sizeOf(segments);
  const { child, outcome } = laptop.launch('vault', ['import', many, 'many']);
  await eventually(
    'some of it is stored',
    async () => (await sizeOf(segments)) > sizeBefore + 3_000_000,
  );
  child.kill('SIGINT');
  const { code, stderr } = await outcome;
  // On a fast machine it may have been done already; then there is nothing to go on with.
  if (code !== 0) {
    t.is(code, 130);
    t.regex(stderr, /what was stored stays: the same command goes on from there/);
  }
  // What was on its way when the client went is still being stored, and remembered as known.
  let stored: unknown[] = [];
  await eventually('what was on its way is stored', async () => {
    const before = stored.length;
    stored = (await laptop.json('ls', 'many')) as unknown[];
    await delay(300);
    return stored.length > 0 && stored.length === before;
  });
  const rest = await importJson(many, 'many');
  t.is(rest.files + rest.skipped, fileNames.length);
  t.true(
    rest.skipped >= stored.length,
    `what was there was not read again: ${JSON.stringify(rest)} ${String(stored.length)}`,
  );
  const target = join(folder, 'many out');
  const leaving = laptop.launch('vault', ['export', 'many', target]);
  await eventually(
    'some of it is there',
    async () => existsSync(target) && (await readdir(target)).length > 3,
  );
  leaving.child.kill('SIGINT');
  await leaving.outcome;
  const there = (await readdir(target)).length;
  t.false(
    (await readdir(target)).some((name) => name.startsWith('.vault-get-')),
    'nothing half',
  );
  const done = await exportJson('many', target);
  t.is(done.skipped, there);
  t.is(done.files, fileNames.length - there);
  t.deepEqual(folderShape(target), folderShape(many));
});

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) bytes += (await stat(join(directory, name))).size;
  return bytes;
}

test.serial('mistakes are named with what to do', async (t) => {
  for (const [words, status, complaint] of [
    [['import', join(source, 'docs/a.txt'), 'x'], 1, /not a directory[^]*vault put/],
    [['import', join(folder, 'none'), 'x'], 3, /no such file/],
    [['import', source, 'tree/docs/a.txt'], 1, /a file has this name/],
    [['export', 'tree/docs/a.txt', folder], 1, /not a directory[^]*vault get/],
    [['export', 'none', folder], 3, /no such file/],
    [['export', 'tree', join(source, 'docs/a.txt')], 4, /exists/],
  ] as const) {
    const { code, stderr } = await laptop.vault(...words);
    t.is(code, status, stderr);
    t.regex(stderr, complaint);
    t.regex(stderr, /try: /);
  }
});
