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
      const blocks: Buffer[] = [];
      for (let have = 0; have < count; have += 64) blocks.push(block());
      return Buffer.concat(blocks).subarray(0, count);
    },
    fraction: () => block().readUInt32BE(0) / 2 ** 32,
  };
}
