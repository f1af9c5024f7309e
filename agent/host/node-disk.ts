/**
 * The Disk port over real files below one directory. It owns what Node leaves to the caller: short
 * writes, the limit of buffers in one vectored write, and the translation of errno. Node opens every
 * file with O_CLOEXEC, so that children inherit none of them.
 */
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError, type ErrorCode } from '../../protocol/errors.ts';
import type { Disk, DiskFile } from '../ports.ts';

const fileMode = 0o600;
const directoryMode = 0o700;
/** Linux refuses more than 1024 in one call. */
const partsPerWriteMax = 1000;

const openFlags = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
} as const satisfies Record<Parameters<Disk['open']>[1], number>;

/**
 * Files below `root`, an absolute path. `''` names the root itself where a directory is asked for.
 * Mode `write` and `create` also allow reading.
 */
export function createNodeDisk(root: string): Disk {
  const at = (path: string): string => (path === '' ? root : join(root, checkPath(path)));
  return {
    open: (path, mode) =>
      io('disk.open', path, async () => {
        const flags = openFlags[mode] | constants.O_NOFOLLOW;
        return createNodeFile(path, await open(at(path), flags, fileMode));
      }),
    list: (directory) =>
      io('disk.list', directory, () => readdir(at(directory)).then(sorted, emptyWhenMissing)),
    sizeOf: (path) =>
      io('disk.sizeOf', path, () => stat(at(path)).then((stats) => stats.size, absentWhenMissing)),
    makeDirectory: (path) =>
      io('disk.makeDirectory', path, async () => {
        await mkdir(at(path), { recursive: true, mode: directoryMode });
      }),
    rename: (source, target) => io('disk.rename', source, () => rename(at(source), at(target))),
    remove: (path) => io('disk.remove', path, () => rm(at(path), { force: true })),
    syncDirectory: (directory) =>
      io('disk.syncDirectory', directory, async () => {
        const handle = await open(at(directory), constants.O_RDONLY | constants.O_DIRECTORY);
        try {
          await handle.sync();
        } finally {
          await handle.close();
        }
      }),
    freeBytes: () =>
      io('disk.freeBytes', root, async () => {
        const { bavail, bsize } = await statfs(root);
        return bavail * bsize;
      }),
  };
}

function createNodeFile(path: string, handle: FileHandle): DiskFile {
  return {
    read: (offset, length, into) =>
      io('file.read', path, () => readFully(handle, offset, memoryFor(length, into))),
    write: (offset, parts) => io('file.write', path, () => writeFully(handle, offset, parts)),
    sync: () => io('file.sync', path, () => handle.datasync()),
    truncate: (size) => io('file.truncate', path, () => handle.truncate(size)),
    size: () => io('file.size', path, async () => (await handle.stat()).size),
    close: () => io('file.close', path, () => handle.close()),
  };
}

function memoryFor(length: number, into: Uint8Array | undefined): Buffer {
  if (into !== undefined && into.length >= length) {
    return Buffer.from(into.buffer, into.byteOffset, length);
  }
  // Not from Node's shared pool: who reads may hand the memory to a worker.
  return Buffer.allocUnsafeSlow(length);
}

async function readFully(handle: FileHandle, offset: number, buffer: Buffer): Promise<Buffer> {
  const { length } = buffer;
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

async function writeFully(
  handle: FileHandle,
  offset: number,
  parts: readonly Uint8Array[],
): Promise<void> {
  let position = offset;
  let rest = parts.filter((part) => part.length > 0);
  while (rest.length > 0) {
    const now = rest.slice(0, partsPerWriteMax);
    const { bytesWritten } = await handle.writev(now, position);
    if (bytesWritten === 0) {
      throw new VaultError('io', { op: 'file.write', detail: 'the disk accepted no bytes' });
    }
    position += bytesWritten;
    rest = [...withoutFirst(now, bytesWritten), ...rest.slice(partsPerWriteMax)];
  }
}

/** What is left of `parts` when their first `count` bytes are gone. */
export function withoutFirst(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  const rest: Uint8Array[] = [];
  for (const part of parts) {
    if (left >= part.length) {
      left -= part.length;
    } else {
      rest.push(part.subarray(left));
      left = 0;
    }
  }
  return rest;
}

/** Refuses whatever could leave the root. */
function checkPath(path: string): string {
  const names = path.split('/');
  const fine = names.every((name) => name !== '' && name !== '.' && name !== '..');
  if (fine && !path.includes('\0')) return path;
  throw new VaultError('usage', { op: 'disk', subject: path, detail: 'not a path below the home' });
}

const codesOfErrno: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'not-found',
  EEXIST: 'exists',
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
};

/** Runs one operation and translates its failure. */
async function io<T>(op: string, subject: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof VaultError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const ours = codesOfErrno[code ?? ''] ?? 'io';
    const next = ours === 'disk-full' ? 'free some space; writing goes on by itself' : undefined;
    throw new VaultError(ours, { op, subject, detail: message, next, cause: error });
  }
}

function sorted(entries: string[]): string[] {
  return entries.sort();
}

function emptyWhenMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

function absentWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
