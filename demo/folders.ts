/** The folder that goes in, and whether the one that comes out is the same. */
import { execFile } from 'node:child_process';
import { cp, lstat, mkdir, readFile, readdir, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from './programs.ts';
import type { Workspace } from './workspace.ts';

const run = promisify(execFile);

export interface FolderSize {
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
}

/** Copies the project's tracked files (without git: its sources) to a folder of their own. */
export async function copySources(workspace: Workspace): Promise<string> {
  const folder = join(workspace.root, 'peervault');
  for (const file of await trackedFiles()) {
    const target = join(folder, file);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(packageRoot, file), target, { preserveTimestamps: true, verbatimSymlinks: true });
  }
  return folder;
}

async function trackedFiles(): Promise<readonly string[]> {
  try {
    const { stdout } = await run('git', ['-C', packageRoot, 'ls-files', '-z'], {
      maxBuffer: 64 * 1024 * 1024,
    });
    const files = stdout.split('\0').filter((file) => file !== '');
    const present = await Promise.all(
      files.map((file) =>
        lstat(join(packageRoot, file)).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (files.length > 0) return files.filter((_, index) => present[index]);
  } catch {
    // No git or no repository: an unpacked archive. The folder listing below serves as well.
  }
  const skipped = new Set(['node_modules', 'dist', '.git']);
  const names = await readdir(packageRoot, { recursive: true, withFileTypes: true });
  return names
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(packageRoot.length + 1))
    .filter((file) => !file.split('/').some((part) => skipped.has(part)));
}

export async function measureFolder(folder: string): Promise<FolderSize> {
  const size = { files: 0, directories: 0, bytes: 0 };
  for (const name of ['.', ...(await readdir(folder, { recursive: true }))]) {
    const stats = await lstat(join(folder, name));
    if (stats.isDirectory()) size.directories++;
    else if (stats.isFile()) {
      size.files++;
      size.bytes += stats.size;
    }
  }
  return size;
}

/** What differs between two folders, a line each. */
export async function compareFolders(left: string, right: string): Promise<readonly string[]> {
  const names = new Set([
    ...(await readdir(left, { recursive: true })),
    ...(await readdir(right, { recursive: true })),
  ]);
  const differences: string[] = [];
  for (const name of names) {
    const difference = await compareEntries(join(left, name), join(right, name));
    if (difference !== undefined) differences.push(`${name}: ${difference}`);
  }
  return differences;
}

async function compareEntries(left: string, right: string): Promise<string | undefined> {
  const [a, b] = await Promise.all([describe(left), describe(right)]);
  if (a === undefined || b === undefined)
    return a === undefined ? 'only in the second' : 'only in the first';
  if (a.kind !== b.kind) return `${a.kind} and ${b.kind}`;
  if (a.kind !== 'symlink' && a.mode !== b.mode) return `mode ${a.mode} and ${b.mode}`;
  if (a.kind === 'file' && a.mtimeNs !== b.mtimeNs) return 'different times';
  return a.content.equals(b.content) ? undefined : 'different content';
}

interface Description {
  readonly kind: string;
  readonly mode: string;
  readonly mtimeNs: bigint;
  readonly content: Buffer;
}

async function describe(path: string): Promise<Description | undefined> {
  const stats = await lstat(path, { bigint: true }).catch(() => undefined);
  if (stats === undefined) return undefined;
  const common = { mode: (stats.mode & 0o7777n).toString(8), mtimeNs: stats.mtimeNs };
  if (stats.isSymbolicLink())
    return { ...common, kind: 'symlink', content: Buffer.from(await readlink(path)) };
  if (stats.isDirectory()) return { ...common, kind: 'directory', content: Buffer.alloc(0) };
  return { ...common, kind: 'file', content: await readFile(path) };
}
