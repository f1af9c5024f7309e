/** The Random port over the generator of OpenSSL. */
import { randomBytes } from 'node:crypto';
import type { Random } from '../ports.ts';

/** Unpredictable bytes; `fraction` is for jitter only. */
export function createNodeRandom(): Random {
  return {
    bytes: (count) => randomBytes(count),
    fraction: () => Math.random(),
  };
}
