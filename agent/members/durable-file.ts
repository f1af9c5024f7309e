/**
 * Small files that are replaced as a whole: the new content is complete and synced under another name
 * before it takes the place of the old one, so that a crash leaves one of the two.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { Disk } from '../ports.ts';

/** Resolves when `bytes` is what the medium gives back for `path`, whatever happens next. */
export async function replaceFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const directory = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const temporary = `${path}.new`;
  if (directory !== '') await disk.makeDirectory(directory);
  await disk.remove(temporary);
  const file = await disk.open(temporary, 'create');
  try {
    await file.write(0, [bytes]);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, path);
  await disk.syncDirectory(directory);
}

/**
 * The whole content, or undefined when there is no such file.
 * @throws VaultError `damaged` when it is longer than `bytesMax`
 */
export async function readSmallFile(
  disk: Disk,
  path: string,
  bytesMax: number,
): Promise<Buffer | undefined> {
  const size = await disk.sizeOf(path);
  if (size === undefined) return undefined;
  if (size > bytesMax) {
    throw new VaultError('damaged', {
      op: 'members.readSmallFile',
      subject: path,
      detail: `${String(size)} bytes where at most ${String(bytesMax)} make sense`,
    });
  }
  const file = await disk.open(path, 'read');
  try {
    return await file.read(0, size);
  } finally {
    await file.close();
  }
}
