/**
 * Extended attributes: `user.*` belongs to programs and travels with the vault; `user.vault.*` is what
 * the vault says about a file, and only to be read. Other namespaces are refused, as on file systems
 * without them.
 */
import { names } from '../../protocol/limits.ts';
import { refusal } from '../errno.ts';
import type { FileSystem } from './file-system.ts';
import type { Inode } from './inode.ts';
import { isVirtual } from './virtual.ts';

const vaultPrefix = 'user.vault.';
/** Of one node, names and values together. */
const totalBytesMax = 64 * 1024;

export const setXattrFlags = { create: 1, replace: 2 } as const;

export function getXattr(fs: FileSystem, inode: Inode, name: Buffer): Buffer | Promise<Buffer> {
  const key = name.toString('latin1');
  if (!key.startsWith('user.')) throw refusal(isForeign(key) ? 'EOPNOTSUPP' : 'ENODATA');
  if (key.startsWith(vaultPrefix)) {
    if (!isVirtual(inode)) return about(fs, inode, key.slice(vaultPrefix.length));
    const version = key === `${vaultPrefix}version` ? fs.virtual.version(inode) : undefined;
    if (version === undefined) throw refusal('ENODATA');
    return version;
  }
  const value = inode.xattrs.get(key);
  if (value === undefined) throw refusal('ENODATA');
  return value;
}

export function listXattrs(inode: Inode): Buffer {
  const names = [...inode.xattrs.keys()].filter((key) => key.startsWith('user.'));
  return Buffer.from(names.map((key) => `${key}\0`).join(''), 'latin1');
}

export async function setXattr(
  fs: FileSystem,
  inode: Inode,
  { name, value, flags }: { readonly name: Buffer; readonly value: Buffer; readonly flags: number },
): Promise<void> {
  if (isVirtual(inode)) throw refusal('EROFS');
  const key = writable(name);
  const exists = inode.xattrs.has(key);
  if ((flags & setXattrFlags.create) !== 0 && exists) throw refusal('EEXIST');
  if ((flags & setXattrFlags.replace) !== 0 && !exists) throw refusal('ENODATA');
  if (key.length > names.xattrNameBytesMax || value.length > names.xattrValueBytesMax) {
    throw refusal('ERANGE');
  }
  let total = key.length + value.length;
  for (const [other, bytes] of inode.xattrs)
    if (other !== key) total += other.length + bytes.length;
  if (total > totalBytesMax) throw refusal('ENOSPC');
  await fs.setXattr(inode, key, Buffer.from(value));
}

export async function removeXattr(fs: FileSystem, inode: Inode, name: Buffer): Promise<void> {
  if (isVirtual(inode)) throw refusal('EROFS');
  const key = writable(name);
  if (!inode.xattrs.has(key)) throw refusal('ENODATA');
  await fs.setXattr(inode, key, undefined);
}

async function about(fs: FileSystem, inode: Inode, what: string): Promise<Buffer> {
  if (inode.isOurs && what === 'state') return Buffer.from('being published');
  const value = await fs.port.about(inode.id, what);
  if (value === undefined) throw refusal('ENODATA');
  return value;
}

function writable(name: Buffer): string {
  const key = name.toString('latin1');
  if (key.startsWith(vaultPrefix)) throw refusal('EPERM');
  if (!key.startsWith('user.') || key.length === 'user.'.length) throw refusal('EOPNOTSUPP');
  return key;
}

function isForeign(key: string): boolean {
  return !key.startsWith('vault.');
}
