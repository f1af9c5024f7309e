/**
 * A home on the disk of this machine: looked at, checked, made. `init` and `join` build it in a
 * staging directory inside it and move it into place with the format file last; what a crash leaves
 * is either a home, or a home that the next program completes, or something that counts as empty.
 */
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { VaultError } from '../../protocol/errors.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { checkFormat, formatFileBytesMax, formatText } from '../home/format.ts';
import { homeDirectories, homeFiles, stagingDirectory } from '../home/layout.ts';
import { checkHomePath } from './path-trust.ts';

/** `empty`: an agent could make a home here. `foreign`: something else is here. */
export type HomeState = 'missing' | 'empty' | 'complete' | 'foreign';

/** What is at a path, without changing it. */
export async function inspectHome(home: string): Promise<HomeState> {
  const names = await namesIn(home);
  if (names === undefined) return 'missing';
  if (names.includes(homeFiles.format)) return 'complete';
  if (names.includes(stagingDirectory) && (await isStaged(home))) return 'complete';
  const ours: readonly string[] = [homeFiles.lock, stagingDirectory];
  return names.every((name) => ours.includes(name)) ? 'empty' : 'foreign';
}

/**
 * Makes the directory itself, if need be, and checks its whole path.
 * @returns the path without symbolic links, and whether it was made
 * @throws VaultError `home-invalid`
 */
export async function prepareHome(home: string): Promise<{ path: string; made: boolean }> {
  const made = (await namesIn(home)) === undefined;
  if (made) await makeDirectories(home);
  const path = await realpath(home);
  await checkHomePath(path);
  return { path, made };
}

/**
 * Checks a complete home and finishes the move that a crash interrupted. To be called with the lock
 * held.
 * @throws VaultError `home-invalid`, `home-newer`
 */
export async function openHome(home: string): Promise<void> {
  await checkHomePath(home);
  if (await isStaged(home)) await commitStaging(home);
  checkFormat(await readFormat(home), home);
  // Directories are 0700, whatever a restored backup made of them.
  for (const name of ['', ...homeDirectories]) await ensurePrivate(join(home, name));
}

/** An empty home to build in; removes what a crash left of an earlier attempt. */
export async function openStaging(home: string): Promise<string> {
  const staging = join(home, stagingDirectory);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { mode: 0o700 });
  for (const name of homeDirectories) await mkdir(join(staging, name), { mode: 0o700 });
  return staging;
}

/** Writes one file of a home to be, and syncs it. */
export async function writeStaged(staging: string, name: string, text: string): Promise<void> {
  const file = await open(join(staging, name), 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Says that the staging directory is whole, and makes it the home. */
export async function finishStaging(home: string): Promise<void> {
  const staging = join(home, stagingDirectory);
  for (const name of homeDirectories) await syncDirectory(join(staging, name));
  await writeStaged(staging, homeFiles.format, formatText());
  await syncDirectory(staging);
  await syncDirectory(home);
  await commitStaging(home);
}

/** Leaves nothing of an attempt: not the staging, and not the directory if it was made for it. */
export async function abandonStaging(home: string, made: boolean): Promise<void> {
  await rm(join(home, stagingDirectory), { recursive: true, force: true });
  await rm(join(home, homeFiles.lock), { force: true });
  if (made) await rmdir(home);
}

/** Text of `config.toml`, or undefined when there is none. */
export async function readConfigFile(home: string): Promise<string | undefined> {
  return readOptional(join(home, homeFiles.config));
}

async function commitStaging(home: string): Promise<void> {
  const staging = join(home, stagingDirectory);
  const names = (await readdir(staging)).filter((name) => name !== homeFiles.format);
  for (const name of names) await rename(join(staging, name), join(home, name));
  await syncDirectory(home);
  await rename(join(staging, homeFiles.format), join(home, homeFiles.format));
  await rmdir(staging);
  await syncDirectory(home);
}

async function isStaged(home: string): Promise<boolean> {
  return (await readOptional(join(home, stagingDirectory, homeFiles.format))) !== undefined;
}

async function readFormat(home: string): Promise<string> {
  const text = await readOptional(join(home, homeFiles.format));
  if (text !== undefined) return text.slice(0, formatFileBytesMax);
  throw new VaultError('home-invalid', {
    op: 'home.open',
    subject: home,
    detail: 'there is no vault in it',
    next: `make one with: vaultd init --home ${shellWord(home)}`,
  });
}

async function ensurePrivate(directory: string): Promise<void> {
  const facts = await lstat(directory).catch(ignoreMissing);
  if (facts === undefined) await mkdir(directory, { mode: 0o700 });
  else if ((facts.mode & 0o077) !== 0) await chmod(directory, 0o700);
}

async function makeDirectories(home: string): Promise<void> {
  try {
    await mkdir(dirname(home), { recursive: true, mode: 0o700 });
    await mkdir(home, { mode: 0o700 });
    await syncDirectory(dirname(home));
  } catch (cause) {
    throw new VaultError('home-invalid', {
      op: 'home.make',
      subject: home,
      detail: cause instanceof Error ? cause.message : undefined,
      next: 'choose another directory with --home or VAULT_HOME',
      cause,
    });
  }
}

async function namesIn(directory: string): Promise<string[] | undefined> {
  try {
    return await readdir(directory);
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return undefined;
    throw new VaultError('home-invalid', {
      op: 'home.open',
      subject: directory,
      detail: hasCode(cause, 'ENOTDIR')
        ? `${basename(directory)} is not a directory`
        : String(cause),
      next: 'give a directory with --home or VAULT_HOME',
      cause,
    });
  }
}

async function readOptional(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(ignoreMissing);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
