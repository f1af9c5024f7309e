/** Makes the next segment's file. Its name is durable only after the first commit in it. */
import { isVaultError } from '../../protocol/errors.ts';
import type { Disk, DiskFile } from '../ports.ts';
import { encodeFileHeader, fileHeaderBytes, noTag } from './file-header.ts';
import { segmentPath } from './paths.ts';
import type { OpenSegment } from './segment-file.ts';

/** Counts `numbers.next` up. @throws VaultError `disk-full`, `io` */
export async function createSegment(disk: Disk, numbers: { next: number }): Promise<OpenSegment> {
  for (;;) {
    const number = numbers.next;
    numbers.next += 1;
    const path = segmentPath(number);
    const file = await createNew(disk, path);
    if (file === undefined) continue;
    await writeHeader(disk, { file, path, number });
    return {
      number,
      path,
      file,
      end: fileHeaderBytes,
      chunks: 0,
      bytes: 0,
      entries: [],
      fresh: true,
      sealed: false,
    };
  }
}

/** Undefined when the name is taken: what stands there is not ours to overwrite. */
async function createNew(disk: Disk, path: string): Promise<DiskFile | undefined> {
  try {
    return await disk.open(path, 'create', { bulk: true });
  } catch (error) {
    if (isVaultError(error, 'exists')) return undefined;
    throw error;
  }
}

async function writeHeader(
  disk: Disk,
  { file, path, number }: { file: DiskFile; path: string; number: number },
): Promise<void> {
  try {
    await file.write(0, [encodeFileHeader({ kind: 'segment', number, base: 0, tag: noTag })]);
  } catch (error) {
    await file.close();
    await disk.remove(path);
    throw error;
  }
}
