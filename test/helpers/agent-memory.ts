/** How much memory a real agent holds when its garbage is gone (`test/fixtures/report-memory.mjs`). */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eventually } from './real-device.ts';

const fixture = join(import.meta.dirname, '..', 'fixtures', 'report-memory.mjs');

/** The environment of an agent that can be asked. @param folder where it answers */
export function memoryEnvironment(folder: string): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `--expose-gc --import=${pathToFileURL(fixture).href}`,
    PEERVAULT_TEST_MEMORY: folder,
  };
}

/** Bytes of heap and of buffers that are in use. */
export async function heldBytes(folder: string, pid: number): Promise<number> {
  const file = join(folder, `${String(pid)}.json`);
  await rm(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  let held = 0;
  await eventually('the agent says how much memory it has', async () => {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return false;
    const { heapUsed, external } = JSON.parse(text) as NodeJS.MemoryUsage;
    held = heapUsed + external;
    return true;
  });
  return held;
}
