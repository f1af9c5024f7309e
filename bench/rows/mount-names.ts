/** Names and small files in a mount: what file managers, builds and backups do all day. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dropCaches, mustBeSame, runProgram, settleDisk } from '../measure/programs.ts';
import { must, wish, type Goal, type Row, type RowContext } from '../measure/row.ts';
import { secondsOf } from '../measure/session.ts';
import { gocryptfs, onFolders, type Folder, type FolderWork } from '../peers/folders.ts';
import { smallLoad } from '../peers/load.ts';
import { rawDisk } from '../peers/raw-disk.ts';

const rounds = 5;
const names = 10_000;
const created = 2_000;
const synced = 200;
const loadProgram = join(import.meta.dirname, '..', 'peers', 'folder-load.ts');

export const mountNames: readonly Row[] = [
  row(
    'mount-stat',
    `one lstat each of ${String(names)} files in a mount, none of them known to the kernel`,
    [wish(1, gocryptfs)],
    onNames('stat'),
  ),
  row(
    'mount-open',
    `open and close of ${String(names)} files in a mount, one after the other`,
    [wish(1, gocryptfs)],
    onNames('open'),
  ),
  row(
    'mount-create',
    `${String(created)} files are made in a mount and removed again`,
    [wish(1, gocryptfs)],
    {
      async measure(folder) {
        await settleDisk();
        return (2 * created) / (await load('create', folder.path, created));
      },
    },
  ),
  {
    ...row(
      'mount-list',
      `a directory of ${String(names)} files in a mount is listed, with lstat of each, like ls -l`,
      [must(1, gocryptfs)],
      onNames('list'),
    ),
    unit: 'files/s',
  },
  {
    ...row(
      'mount-fsync',
      'write of 4 KiB and fsync in a mount, one after the other',
      [wish(1, gocryptfs), wish(2, rawDisk)],
      {
        async measure(folder) {
          await settleDisk();
          return ((await load('fsync', folder.path, synced)) * 1000) / synced;
        },
      },
    ),
    unit: 'ms',
  },
  treeRow(
    'mount-tree-in',
    'a tree of small files is copied into a mount with cp -r',
    async (folder, source) => {
      const copy = join(folder.path, 'copy');
      const seconds = await secondsOf(() => runProgram(['cp', '-r', source, copy]));
      await mustBeSame(source, copy);
      await rm(copy, { recursive: true });
      return seconds;
    },
  ),
  treeRow(
    'mount-tree-out',
    'a tree of small files is copied out of a mount with cp -r',
    async (folder, source) => {
      const [inside, target] = [join(folder.path, 'tree'), join(folder.beneath, '..', 'out')];
      await runProgram(['cp', '-rnT', source, inside]);
      await folder.idle();
      await forgetNames(folder);
      const seconds = await secondsOf(() => runProgram(['cp', '-r', inside, target]));
      await mustBeSame(source, target);
      await rm(target, { recursive: true });
      return seconds;
    },
  ),
];

function row(name: string, title: string, goals: readonly Goal[], work: FolderWork): Row {
  return { name, title, unit: 'ops/s', rounds, goals, contestants: () => onFolders(work) };
}

/** On a directory of empty files that the kernel knows nothing of, while what lies beneath is at hand. */
function onNames(action: string): FolderWork {
  const directory = ({ path }: Folder): string => join(path, 'names');
  return {
    async prepare(folder) {
      await load('fill', directory(folder), names);
    },
    async measure(folder) {
      await forgetNames(folder);
      return names / (await load(action, directory(folder), names));
    },
  };
}

function treeRow(
  name: string,
  title: string,
  copy: (folder: Folder, source: string) => Promise<number>,
): Row {
  return {
    ...{ name, title, rounds, unit: 'files/s', goals: [must(1, gocryptfs)] },
    contestants: (context: RowContext) =>
      onFolders({
        async measure(folder) {
          const { path, amount } = await smallLoad(context)();
          await settleDisk();
          return amount / (await copy(folder, path));
        },
      }),
  };
}

/** A disk that has to be read would hide what the file system costs. */
async function forgetNames({ path, beneath }: Folder): Promise<void> {
  await dropCaches();
  if (path === beneath) return;
  await runProgram(['tar', '-cf', '/dev/null', '.'], { cwd: beneath });
}

async function load(action: string, folder: string, count: number): Promise<number> {
  return Number(await runProgram([process.execPath, loadProgram, action, folder, String(count)]));
}
