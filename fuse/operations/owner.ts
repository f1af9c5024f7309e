/** Numeric owners: kept beside the extended attributes where they differ from the owner of the mount. */
import type { Owner } from './inode.ts';

/** Not in a namespace that a program could see or set. */
export const ownerName = 'vault.owner';

export function ownerOf(xattrs: ReadonlyMap<string, Buffer>): Owner | undefined {
  const text = xattrs.get(ownerName)?.toString('latin1');
  if (text === undefined) return undefined;
  const match = /^(\d{1,10}):(\d{1,10})$/.exec(text);
  if (match === null) return undefined;
  const [uid, gid] = [Number(match[1]), Number(match[2])];
  return uid < 2 ** 32 - 1 && gid < 2 ** 32 - 1 ? { uid, gid } : undefined;
}

export function ownerValue({ uid, gid }: Owner): Buffer {
  return Buffer.from(`${String(uid)}:${String(gid)}`);
}
