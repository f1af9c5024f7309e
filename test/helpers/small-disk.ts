/** A file system of a few megabytes that is really full when it is full. Needs root. */
import { execFile } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Cleanup } from './real-device.ts';

const run = promisify(execFile);
const pieceBytes = 64 * 1024;

/** Why there is none here; undefined when there is. */
export function whyNoSmallDisk(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'mounting a small file system needs root';
}

/** Mounts one below `parent`. @returns its folder */
export async function makeSmallDisk(
  t: Cleanup,
  parent: string,
  megabytes: number,
): Promise<string> {
  const folder = join(parent, 'small-disk');
  await mkdir(folder);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'tmpfs', folder]);
  t.teardown(async () => {
    await run('umount', ['-l', folder]);
  });
  return folder;
}

/** Writes a file of `bytes`, or of what is left. @returns what gives the space back */
export async function fill(folder: string, bytes: number): Promise<() => Promise<void>> {
  const path = join(folder, `filler-${String(bytes)}`);
  const file = await open(path, 'w');
  try {
    for (let done = 0; done < bytes; done += pieceBytes)
      await file.writeFile(Buffer.alloc(pieceBytes));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
  return () => rm(path);
}
