/**
 * The index with the newest changes in memory: what is durable in the files is visible at once, and
 * the index follows. When the index refuses changes they stay here; they are bounded, because the
 * chunk store takes no more chunks once too many wait.
 */
import type { Index, IndexChange } from '../ports.ts';
import { createSharedRound } from './shared-round.ts';

export interface BufferedIndex {
  get(key: Uint8Array): Buffer | undefined;
  /** The same for many, away from the event loop. */
  getMany(keys: readonly Uint8Array[]): Promise<(Buffer | undefined)[]>;
  /** Visible at once; in the index after the next `flush`. */
  add(changes: readonly IndexChange[]): void;
  /** Hands everything added so far to the index. Rejects when it refused; nothing is lost then. */
  flush(): Promise<void>;
  /** The same, and all of it is on the medium when this resolves. @param change the last one */
  settle(change: IndexChange): Promise<void>;
  /** After a flush. */
  range(from: Uint8Array, to: Uint8Array): AsyncIterable<readonly [Buffer, Buffer]>;
  /** Changes that the index has not got. */
  readonly waiting: number;
}

/** `index` behind a buffer. */
export function createBufferedIndex(index: Index): BufferedIndex {
  const waiting = new Map<string, IndexChange>();
  const flush = createSharedRound(async () => {
    const now = [...waiting];
    if (now.length === 0) return;
    await index.write(now.map(([, change]) => change));
    for (const [key, change] of now) if (waiting.get(key) === change) waiting.delete(key);
  });
  const valueOf = ({ value }: IndexChange): Buffer | undefined =>
    value === undefined ? undefined : Buffer.from(value);
  return {
    get(key) {
      const change = waiting.get(nameOf(key));
      return change === undefined ? index.get(key) : valueOf(change);
    },
    async getMany(keys) {
      const changes = keys.map((key) => (waiting.size > 0 ? waiting.get(nameOf(key)) : undefined));
      const values = await index.getMany(keys);
      return values.map((value, at) => {
        const change = changes[at];
        return change === undefined ? value : valueOf(change);
      });
    },
    add(changes) {
      for (const change of changes) waiting.set(nameOf(change.key), change);
    },
    flush,
    async settle(change) {
      await flush();
      await index.write([change], { durable: true });
    },
    range: (from, to) => index.range(from, to),
    get waiting() {
      return waiting.size;
    },
  };
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
