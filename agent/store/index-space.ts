/**
 * A part of the index for one layer: the same interface, every key behind one byte. A layer cannot
 * see or touch the keys of another.
 */
import type { Index } from '../ports.ts';

/** The keys of `index` that begin with `prefixByte`, without it. Closing it closes nothing. */
export function indexSpace(index: Index, prefixByte: number): Index {
  const prefix = Buffer.of(prefixByte);
  const inside = (key: Uint8Array): Buffer => Buffer.concat([prefix, key]);
  return {
    get: (key) => index.get(inside(key)),
    getMany: (keys) => index.getMany(keys.map(inside)),
    write: (changes, options) =>
      index.write(
        changes.map(({ key, value }) => ({ key: inside(key), value })),
        options,
      ),
    async *range(from, to) {
      for await (const [key, value] of index.range(inside(from), inside(to))) {
        yield [key.subarray(1), value] as const;
      }
    },
    close: () => Promise.resolve(),
  };
}
