/**
 * Earlier versions wrote bulk files in whole blocks: where one was not closed, zeros stand behind its last
 * record, less than a block of them (`DiskOpenOptions.bulk`). They were never anybody's bytes.
 */
import { store } from '../../protocol/limits.ts';
import type { DiskFile } from '../ports.ts';
import { decodeTrailer, trailerBytes } from './footer.ts';

/**
 * Cuts the padding of a segment whose end is known from the index or told by its trailer.
 * @returns where it ends now; `size` when no end is known, or other bytes than padding follow
 * @throws VaultError `io`
 */
export async function cutPadding(
  file: DiskFile,
  { size, knownEnd }: { readonly size: number; readonly knownEnd: number | undefined },
): Promise<number> {
  for (const end of [knownEnd, await trailerEnd(file, size)]) {
    if (end === undefined || !(await isPadding(file, end, size))) continue;
    await file.truncate(end);
    return end;
  }
  return size;
}

/** Whether nothing but padding, and some of it, stands between two offsets. */
export async function isPadding(file: DiskFile, from: number, to: number): Promise<boolean> {
  if (to <= from || to - from >= store.diskBlockBytes) return false;
  return lastOther(await file.read(from, to - from)) === -1;
}

/** Where the trailer of a sealed segment ends that has only zeros behind it. */
async function trailerEnd(file: DiskFile, size: number): Promise<number | undefined> {
  const from = Math.max(0, size - store.diskBlockBytes - trailerBytes);
  const bytes = await file.read(from, size - from);
  // Its last bytes may be zeros as well; it is believed by its checksum.
  const first = lastOther(bytes) + 1;
  for (let end = first; end < Math.min(first + trailerBytes, bytes.length); end += 1) {
    const trailer = bytes.subarray(Math.max(0, end - trailerBytes), end);
    if (decodeTrailer(trailer) !== undefined) return from + end;
  }
  return undefined;
}

/** Index of the last byte that is not zero, or -1. */
function lastOther(bytes: Buffer): number {
  return bytes.findLastIndex((byte) => byte !== 0);
}
