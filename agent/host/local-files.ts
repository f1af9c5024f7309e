/**
 * Files of clients on the same kernel, opened by the name that a client gives. The name is a claim: the
 * kernel's list of mounts says beforehand, without touching anything, whether the file system is one
 * that answers by itself, so never the agent's own mount or a server; and the descriptor says afterwards
 * whether it is the file that the client means. Anything that is not as it should be gives undefined.
 */
import { constants, readFileSync } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { hasFingerprint } from '../../protocol/control/fingerprint.ts';
import { VaultError, type ErrorCode } from '../../protocol/errors.ts';
import { control } from '../../protocol/limits.ts';
import { parseMountTable, type MountEntry } from '../../protocol/text/mount-table.ts';
import type { LocalFiles, LocalSource, LocalTarget } from '../ports.ts';
import { io, writeFully } from './file-io.ts';

/** File systems whose files are on this machine, and that ask no other process for them. */
const localTypes: ReadonlySet<string> = new Set([
  ...['bcachefs', 'btrfs', 'ext2', 'ext3', 'ext4', 'f2fs', 'jfs', 'nilfs2', 'overlay', 'ramfs'],
  ...['reiserfs', 'tmpfs', 'xfs', 'zfs'],
]);

/** A pipe or a device that took the file's place must not make us wait, a link not lead us elsewhere. */
const safely = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** undefined where the kernel has no name for its run: then nobody can say that it is the same one. */
export function createLocalFiles(
  bootIdFile = '/proc/sys/kernel/random/boot_id',
): LocalFiles | undefined {
  const bootId = readBootId(bootIdFile);
  if (bootId === undefined) return undefined;
  return {
    bootId,
    async openSource(path, fingerprint) {
      const handle = await openNamed(path, constants.O_RDONLY);
      if (handle === undefined) return undefined;
      const source = sourceOf(handle, path, fingerprint);
      if (await isFile(handle, fingerprint)) return source;
      await handle.close();
      return undefined;
    },
    async openTarget(path, fingerprint) {
      const handle = await openNamed(path, constants.O_WRONLY);
      if (handle === undefined) return undefined;
      if (await isEmptyOfOurs(handle, fingerprint)) return targetOf(handle, path);
      await handle.close();
      return undefined;
    },
  };
}

function readBootId(file: string): Buffer | undefined {
  try {
    const id = Buffer.from(readFileSync(file, 'latin1').replaceAll('-', ''), 'hex');
    return id.length === control.bootIdBytes ? id : undefined;
  } catch {
    return undefined;
  }
}

async function openNamed(path: Buffer, flags: number): Promise<FileHandle | undefined> {
  try {
    const mounts = parseMountTable(await readFile('/proc/self/mountinfo', 'latin1'));
    if (!isLocal(path, mounts)) return undefined;
    return await open(path, flags | safely);
  } catch {
    return undefined;
  }
}

/**
 * Whether the path is on a file system of this machine: the one that is mounted nearest above it, and
 * whatever has been mounted over that since.
 * @param path absolute, without links in it
 */
export function isLocal(path: Buffer, mounts: readonly MountEntry[]): boolean {
  const text = path.toString('latin1');
  if (!text.startsWith('/') || text.includes('\0')) return false;
  let nearest: MountEntry | undefined;
  let local = false;
  for (const mount of mounts) {
    if (!isBelow(text, mount.directory)) continue;
    const isNearer = mount.directory.length >= (nearest?.directory.length ?? 0);
    if (isNearer) nearest = mount;
    local = localTypes.has(mount.type) && (isNearer || local);
  }
  return local;
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}

async function isFile(handle: FileHandle, fingerprint: Uint8Array): Promise<boolean> {
  try {
    const stats = await handle.stat({ bigint: true });
    return stats.isFile() && hasFingerprint(stats, fingerprint);
  } catch {
    return false;
  }
}

/** A file that the client has just made: nothing that anybody has can be written over. */
async function isEmptyOfOurs(handle: FileHandle, fingerprint: Uint8Array): Promise<boolean> {
  try {
    const stats = await handle.stat({ bigint: true });
    const isOurs = Number(stats.uid) === process.getuid?.() && stats.nlink === 1n;
    return isOurs && stats.isFile() && stats.size === 0n && hasFingerprint(stats, fingerprint);
  } catch {
    return false;
  }
}

function targetOf(handle: FileHandle, path: Buffer): LocalTarget {
  return {
    async write(offset, parts) {
      try {
        await writeFully(handle, offset, parts);
      } catch (error) {
        throw writeError(path.toString(), error);
      }
    },
    close: () => handle.close(),
  };
}

/** What a full disk says, as the client says it of a file that it writes itself. */
const fullDisks: Readonly<Record<string, { readonly code: ErrorCode; readonly next: string }>> = {
  ENOSPC: {
    code: 'disk-full',
    next: 'make room on this disk, or give a place on another one',
  },
  EDQUOT: { code: 'quota-full', next: 'make room, or give a place on another disk' },
};

function writeError(subject: string, cause: unknown): VaultError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const full = fullDisks[code ?? ''];
  const op = 'local.write';
  if (full !== undefined) return new VaultError(full.code, { op, subject, next: full.next, cause });
  const next = 'the system says no more; its log may: dmesg';
  return new VaultError('io', { op, subject, detail: message, next, cause });
}

function sourceOf(handle: FileHandle, path: Buffer, fingerprint: Uint8Array): LocalSource {
  const shown = path.toString();
  return {
    read: (offset, into) =>
      io('local.read', shown, async () => {
        const { bytesRead } = await handle.read(into, 0, into.length, offset);
        return bytesRead;
      }),
    isUnchanged: () => isFile(handle, fingerprint),
    close: () => handle.close(),
  };
}
