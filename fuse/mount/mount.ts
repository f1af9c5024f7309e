/**
 * Getting a mount, as root and as anybody else, and giving it back. Root opens the device and lets
 * mount(8) attach it; others ask fusermount3, which is allowed to (`relay.ts`).
 */
import { closeSync, constants, openSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { VaultError } from '../../protocol/errors.ts';
import type { MountDriver } from '../../protocol/control/reports.ts';
import { maxWriteBytes } from '../protocol/constants.ts';
import type { Owner } from '../operations/inode.ts';
import { fileSystemType } from '../../protocol/text/mount-table.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { mountAt } from './mount-table.ts';
import { raiseReadAhead } from './read-ahead.ts';
import { run } from './run.ts';

/** How long a mount that is there already has to say that it lives. */
const aliveMs = 3_000;
const writeBackMs = 2_000;
const device = '/dev/fuse';

export interface MountOptions {
  /** Absolute. */
  readonly directory: string;
  /** Other users of the machine may look into it too. */
  readonly allowOther: boolean;
  readonly driver: MountDriver;
}

export function whoMounts(): Owner {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/**
 * A directory as the kernel lists it, without symlinks. What is mounted at it is not asked: it may be dead.
 * @throws VaultError `not-found`
 */
export async function realDirectory(directory: string): Promise<string> {
  try {
    const path = join(await realpath(dirname(directory)), basename(directory));
    return (await mountAt(path)) === undefined ? await realpath(path) : path;
  } catch (cause) {
    throw failure('not-found', directory, {
      detail: 'a mount needs a directory that is there',
      next: `make it first: mkdir -p ${directory}`,
      cause,
    });
  }
}

/**
 * Makes a directory fit to be mounted on: takes away what a dead agent left there.
 * @param directory of `realDirectory`
 * @throws VaultError `not-found`, `not-directory`, `exists`
 */
export async function prepareDirectory(directory: string): Promise<void> {
  await removeStale(directory);
  const there = await mountAt(directory);
  if (there !== undefined) {
    throw failure('exists', directory, {
      detail: `something is mounted there (${there.type})`,
      next: `choose another directory, or unmount that first: umount ${shellWord(directory)}`,
    });
  }
  if ((await stat(directory)).isDirectory()) return;
  throw failure('not-directory', directory, { next: 'give a directory' });
}

/** Takes away a mount of a vault that nobody answers for any more. @returns whether there was one */
export async function removeStale(directory: string): Promise<boolean> {
  const there = await mountAt(directory);
  if (there?.type !== fileSystemType || !(await isStale(directory))) return false;
  await unmount(directory, { lazy: true });
  return true;
}

/**
 * A mount whose server is gone answers everything with an error; one whose server hangs answers nothing,
 * and would hold a thread of ours.
 */
async function isStale(directory: string): Promise<boolean> {
  const seconds = String(aliveMs / 1000);
  // Of the file system: what is known of the directory the kernel says by itself, long after.
  const words = ['-k', '1', seconds, 'stat', '-f', '--', directory];
  const { status, errors } = await run('timeout', words);
  return status !== 0 && /not connected|connection abort/i.test(errors);
}

/**
 * As root: opens the device and mounts it. The descriptor may be handed to a child.
 * @throws VaultError `not-supported`, `denied`, `io`
 */
export async function mountAsRoot(options: MountOptions): Promise<number> {
  const descriptor = openDeviceFile();
  const settings = [
    'fd=3',
    'rootmode=40000',
    'user_id=0',
    'group_id=0',
    'default_permissions',
    'nosuid',
    'nodev',
    `max_read=${String(maxWriteBytes)}`,
    ...(options.allowOther ? ['allow_other'] : []),
  ].join(',');
  const words = ['-i', '-t', fileSystemType, '-o', settings, 'peervault', options.directory];
  const { status, errors } = await run('mount', words, { descriptor });
  if (status === 0) {
    await raiseReadAhead(options.directory);
    return descriptor;
  }
  closeSync(descriptor);
  throw failure('io', options.directory, { detail: `mount said: ${errors}` });
}

function openDeviceFile(): number {
  try {
    return openSync(device, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isMissing = code === 'ENOENT' || code === 'ENODEV' || code === 'ENXIO';
    throw failure(isMissing ? 'not-supported' : 'denied', device, {
      detail: (cause as Error).message,
      next: isMissing ? 'load the kernel module: modprobe fuse' : 'check the rights of /dev/fuse',
      cause,
    });
  }
}

/**
 * Takes a mount away. `lazy`: at once, whoever still uses it; what waits in it gets an error, also when
 * nobody is there to give one.
 * @throws VaultError `conflict` when it is in use, `io`
 */
export async function unmount(
  directory: string,
  { lazy }: { readonly lazy: boolean },
): Promise<void> {
  if ((await mountAt(directory)) === undefined) return;
  const isRoot = process.getuid?.() === 0;
  // -c: it does not look at the directory, which would wait for a server that hangs.
  const programs = isRoot ? ['umount'] : ['fusermount3', 'fusermount'];
  const words = isRoot ? (lazy ? ['-ic', '-f', '-l'] : ['-ic']) : lazy ? ['-u', '-z'] : ['-u'];
  let errors = '';
  for (const program of programs) {
    const ended = await run(program, [...words, '--', directory]);
    if (ended.status === 0) return;
    errors = ended.errors;
    if (ended.status !== undefined) break;
  }
  throw failure(/busy/i.test(errors) ? 'conflict' : 'io', directory, {
    detail: `${programs[0] ?? ''} said: ${errors}`,
    next: 'end the programs that use it (fuser -vm DIR shows them), or give --force',
  });
}

/** Asks the kernel for the bytes that programs wrote and it still keeps, and waits for a while. */
export async function writeBack(directory: string): Promise<void> {
  await run('timeout', ['-k', '1', String(writeBackMs / 1000), 'sync', '-f', '--', directory]);
}

export function failure(
  code: ConstructorParameters<typeof VaultError>[0],
  subject: string,
  more: { readonly detail?: string; readonly next?: string; readonly cause?: unknown },
): VaultError {
  return new VaultError(code, { op: 'mount', subject, ...more });
}

export function closeDescriptor(descriptor: number): void {
  closeSync(descriptor);
}
