/**
 * The Disk port as a page cache over a platter. Writes reach the cache; `sync` moves a file's bytes to
 * the platter, `syncDirectory` its name. A power cut keeps the platter and a random part of what was
 * on its way: any subset of the unsynced writes, each possibly torn, and of the changes of names.
 * A failed sync is the nasty kind: the cache still shows the bytes, later syncs succeed without them.
 */
import { VaultError, type ErrorCode } from '../../../protocol/errors.ts';
import type { Disk, DiskFile } from '../../../agent/ports.ts';
import { padded } from './padded-file.ts';

export type DiskCall =
  | 'open'
  | 'list'
  | 'sizeOf'
  | 'makeDirectory'
  | 'rename'
  | 'remove'
  | 'syncDirectory'
  | 'freeBytes'
  | 'totalBytes'
  | 'read'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'size'
  | 'close';

/** Asked before every operation; a code makes it fail. */
export type DiskFault = (call: DiskCall, path: string) => ErrorCode | undefined;

export interface SimDiskOptions {
  /** Seeded: 0 <= x < 1. */
  readonly fraction: () => number;
  /** What every operation waits for. @default a microtask */
  readonly tick?: () => Promise<void>;
  /** @default no limit */
  readonly quotaBytes?: number;
  /** Control arm: `sync` and `syncDirectory` say yes and do nothing. */
  readonly lying?: boolean;
}

export interface SimDisk extends Disk {
  /** The disk as one life of the machine sees it: after `crash` and `kill` all of it fails. */
  boot(): Disk;
  /** Power cut: open files die, what did not reach the platter may be gone. */
  crash(): void;
  /** The process died: open files die, the cache stays. */
  kill(): void;
  fault: DiskFault | undefined;
  quotaBytes: number;
  /** Bit rot: the file reaches the platter, and one bit of it is flipped there and in the cache. */
  flipBit(path: string, bit: number): void;
  /** What a reader sees now. */
  peek(path: string): Buffer | undefined;
  /** Whether a power cut took some of these bytes of a file, which had not been synced. */
  hasLost(path: string, range: Range): boolean;
  /** Puts a file there, durably. */
  plant(path: string, bytes: Uint8Array): void;
  readonly paths: readonly string[];
  /** Operations so far. */
  readonly operations: number;
  /** What all files take together. */
  readonly usedBytes: number;
}

type Change =
  | { readonly type: 'write'; readonly offset: number; readonly bytes: Buffer }
  | { readonly type: 'truncate'; readonly size: number };

/** From the first byte to the one behind the last. */
interface Range {
  readonly offset: number;
  readonly end: number;
}

interface Inode {
  cache: Content;
  platter: Content;
  /** On their way to the platter. */
  unsynced: Change[];
  /** A sync of them failed: no later sync writes them. */
  limbo: Change[];
  /** What power cuts took. */
  lost: Range[];
}

/** One change of names: atomic. */
interface NameChange {
  readonly directory: string;
  readonly removed: string | undefined;
  readonly added: readonly [string, Inode] | undefined;
}

interface OpenHow {
  readonly mode: Parameters<Disk['open']>[1];
  readonly bulk: boolean;
}

const manyBytes = 2 ** 50;

