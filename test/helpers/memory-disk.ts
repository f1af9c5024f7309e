/**
 * The Disk port in memory, with what a crash would leave: bytes that were synced under names whose
 * directory was synced. `failing` makes one kind of call fail from then on.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { Disk, DiskFile } from '../../agent/ports.ts';

interface Inode {
  bytes: Buffer;
  synced: Buffer;
}

export interface MemoryDisk extends Disk {
  /** What is left after a power cut. */
  afterPowerCut(): MemoryDisk;
  /** The bytes of a file as a reader would see them now. */
  peek(path: string): Buffer | undefined;
  poke(path: string, bytes: Buffer): void;
  failing: 'sync' | 'write' | 'full' | undefined;
  readonly calls: string[];
}

export function memoryDisk(start: ReadonlyMap<string, Buffer> = new Map()): MemoryDisk {
  const names = new Map<string, Inode>();
  const durable = new Map<string, Inode>();
  for (const [path, bytes] of start) {
    const inode = { bytes, synced: bytes };
    names.set(path, inode);
    durable.set(path, inode);
  }
  const inodeOf = (path: string): Inode => {
    const inode = names.get(path);
    if (inode === undefined) throw new VaultError('not-found', { op: 'disk', subject: path });
    return inode;
  };
  const disk: MemoryDisk = {
    failing: undefined,
    calls: [],
    open(path, mode) {
      disk.calls.push(`open ${mode} ${path}`);
      if (mode === 'create') {
        if (names.has(path)) throw new VaultError('exists', { op: 'disk', subject: path });
        names.set(path, { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) });
      }
      return Promise.resolve(fileOf(disk, path, inodeOf(path)));
    },
    list: (directory) =>
      Promise.resolve(
        [...names.keys()]
          .filter((path) => path.startsWith(`${directory}/`))
          .map((path) => path.slice(directory.length + 1))
          .sort(),
      ),
    sizeOf: (path) => Promise.resolve(names.get(path)?.bytes.length),
    makeDirectory: () => Promise.resolve(),
    rename(source, target) {
      disk.calls.push(`rename ${target}`);
      names.set(target, inodeOf(source));
      names.delete(source);
      return Promise.resolve();
    },
    remove(path) {
      names.delete(path);
      return Promise.resolve();
    },
    syncDirectory(directory) {
      disk.calls.push(`syncDirectory ${directory}`);
      const inside = (path: string) => path.startsWith(`${directory}/`);
      for (const path of [...durable.keys()].filter(inside)) durable.delete(path);
      for (const [path, inode] of names) if (inside(path)) durable.set(path, inode);
      return Promise.resolve();
    },
    freeBytes: () => Promise.resolve(2 ** 40),
    totalBytes: () => Promise.resolve(2 ** 41),
    afterPowerCut: () =>
      memoryDisk(new Map([...durable].map(([path, { synced }]) => [path, synced]))),
    peek: (path) => names.get(path)?.bytes,
    poke(path, bytes) {
      names.set(path, { bytes, synced: bytes });
    },
  };
  return disk;
}

function fileOf(disk: MemoryDisk, path: string, inode: Inode): DiskFile {
  const fail = (kind: 'sync' | 'write'): void => {
    if (disk.failing === kind) throw new VaultError('io', { op: `disk.${kind}`, subject: path });
    if (kind === 'write' && disk.failing === 'full')
      throw new VaultError('disk-full', { op: 'disk.write', subject: path });
  };
  return {
    read: (offset, length) => Promise.resolve(inode.bytes.subarray(offset, offset + length)),
    readLent: (offset, length) =>
      Promise.resolve({
        bytes: inode.bytes.subarray(offset, offset + length),
        release: () => undefined,
      }),
    async write(offset, parts) {
      await Promise.resolve();
      fail('write');
      inode.bytes = Buffer.concat([inode.bytes.subarray(0, offset), ...parts]);
    },
    async sync() {
      await Promise.resolve();
      fail('sync');
      disk.calls.push(`sync ${path}`);
      inode.synced = inode.bytes;
    },
    truncate(size) {
      inode.bytes = inode.bytes.subarray(0, size);
      return Promise.resolve();
    },
    size: () => Promise.resolve(inode.bytes.length),
    close: () => Promise.resolve(),
  };
}
