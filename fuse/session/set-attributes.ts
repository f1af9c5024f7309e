/** SETATTR: sizes, modes, owners and times, and what a change of bytes or owners takes away from a mode. */
import { setattrBits } from '../protocol/constants.ts';
import { attributesReply } from '../protocol/reply.ts';
import type { Time } from '../protocol/request.ts';
import type { AttributeChange, FileSystem } from '../operations/file-system.ts';
import type { Inode } from '../operations/inode.ts';
import type { Answer, Of } from './asked.ts';
import { attributesOf, validOf } from './entries.ts';
import type { Session } from './session.ts';

const modeBits = { setUser: 0o4000, setGroup: 0o2000, groupExecutes: 0o010 } as const;

export async function setattr(
  session: Session,
  { header, request, inode }: Of<'setattr'>,
): Promise<Answer> {
  const { valid } = request;
  const has = (bit: number): boolean => (valid & bit) !== 0;
  if (has(setattrBits.size)) await session.files.truncate(inode, request.size);
  const now = session.fs.now();
  const time = (bit: number, nowBit: number, given: Time): Time | undefined => {
    if (!has(bit)) return undefined;
    return has(nowBit) ? now : given;
  };
  const losesPrivileges = has(setattrBits.uid | setattrBits.gid | setattrBits.killPrivileges);
  const change: AttributeChange = {
    mode: has(setattrBits.mode)
      ? request.mode
      : losesPrivileges
        ? modeWithoutPrivileges(inode)
        : undefined,
    uid: has(setattrBits.uid) ? request.uid : undefined,
    gid: has(setattrBits.gid) ? request.gid : undefined,
    mtime: time(setattrBits.mtime, setattrBits.mtimeNow, request.mtime),
    atime: time(setattrBits.atime, setattrBits.atimeNow, request.atime),
  };
  if (Object.values(change).some((value) => value !== undefined)) {
    await session.fs.setAttributes(inode, change);
  }
  return [attributesReply(header, attributesOf(session.fs, inode), validOf(inode))];
}

/** Whoever changes bytes of a program must not get to run them as its owner. */
export async function killPrivileges(fs: FileSystem, inode: Inode): Promise<void> {
  const mode = modeWithoutPrivileges(inode);
  if (mode !== undefined) await fs.setAttributes(inode, { mode });
}

/** As a local disk does it: without execution by the group the group bit means something else. */
function modeWithoutPrivileges({ kind, mode }: Inode): number | undefined {
  if (kind === 'directory') return undefined;
  const lost = modeBits.setUser | ((mode & modeBits.groupExecutes) === 0 ? 0 : modeBits.setGroup);
  return (mode & lost) === 0 ? undefined : mode & ~lost;
}
