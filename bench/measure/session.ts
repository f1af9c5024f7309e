/** Shapes of sessions that several contestants share. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from './row.ts';

/** A session in which every round begins with an empty directory. */
export function freshEachRound(
  directory: string,
  measure: (directory: string) => Promise<number>,
): Session {
  return {
    async measure(round) {
      const own = join(directory, `round-${String(round)}`);
      await mkdir(own, { mode: 0o700 });
      try {
        return await measure(own);
      } finally {
        await rm(own, { recursive: true, force: true, maxRetries: 5 });
      }
    },
    close: () => Promise.resolve(),
  };
}

/** Seconds that something takes. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
}

/** Asks until it is true. @throws Error when it takes too long */
export async function waitUntil(
  what: string,
  isTrue: () => Promise<boolean>,
  { everyMs = 50, timeoutMs = 600_000 } = {},
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error(`it did not happen in time: ${what}`);
    await new Promise((done) => setTimeout(done, everyMs));
  }
}
