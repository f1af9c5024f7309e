/** The Random port from a seed: the same bytes for the same seed, for ever. */
import { createHash } from 'node:crypto';
import type { Random } from '../../agent/ports.ts';

export function seededRandom(seed: string | number): Random {
  let counter = 0;
  const block = (): Buffer => {
    counter += 1;
    return createHash('sha512')
      .update(`${String(seed)}/${String(counter)}`)
      .digest();
  };
  return {
    bytes(count) {
      if (count <= 64) return block().subarray(0, count);
      counter += 1;
      const start = `${String(seed)}/${String(counter)}`;
      return createHash('shake256', { outputLength: count }).update(start).digest();
    },
    fraction: () => block().readUInt32BE(0) / 2 ** 32,
  };
}
