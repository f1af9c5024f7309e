/** The inodes that somebody needs, made from what the vault shows and kept in step with it. */
import { FileData, sizeOf, type FileIdentity } from './file-data.ts';
import { Inode } from './inode.ts';
import type { FileTime, NodeId, OpId, ScratchFile, VaultEntry, VaultPort } from './port.ts';

export class Inodes {
  readonly #port: VaultPort;
  readonly #byKey = new Map<string, Inode>();
  #scratchSerial = 0;

  constructor(port: VaultPort) {
    this.#port = port;
  }

  get count(): number {
    return this.#byKey.size;
  }

  all(): Iterable<Inode> {
    return this.#byKey.values();
  }

  root(): Inode {
    return this.ofNode(this.#port.root()) ?? unreachable();
  }

  /** The one that is kept, if there is one. */
  known(id: NodeId): Inode | undefined {
    return this.#byKey.get(id);
  }

  /** Of a directory or symlink, or of a file under its own name. */
  ofNode(id: NodeId): Inode | undefined {
    const node = this.#port.node(id);
    if (node === undefined) return this.#byKey.get(id);
    const version = node.kind === 'file' ? this.#port.version(id) : undefined;
    return this.ofEntry({ name: Buffer.alloc(0), node, version, conflict: false });
  }

  ofEntry(entry: VaultEntry): Inode {
    const key = keyOf(entry);
    const known = this.#byKey.get(key);
    if (known !== undefined && this.#isCurrent(known, entry)) return known;
    const inode = this.#make(entry);
    this.#byKey.set(key, inode);
    return inode;
  }

  /** A new one that the vault does not know yet. */
  adopt(inode: Inode): void {
    if (inode.kind === 'file') inode.data = this.#dataOf(inode, { type: 'empty' });
    this.#byKey.set(inode.id, inode);
  }

  /** Nobody needs it any more, if that is so. */
  release(inode: Inode): void {
    if (inode.isKnown || inode.handles > 0 || inode.isOurs) return;
    for (const key of [inode.id, conflictKey(inode.id, inode.version)]) {
      if (this.#byKey.get(key) === inode) this.#byKey.delete(key);
    }
  }

  /** A publication of ours has made a new version of what was shown beside another one. */
  rekey(inode: Inode, before: OpId | undefined): void {
    if (!inode.isConflict) return;
    this.#byKey.delete(conflictKey(inode.id, before));
    this.#byKey.set(conflictKey(inode.id, inode.version), inode);
  }

  /** Numbers of scratch files begin after those that are there. */
  startScratchAfter(serial: number): void {
    this.#scratchSerial = Math.max(this.#scratchSerial, serial);
  }

  /** What the vault says now about an inode that is not ours. @returns false: it is another version */
  #isCurrent(inode: Inode, { node, version }: VaultEntry): boolean {
    if (inode.isOurs) return true;
    if (inode.kind === 'file' && !isSameOp(inode.version, version?.op)) {
      inode.isStale = true;
      return false;
    }
    const mode = version?.mode ?? node.mode;
    const mtime = version?.mtime ?? node.mtime;
    const isSame = inode.mode === mode && isSameTime(inode.mtime, mtime);
    // What changed a directory here last is not in the vault.
    if (inode.kind !== 'directory') {
      if (!isSame) inode.ctime = mtime;
      inode.mtime = mtime;
    } else if (!isSameTime(inode.vaultMtime, mtime)) {
      inode.mtime = mtime;
    }
    inode.vaultMtime = mtime;
    inode.mode = mode;
    inode.xattrs = node.xattrs;
    inode.links = node.links;
    return true;
  }

  #make({ node, version, conflict }: VaultEntry): Inode {
    const inode = new Inode({
      ...node,
      mode: version?.mode ?? node.mode,
      mtime: version?.mtime ?? node.mtime,
      version: version?.op,
      isConflict: conflict && node.kind === 'file',
    });
    if (node.kind === 'file') {
      const content = version?.content ?? { type: 'empty' };
      inode.standOn({ size: sizeOf(content), make: () => this.#dataOf(inode, content) });
    }
    return inode;
  }

  #dataOf(inode: Inode, content: FileIdentity['content']): FileData {
    const data: FileData = new FileData(this.#port, content, {
      identity: () => ({ node: inode.id, base: inode.version, content: data.base }),
      newFile: ({ node }, shared) => this.#newScratch(node, shared),
    });
    return data;
  }

  #newScratch(node: NodeId, shared: boolean): ScratchFile {
    this.#scratchSerial += 1;
    return this.#port.scratch.create(`data-${node}-${String(this.#scratchSerial)}`, { shared });
  }
}

function keyOf({ node, version, conflict }: VaultEntry): string {
  return conflict && node.kind === 'file' ? conflictKey(node.id, version?.op) : node.id;
}

function conflictKey(id: NodeId, op: OpId | undefined): string {
  return op === undefined ? id : `${id}@${op.journal}/${String(op.sequence)}/${String(op.index)}`;
}

export function isSameOp(a: OpId | undefined, b: OpId | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.journal === b.journal && a.sequence === b.sequence && a.index === b.index;
}

export function isSameTime(a: FileTime, b: FileTime): boolean {
  return a.seconds === b.seconds && a.nanoseconds === b.nanoseconds;
}

function unreachable(): never {
  throw new RangeError('a vault has a root');
}
