/**
 * Changes by others: what the kernel was told and is not true any more. A version that came from
 * elsewhere gets a new inode, so that whoever has the old one open goes on reading it; the name is to be
 * looked up again. Large directories are compared in slices, between other work.
 */
import type { FileSystem } from './file-system.ts';
import type { Inode } from './inode.ts';
import { isSameOp, isSameTime } from './inodes.ts';
import type { Place, VaultChange } from './port.ts';

export interface WatchEvents {
  /** A name leads somewhere else than the kernel was told. */
  nameChanged(directory: Inode, name: Buffer): void;
  /** Attributes, or of a directory the listing, are not what the kernel was told. */
  inodeChanged(inode: Inode): void;
}

const namesPerSlice = 200;
const sweepPauseMaxMs = 300;

export class Watch {
  readonly #fs: FileSystem;
  readonly #events: WatchEvents;
  readonly #stirred = new Set<Inode>();
  #sweeping = false;
  #sweptMs = 0;
  #closed = false;

  constructor(fs: FileSystem, events: WatchEvents) {
    this.#fs = fs;
    this.#events = events;
  }

  /** To be called for every change of the tree, ours included. */
  changed({ directories, nodes, isOwn = false }: VaultChange): void {
    // What became of each name of ours is looked at when it is published.
    if (this.#closed || isOwn) return;
    const { inodes } = this.#fs;
    for (const id of nodes) {
      const inode = inodes.known(id);
      if (inode !== undefined && !inode.isOurs) this.#look(inode);
    }
    for (const id of directories) {
      const inode = inodes.known(id);
      if (inode?.isKnown !== true) continue;
      this.#events.inodeChanged(inode);
      this.#stirred.add(inode);
    }
    this.#sweepLater();
  }

  /** A change of ours is in the vault: what came from elsewhere meanwhile counts now. */
  published(inode: Inode, places: readonly Place[]): void {
    this.#fs.port.clock.after(0, () => {
      if (this.#closed) return;
      for (const place of places) this.#comparePlace(place);
      if (!inode.isOurs && !inode.isStale && !inode.isRemoved) this.#look(inode);
      if (!inode.isKnown) this.#fs.released(inode);
    });
  }

  close(): void {
    this.#closed = true;
  }

  #look(inode: Inode): void {
    const { port, inodes } = this.#fs;
    if (inode.kind === 'file' && !inode.isConflict) {
      const version = port.version(inode.id);
      if (version !== undefined && !isSameOp(version.op, inode.version)) {
        inodes.ofNode(inode.id);
        this.#tellNames(inode);
        return;
      }
    }
    const before = { mode: inode.mode, mtime: inode.mtime, links: inode.links };
    const { kind } = inode;
    if (kind !== 'file' || !inode.isConflict) inodes.ofNode(inode.id);
    const isSame =
      before.mode === inode.mode &&
      before.links === inode.links &&
      isSameTime(before.mtime, inode.mtime);
    if (!isSame && inode.isKnown) this.#events.inodeChanged(inode);
    if (port.node(inode.id)?.links === 0) this.#tellNames(inode);
  }

  #tellNames(inode: Inode): void {
    const { port, inodes } = this.#fs;
    for (const { parent, name } of port.places(inode.id)) {
      const directory = inodes.known(parent);
      if (directory?.told?.delete(name.toString('latin1')) === true) {
        this.#events.nameChanged(directory, name);
      }
    }
  }

  /** A name may have come out as somebody else's. */
  #comparePlace({ parent, name }: Place): void {
    const { inodes } = this.#fs;
    const directory = inodes.known(parent);
    if (directory?.told === undefined) return;
    const key = name.toString('latin1');
    const was = directory.told.get(key);
    this.#compare(directory, key);
    if (directory.told.get(key) !== was && directory.isKnown) this.#events.inodeChanged(directory);
  }

  /** Not at once after one that took long: under a stream of changes most of the time is for others. */
  #sweepLater(): void {
    if (this.#sweeping || this.#stirred.size === 0) return;
    this.#sweeping = true;
    const delayMs = Math.min(sweepPauseMaxMs, this.#sweptMs * 4);
    this.#sweptMs = 0;
    this.#fs.port.clock.after(delayMs, () => {
      this.#sweep();
    });
  }

  /** Compares one directory, or a slice of it, and goes on later. */
  #sweep(): void {
    this.#sweeping = false;
    if (this.#closed) return;
    const [directory] = this.#stirred;
    if (directory === undefined) return;
    this.#stirred.delete(directory);
    this.#slice(directory, [...(directory.told?.keys() ?? [])], 0);
  }

  #slice(directory: Inode, told: readonly string[], from: number): void {
    if (this.#closed) return;
    const { clock } = this.#fs.port;
    const startMs = clock.monotonicMs();
    const end = Math.min(told.length, from + namesPerSlice);
    for (const key of told.slice(from, end)) this.#compare(directory, key);
    this.#sweptMs += clock.monotonicMs() - startMs;
    if (end === told.length) this.#sweepLater();
    else
      this.#fs.port.clock.after(0, () => {
        this.#slice(directory, told, end);
      });
  }

  #compare(directory: Inode, key: string): void {
    const name = Buffer.from(key, 'latin1');
    const now = this.#fs.lookup(directory, name);
    if (directory.told?.has(key) !== true || directory.told.get(key) === now) return;
    directory.told.delete(key);
    this.#events.nameChanged(directory, name);
  }
}
