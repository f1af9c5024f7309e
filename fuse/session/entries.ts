/** Nodes as the kernel is told about them: their numbers, attributes, and how long to believe it. */
import { refusal } from '../errno.ts';
import { rootNodeId } from '../protocol/constants.ts';
import type { Attributes, Entry } from '../protocol/reply.ts';
import type { FileSystem } from '../operations/file-system.ts';
import type { Inode } from '../operations/inode.ts';
import type { NodeKind } from '../operations/port.ts';
import { isVirtual } from '../operations/virtual.ts';
import type { Session } from './session.ts';

/** The kernel is told of every change, so that this is only a safety net. */
export const validMs = 60_000;
const reportValidMs = 1_000;
export const kindBits: Readonly<Record<NodeKind, number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
};

export function entryOf(session: Session, inode: Inode): Entry {
  const node =
    session.nodes.nodeOf(inode) === rootNodeId ? rootNodeId : session.nodes.remember(inode);
  if (node === undefined) throw refusal('EBUSY');
  return { node, validMs: validOf(inode), attributes: attributesOf(session.fs, inode) };
}

export function attributesOf(fs: FileSystem, inode: Inode): Attributes {
  const { uid, gid } = fs.ownerOf(inode);
  return {
    inode: inode.number,
    size: inode.size,
    mode: kindBits[inode.kind] | inode.mode,
    links: inode.links,
    uid,
    gid,
    atime: inode.atime ?? inode.mtime,
    mtime: inode.mtime,
    ctime: inode.ctime,
  };
}

export function tell(directory: Inode, name: Buffer, inode: Inode | undefined): void {
  directory.told?.set(name.toString('latin1'), inode);
}

export function validOf(inode: Inode): number {
  return isVirtual(inode) ? reportValidMs : validMs;
}
