/**
 * How far the kernel reads ahead in a mount: by itself 128 KiB, which is also the largest request that it
 * then makes. Only root may raise it; where that fails everything works, in smaller pieces.
 */
import { writeFile } from 'node:fs/promises';
import { readAheadBytes } from '../protocol/constants.ts';
import { mountAt } from './mount-table.ts';

export async function raiseReadAhead(directory: string): Promise<void> {
  const device = (await mountAt(directory))?.device;
  if (device === undefined) return;
  const path = `/sys/class/bdi/${device}/read_ahead_kb`;
  await writeFile(path, String(readAheadBytes / 1024)).catch(() => undefined);
}
