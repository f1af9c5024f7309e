/**
 * The Index in memory: for the memory store, and the ground that the simulator's index stands on.
 * Order is that of the keys' bytes; hex keeps it.
 */
import type { Index, IndexChange } from '../ports.ts';

export interface MemoryIndex extends Index {
  /** How many pairs it holds. */
  readonly size: number;
}

/** An empty index. */
export function createMemoryIndex(): MemoryIndex {
  const values = new Map<string, Buffer>();
  let sorted: string[] | undefined;
  return {
    get size() {
      return values.size;
    },
    get: (key) => copyOf(values.get(hexOf(key))),
    getMany: (keys) => Promise.resolve(keys.map((key) => copyOf(values.get(hexOf(key))))),
    write(changes) {
      for (const change of changes) if (apply(values, change)) sorted = undefined;
      return Promise.resolve();
    },
    async *range(from, to) {
      sorted ??= [...values.keys()].sort();
      const keys = sorted;
      const end = hexOf(to);
      for (let at = lowerBound(keys, hexOf(from)); at < keys.length; at++) {
        const key = keys[at];
        if (key === undefined || key >= end) return;
        const value = values.get(key);
        if (value !== undefined) yield [Buffer.from(key, 'hex'), Buffer.from(value)] as const;
      }
    },
    close: () => Promise.resolve(),
  };
}

/** Applies one change; true when the set of keys is another one now. */
function apply(values: Map<string, Buffer>, change: IndexChange): boolean {
  const key = hexOf(change.key);
  if (change.value === undefined) return values.delete(key);
  const known = values.has(key);
  values.set(key, Buffer.from(change.value));
  return !known;
}

function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function copyOf(value: Buffer | undefined): Buffer | undefined {
  return value === undefined ? undefined : Buffer.from(value);
}
