/** A library that makes every sync of a process a lie, compiled where it is needed. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const source = join(import.meta.dirname, '..', 'fixtures', 'skip-sync.c');

/**
 * @param folder where the library goes
 * @returns the environment of a process without syncs; undefined where there is no C compiler
 */
export async function skipSync(
  folder: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const library = join(folder, 'skip-sync.so');
  try {
    await promisify(execFile)('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return { LD_PRELOAD: library };
}
