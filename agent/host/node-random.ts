/** The Random port over the generator of OpenSSL. */
import { randomFillSync } from 'node:crypto';
import type { Random } from '../ports.ts';

/** Drawn at once: a call of the generator costs more than the bytes. */
const drawnBytes = 4096;

/** Unpredictable bytes; `fraction` is for jitter only. */
export function createNodeRandom(): Random {
  const drawn = Buffer.alloc(drawnBytes);
  let used = drawnBytes;
  return {
    bytes(count) {
      if (count > drawnBytes / 4) return randomFillSync(Buffer.alloc(count));
      if (used + count > drawnBytes) {
        randomFillSync(drawn);
        used = 0;
      }
      const bytes = Buffer.from(drawn.subarray(used, used + count));
      // What was given out is kept by nobody else.
      drawn.fill(0, used, used + count);
      used += count;
      return bytes;
    },
    fraction: () => Math.random(),
  };
}
