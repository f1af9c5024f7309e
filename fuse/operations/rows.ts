/** Rows of a listing: inodes are made for those that somebody asks about, since most are only named. */
import { inodeNumber, type Inode } from './inode.ts';
import type { Inodes } from './inodes.ts';
import type { NodeId, NodeKind, VaultEntry } from './port.ts';

export interface Row {
  readonly name: Buffer;
  readonly id: NodeId;
  readonly kind: NodeKind;
  readonly number: number;
  inode(): Inode;
}

/** Of what the vault lists; a class, since a getter in each of a hundred thousand objects takes its time. */
export class EntryRow implements Row {
  readonly #inodes: Inodes;
  readonly #entry: VaultEntry;

  constructor(inodes: Inodes, entry: VaultEntry) {
    this.#inodes = inodes;
    this.#entry = entry;
  }

  get name(): Buffer {
    return this.#entry.name;
  }

  get id(): NodeId {
    return this.#entry.node.id;
  }

  get kind(): NodeKind {
    return this.#entry.node.kind;
  }

  get number(): number {
    return inodeNumber(this.id);
  }

  inode(): Inode {
    return this.#inodes.ofEntry(this.#entry);
  }
}

/** Of what is on its way into the vault. */
export function rowOf(inode: Inode, name: Buffer): Row {
  return { name, id: inode.id, kind: inode.kind, number: inode.number, inode: () => inode };
}
