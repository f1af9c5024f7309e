/**
 * The IndexHost in memory, as LevelDB behaves under a power cut: it loses the newest writes, from some
 * point on, whole batches at a time. Like LevelDB it can also be damaged without saying so.
 */
import { VaultError } from '../../../protocol/errors.ts';
import { createMemoryIndex, type MemoryIndex } from '../../../agent/store/memory-index.ts';
import type { Index, IndexChange, IndexHost } from '../../../agent/ports.ts';

export interface SimIndexOptions {
  /** Seeded: 0 <= x < 1. */
  readonly fraction: () => number;
  /** What every asynchronous operation waits for. @default a microtask */
  readonly tick?: () => Promise<void>;
}

export interface SimIndexHost extends IndexHost {
  /** Power cut: a random number of the newest writes is gone. */
  crash(): void;
  /** The process died: nothing is gone. */
  kill(): void;
  /** The next `open` says `damaged`. */
  refuseOpen(): void;
  /** Passes every pair through `rot`: undefined drops it, another value replaces it, silently. */
  rot(change: (key: Buffer, value: Buffer) => Buffer | undefined): Promise<void>;
  /** Makes every write fail while true. */
  failingWrites: boolean;
  /** Makes every write fail until the index is opened again, or until it was destroyed. */
  sickUntil: 'opened' | 'destroyed' | undefined;
  /** While true, nothing can be read in ranges. */
  failingRanges: boolean;
  readonly opened: number;
  readonly destroyed: number;
}

/** Writes that may be lost are at most this many. */
const unsyncedMax = 64;

export function createSimIndexHost(options: SimIndexOptions): SimIndexHost {
  const { fraction, tick = () => Promise.resolve() } = options;
  let current: MemoryIndex = createMemoryIndex();
  let durable: MemoryIndex = createMemoryIndex();
  let unsynced: (readonly IndexChange[])[] = [];
  let life = 0;
  let refusing = false;
  let destroyed = 0;
  let opened = 0;

  const settle = (count: number): void => {
    for (const changes of unsynced.splice(0, count)) void durable.write(changes);
  };
  const handle = (born: number): Index => {
    let closed = false;
    const alive = (): void => {
      if (closed) throw new VaultError('io', { op: 'sim-index', detail: 'it is closed' });
      if (born === life) return;
      throw new VaultError('io', { op: 'sim-index', detail: 'the machine is gone' });
    };
    return {
      get(key) {
        alive();
        return current.get(key);
      },
      async getMany(keys) {
        await tick();
        alive();
        return current.getMany(keys);
      },
      async write(changes, { durable: isDurable = false } = {}) {
        await tick();
        alive();
        if (host.failingWrites || host.sickUntil !== undefined)
          throw new VaultError('io', { op: 'sim-index', detail: 'injected' });
        const copy = changes.map(({ key, value }) => ({
          key: Buffer.from(key),
          value: value === undefined ? undefined : Buffer.from(value),
        }));
        unsynced.push(copy);
        void current.write(copy);
        if (isDurable) settle(unsynced.length);
        if (unsynced.length > unsyncedMax) settle(Math.floor(unsynced.length * fraction()) + 1);
      },
      async *range(from, to) {
        if (host.failingRanges) throw new VaultError('io', { op: 'sim-index', detail: 'range' });
        for await (const pair of current.range(from, to)) {
          alive();
          yield pair;
        }
      },
      async close() {
        await tick();
        alive();
        closed = true;
      },
    };
  };
  const copyOf = async (source: MemoryIndex): Promise<MemoryIndex> => {
    const target = createMemoryIndex();
    for await (const [key, value] of source.range(Buffer.alloc(0), Buffer.of(0xff))) {
      await target.write([{ key, value }]);
    }
    return target;
  };
  let crashed = false;

  const host: SimIndexHost = {
    failingWrites: false,
    sickUntil: undefined,
    failingRanges: false,
    async open() {
      await tick();
      if (refusing) {
        refusing = false;
        throw new VaultError('damaged', { op: 'sim-index.open', detail: 'injected' });
      }
      opened += 1;
      if (host.sickUntil === 'opened') host.sickUntil = undefined;
      if (crashed) current = await copyOf(durable);
      crashed = false;
      return handle(life);
    },
    async destroy() {
      await tick();
      destroyed += 1;
      host.sickUntil = undefined;
      crashed = false;
      current = createMemoryIndex();
      durable = createMemoryIndex();
      unsynced = [];
    },
    crash() {
      life += 1;
      settle(Math.floor((unsynced.length + 1) * fraction()));
      unsynced = [];
      crashed = true;
    },
    kill() {
      life += 1;
    },
    refuseOpen() {
      refusing = true;
    },
    async rot(change) {
      const rotten = createMemoryIndex();
      for await (const [key, value] of current.range(Buffer.alloc(0), Buffer.of(0xff))) {
        await rotten.write([{ key, value: change(key, value) }]);
      }
      current = rotten;
      durable = await copyOf(rotten);
      unsynced = [];
    },
    get opened() {
      return opened;
    },
    get destroyed() {
      return destroyed;
    },
  };
  return host;
}