export function createSimDisk(options: SimDiskOptions): SimDisk {
  const { fraction, tick = () => Promise.resolve(), lying = false } = options;
  let names = new Map<string, Inode>();
  const durableNames = new Map<string, Inode>();
  let nameChanges: NameChange[] = [];
  let life = 0;
  let operations = 0;

  /** Waits, fails if it has to, else does it at once: no power cut comes between. */
  const run = async <T>(
    call: DiskCall,
    path: string,
    born: number,
    action: () => T,
  ): Promise<T> => {
    operations += 1;
    await tick();
    if (born !== life) throw failure('io', call, path, 'the machine is gone');
    const code = disk.fault?.(call, path);
    if (code === undefined) return action();
    onFault(call, path);
    throw failure(code, call, path, 'injected');
  };
  /** What a failing operation leaves behind. */
  const onFault = (call: DiskCall, path: string): void => {
    const inode = names.get(path);
    if (call === 'sync') inode?.limbo.push(...inode.unsynced.splice(0));
  };
  const usedBytes = (): number =>
    [...new Set(names.values())].reduce((sum, { cache }) => sum + cache.size, 0);
  const change = (directory: string, removed?: string, added?: readonly [string, Inode]): void => {
    nameChanges.push({ directory, removed, added });
    applyName(names, { directory, removed, added });
  };
  const inodeOf = (call: DiskCall, path: string): Inode => {
    const inode = names.get(path);
    if (inode === undefined) throw failure('not-found', call, path);
    return inode;
  };

  const put = (inode: Inode, offset: number, bytes: Buffer): void => {
    inode.cache.write(offset, bytes);
    inode.unsynced.push({ type: 'write', offset, bytes });
  };
  const write = (
    path: string,
    inode: Inode,
    { offset, bytes }: { offset: number; bytes: Buffer },
  ) => {
    const growth = Math.max(0, offset + bytes.length - inode.cache.size);
    const room = disk.quotaBytes - usedBytes();
    if (growth <= room) {
      put(inode, offset, bytes);
      return;
    }
    put(inode, offset, bytes.subarray(0, Math.max(0, bytes.length - (growth - room))));
    throw failure('disk-full', 'write', path);
  };
  const fileOf = (path: string, inode: Inode, born: number): DiskFile => ({
    read: (offset, length) => run('read', path, born, () => inode.cache.read(offset, length)),
    readLent: (offset, length) =>
      run('read', path, born, () => ({
        bytes: inode.cache.read(offset, length),
        release: () => undefined,
      })),
    async write(offset, parts) {
      const bytes = Buffer.concat(parts);
      try {
        await run('write', path, born, () => {
          write(path, inode, { offset, bytes });
        });
      } catch (error) {
        // A write that fails may have written some of its bytes.
        if (born === life && disk.fault !== undefined) put(inode, offset, torn(bytes, fraction));
        throw error;
      }
    },
    sync: () =>
      run('sync', path, born, () => {
        if (lying) return;
        for (const one of inode.unsynced.splice(0)) applyChange(inode.platter, one);
      }),
    truncate: (size) =>
      run('truncate', path, born, () => {
        applyChange(inode.cache, { type: 'truncate', size });
        inode.unsynced.push({ type: 'truncate', size });
      }),
    size: () => run('size', path, born, () => inode.cache.size),
    close: () => run('close', path, born, () => undefined),
  });
  const open = (path: string, how: OpenHow, born: number): DiskFile => {
    const { mode, bulk } = how;
    if (mode === 'create') {
      if (names.has(path)) throw failure('exists', 'open', path);
      const inode = emptyInode();
      change(parentOf(path), undefined, [path, inode]);
    }
    const inode = inodeOf('open', path);
    const file = fileOf(path, inode, born);
    return bulk && mode !== 'read' ? padded(file, inode.cache.size) : file;
  };
  const list = (directory: string): string[] =>
    [...names.keys()]
      .filter((path) => parentOf(path) === directory)
      .map((path) => path.slice(path.lastIndexOf('/') + 1))
      .sort();
  const syncNames = (directory: string): void => {
    if (lying) return;
    const mine = nameChanges.filter((one) => one.directory === directory);
    nameChanges = nameChanges.filter((one) => one.directory !== directory);
    for (const one of mine) applyName(durableNames, one);
  };
  const viewOf = (born: () => number): Disk => ({
    open: (path, mode, { bulk = false } = {}) =>
      run('open', path, born(), () => open(path, { mode, bulk }, born())),
    list: (directory) => run('list', directory, born(), () => list(directory)),
    sizeOf: (path) => run('sizeOf', path, born(), () => names.get(path)?.cache.size),
    makeDirectory: (path) => run('makeDirectory', path, born(), () => undefined),
    rename: (source, target) =>
      run('rename', source, born(), () => {
        change(parentOf(target), source, [target, inodeOf('rename', source)]);
      }),
    remove: (path) =>
      run('remove', path, born(), () => {
        if (names.has(path)) change(parentOf(path), path);
      }),
    syncDirectory: (directory) =>
      run('syncDirectory', directory, born(), () => {
        syncNames(directory);
      }),
    freeBytes: () => run('freeBytes', '', born(), () => Math.max(0, disk.quotaBytes - usedBytes())),
    totalBytes: () => run('totalBytes', '', born(), () => disk.quotaBytes),
  });

  const disk: SimDisk = {
    fault: undefined,
    quotaBytes: options.quotaBytes ?? manyBytes,
    ...viewOf(() => life),
    boot() {
      const born = life;
      return viewOf(() => born);
    },
    crash() {
      life += 1;
      for (const one of nameChanges.splice(0)) if (fraction() < 0.5) applyName(durableNames, one);
      for (const inode of new Set([...names.values(), ...durableNames.values()])) {
        settle(inode, fraction);
      }
      names = new Map(durableNames);
    },
    kill() {
      life += 1;
    },
    flipBit(path, bit) {
      const inode = inodeOf('read', path);
      for (const one of inode.unsynced.splice(0)) applyChange(inode.platter, one);
      for (const content of [inode.cache, inode.platter]) content.flipBit(bit);
    },
    peek: (path) => {
      const inode = names.get(path);
      return inode?.cache.read(0, inode.cache.size);
    },
    hasLost: (path, { offset, end }) =>
      names.get(path)?.lost.some((one) => one.offset < end && offset < one.end) === true,
    plant(path, bytes) {
      const inode = emptyInode();
      for (const content of [inode.cache, inode.platter]) content.write(0, Buffer.from(bytes));
      names.set(path, inode);
      durableNames.set(path, inode);
    },
    get paths() {
      return [...names.keys()].sort();
    },
    get operations() {
      return operations;
    },
    get usedBytes() {
      return usedBytes();
    },
  };
  return disk;
}

