/** Rows of a listing: inodes are made for those that somebody asks about, since most are only named. */
import { inodeNumber, type Inode } from './inode.ts';
import type { Inodes } from './inodes.ts';
import type { NodeKind, VaultEntry } from './port.ts';

export interface Row {
  readonly name: Buffer;
  readonly kind: NodeKind;
  readonly number: number;
  inode(): Inode;
}

/** Of what the vault lists. */
export function rowOfEntry(inodes: Inodes, entry: VaultEntry): Row {
  return {
    name: entry.name,
    kind: entry.node.kind,
    get number() {
      return inodeNumber(entry.node.id);
    },
    inode: () => inodes.ofEntry(entry),
  };
}

/** Of what is on its way into the vault. */
export function rowOf(inode: Inode, name: Buffer): Row {
  return { name, kind: inode.kind, number: inode.number, inode: () => inode };
}
