/** A disk store on a simulated machine that can lose its power. */
import { openDiskStore, type DiskStoreOptions } from '../../agent/store/disk-store.ts';
import type { IndexedStore, StoreListener } from '../../agent/store/store.ts';
import type { Log } from '../../agent/ports.ts';
import { createSimDisk, type SimDisk, type SimDiskOptions } from '../simulation/world/sim-disk.ts';
import { createSimIndexHost, type SimIndexHost } from '../simulation/world/sim-index.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

export interface SimStoreMachine {
  readonly disk: SimDisk;
  readonly index: SimIndexHost;
  readonly clock: ManualClock;
  open(onEvent?: StoreListener): Promise<IndexedStore>;
  crash(): void;
  kill(): void;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

/** Small bounds, so that little data meets them. */
export const smallOptions: Partial<DiskStoreOptions> = {
  ballastBytes: 0,
  freeBytesMin: 0,
  segmentBytesMax: 16 * 1024,
  journalFileBytesMax: 8 * 1024,
};

export function createSimStoreMachine(
  seed: number,
  {
    disk: diskOptions = {},
    store = {},
  }: { disk?: Partial<SimDiskOptions>; store?: Partial<DiskStoreOptions> } = {},
): SimStoreMachine {
  const fraction = seededFraction(seed);
  const disk = createSimDisk({ fraction, ...diskOptions });
  const index = createSimIndexHost({
    fraction,
    ...(diskOptions.tick === undefined ? {} : { tick: diskOptions.tick }),
  });
  const clock = createManualClock();
  return {
    disk,
    index,
    clock,
    open: (onEvent) =>
      openDiskStore({
        disk: disk.boot(),
        index,
        clock,
        log: silentLog,
        ...(onEvent === undefined ? {} : { onEvent }),
        options: { ...smallOptions, ...store },
      }),
    crash() {
      disk.crash();
      index.crash();
    },
    kill() {
      disk.kill();
      index.kill();
    },
  };
}

/** 0 <= x < 1, the same row for the same seed: mulberry32. */
export function seededFraction(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
