/** What the disk itself takes: a copy of the file in large writes, synced. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { settleDisk } from '../measure/programs.ts';
import { secondsOf } from '../measure/session.ts';
import type { Contestant } from '../measure/row.ts';

export const rawDisk = 'raw disk';

const pieceBytes = 4 * 1024 * 1024;

/** MB/s of copying a file with one fdatasync at the end. */
export function rawDiskWriter(source: () => Promise<string>): Contestant {
  return {
    name: rawDisk,
    absence: () => Promise.resolve(undefined),
    async prepare(directory) {
      const from = await source();
      const to = join(directory, 'copy');
      return {
        async measure() {
          await settleDisk();
          let bytes = 0;
          const seconds = await secondsOf(async () => {
            bytes = await copySynced(from, to);
          });
          await rm(to);
          return bytes / 1e6 / seconds;
        },
        close: () => Promise.resolve(),
      };
    },
  };
}

async function copySynced(from: string, to: string): Promise<number> {
  const input = await open(from, 'r');
  const output = await open(to, 'wx');
  try {
    const piece = Buffer.allocUnsafe(pieceBytes);
    let total = 0;
    for (;;) {
      const { bytesRead } = await input.read(piece, 0, pieceBytes, null);
      if (bytesRead === 0) break;
      await output.writeFile(piece.subarray(0, bytesRead));
      total += bytesRead;
    }
    await output.datasync();
    return total;
  } finally {
    await input.close();
    await output.close();
  }
}