function emptyInode(): Inode {
  return { cache: new Content(), platter: new Content(), unsynced: [], limbo: [], lost: [] };
}

/** Bytes that grow. */
class Content {
  size = 0;
  #bytes = Buffer.alloc(0);

  read(offset: number, length: number): Buffer {
    const end = Math.min(this.size, offset + length);
    return Buffer.from(this.#bytes.subarray(Math.min(offset, end), end));
  }

  write(offset: number, bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.resize(Math.max(this.size, offset + bytes.length));
    bytes.copy(this.#bytes, offset);
  }

  resize(size: number): void {
    if (size > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(size, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.size);
      this.#bytes = grown;
    }
    if (size < this.size) this.#bytes.fill(0, size, this.size);
    this.size = size;
  }

  flipBit(bit: number): void {
    const at = Math.floor(bit / 8);
    if (at < this.size) this.#bytes[at] = (this.#bytes[at] ?? 0) ^ (1 << (bit % 8));
  }
}

function applyChange(content: Content, change: Change): void {
  if (change.type === 'truncate') content.resize(change.size);
  else content.write(change.offset, change.bytes);
}

function applyName(names: Map<string, Inode>, { removed, added }: NameChange): void {
  if (removed !== undefined) names.delete(removed);
  if (added !== undefined) names.set(added[0], added[1]);
}

/** What the power cut left of a file. */
function settle(inode: Inode, fraction: () => number): void {
  for (const change of [...inode.limbo.splice(0), ...inode.unsynced.splice(0)]) {
    const fate = fraction();
    if (change.type === 'truncate') {
      if (fate >= 0.4) applyChange(inode.platter, change);
      continue;
    }
    const { offset, bytes } = change;
    const kept = fate < 0.4 ? bytes.subarray(0, 0) : fate < 0.7 ? bytes : torn(bytes, fraction);
    applyChange(inode.platter, { ...change, bytes: kept });
    if (kept.length === bytes.length) continue;
    inode.lost.push({ offset: offset + kept.length, end: offset + bytes.length });
  }
  const platter = inode.platter;
  inode.cache = new Content();
  inode.cache.write(0, platter.read(0, platter.size));
}

function torn(bytes: Buffer, fraction: () => number): Buffer {
  return Buffer.from(bytes.subarray(0, Math.floor(bytes.length * fraction())));
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function failure(code: ErrorCode, call: DiskCall, path: string, detail?: string): VaultError {
  return new VaultError(code, { op: `sim-disk.${call}`, subject: path, detail });
}
