/**
 * The Disk port over real files below one directory. Bulk files are read past the page cache where the
 * file system does that (`direct-file.ts`), and what is written to them leaves it soon
 * (`written-pages.ts`). Node opens every file with O_CLOEXEC, so that children inherit none of them.
 */
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError } from '../../protocol/errors.ts';
import { MiB } from '../../protocol/limits.ts';
import type { Disk, DiskFile, Log } from '../ports.ts';
import { createAlignedMemory, lend, type AlignedMemory } from './aligned-memory.ts';
import { createDirectFile, isRefusal } from './direct-file.ts';
import { io, readFully, readFullyNow, writeFully, writeFullyNow } from './file-io.ts';
import { QuickReads } from './quick-reads.ts';
import { loadDropPages, WrittenPages, type DropPages } from './written-pages.ts';

const fileMode = 0o600;
const directoryMode = 0o700;
const lendingBytes = 24 * MiB;

const openFlags = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
} as const satisfies Record<Parameters<Disk['open']>[1], number>;

export interface NodeDiskOptions {
  /** Whether bulk files are read past the page cache. @default true */
  readonly directIo?: boolean | undefined;
  readonly log?: Log | undefined;
}

/**
 * Files below `root`, an absolute path. `''` names the root itself where a directory is asked for.
 * Mode `write` and `create` also allow reading.
 */
export function createNodeDisk(root: string, options: NodeDiskOptions = {}): Disk {
  const at = (path: string): string => (path === '' ? root : join(root, checkPath(path)));
  const bulk = createBulkOpener(options);
  return {
    open: (path, mode, asked = {}) =>
      io('disk.open', path, async () => {
        const flags = openFlags[mode] | constants.O_NOFOLLOW;
        const plain = await open(at(path), flags, fileMode);
        const file = { path, at: at(path), plain, mode: mode === 'read' ? mode : 'write' } as const;
        return asked.bulk === true ? bulk(file) : createNodeFile(path, plain);
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
    totalBytes: () =>
      io('disk.totalBytes', root, async () => {
        const { blocks, bsize } = await statfs(root);
        return blocks * bsize;
      }),
  };
}

interface BulkFile {
  readonly path: string;
  /** The path as the system knows it. */
  readonly at: string;
  readonly plain: FileHandle;
  readonly mode: 'read' | 'write';
}

/**
 * Files that are read are opened once more for direct I/O, and what is written to one leaves the page cache soon;
 * where that is not to be had, they are as any other.
 */
function createBulkOpener({
  directIo = true,
  log,
}: NodeDiskOptions): (file: BulkFile) => Promise<DiskFile> {
  let wanted = directIo;
  let memory: AlignedMemory | undefined;
  let dropPages: Promise<DropPages | undefined> | undefined;
  const refuse = (reason: unknown): void => {
    if (wanted) log?.debug({ reason }, 'no direct I/O here: bulk bytes go through the page cache');
    wanted = false;
  };
  return async ({ path, at, plain, mode }) => {
    memory ??= createAlignedMemory(lendingBytes);
    if (!memory.aligned) refuse('no aligned memory');
    const file = createNodeFile(path, plain, memory);
    if (!wanted) return file;
    if (mode === 'write') {
      return leavingCache(file, new WrittenPages(plain.fd, () => (dropPages ??= loadDropPages())));
    }
    try {
      const direct = await open(at, openFlags.read | constants.O_NOFOLLOW | constants.O_DIRECT);
      const parts = { path, plain: file, plainHandle: plain, direct, memory };
      return createDirectFile({ ...parts, onRefused: refuse });
    } catch (error) {
      if (isRefusal(error)) {
        refuse(error);
        return file;
      }
      await plain.close();
      throw error;
    }
  };
}

function createNodeFile(path: string, handle: FileHandle, memory?: AlignedMemory): DiskFile {
  const quick = new QuickReads();
  return {
    readNow: (offset, length) =>
      quick.try(() => readFullyNow(handle.fd, offset, Buffer.allocUnsafeSlow(length))),
    // Not from Node's shared pool: who reads may hand the memory to a worker.
    read: (offset, length) =>
      io('file.read', path, () => readFully(handle, offset, Buffer.allocUnsafeSlow(length))),
    readLent: (offset, length) =>
      io('file.read', path, async () => {
        const { bytes, release } = lend(memory, length);
        return { bytes: await readFully(handle, offset, bytes), release };
      }),
    write: (offset, parts) => io('file.write', path, () => writeFully(handle, offset, parts)),
    writeNow: (offset, parts) => {
      writeFullyNow({ descriptor: handle.fd, path }, offset, parts);
    },
    sync: () => io('file.sync', path, () => handle.datasync()),
    truncate: (size) => io('file.truncate', path, () => handle.truncate(size)),
    size: () => io('file.size', path, async () => (await handle.stat()).size),
    close: () => io('file.close', path, () => handle.close()),
  };
}

/** The same file; what is written to it does not stay in the page cache. */
function leavingCache(file: DiskFile, pages: WrittenPages): DiskFile {
  return {
    ...file,
    write: async (offset, parts) => {
      await file.write(offset, parts);
      pages.wrote(
        offset,
        parts.reduce((sum, { length }) => sum + length, 0),
      );
    },
    sync: async () => {
      const { end } = pages;
      await file.sync();
      pages.synced(end);
    },
    close: async () => {
      await pages.idle();
      await file.close();
    },
  };
}

/** Refuses whatever could leave the root. */
function checkPath(path: string): string {
  const names = path.split('/');
  const fine = names.every((name) => name !== '' && name !== '.' && name !== '..');
  if (fine && !path.includes('\0')) return path;
  throw new VaultError('usage', { op: 'disk', subject: path, detail: 'not a path below the home' });
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
