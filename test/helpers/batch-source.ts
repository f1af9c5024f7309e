/** What some devices have said, as the journals of a store that has all of it. */
import type { BatchSource } from '../../agent/history/history.types.ts';
import type { TreeDevice } from './tree-device.ts';
import type { BatchHash } from '../../protocol/ids.ts';

export interface CountingSource extends BatchSource {
  /** Batches that were read. */
  reads: number;
}

export function sourceOf(...devices: readonly TreeDevice[]): CountingSource {
  const source: CountingSource = {
    reads: 0,
    tips: () =>
      devices.map(({ journal, batches }) => ({
        journal,
        sequence: batches.length,
        hash: '' as BatchHash,
      })),
    async *read(journal, after) {
      const batches = devices.find((device) => device.journal === journal)?.batches ?? [];
      for (const batch of batches.slice(after)) {
        source.reads += 1;
        yield batch;
        await Promise.resolve();
      }
    },
  };
  return source;
}

export function vectorOf(...devices: readonly TreeDevice[]) {
  return new Map(devices.map(({ journal, batches }) => [journal, batches.length]));
}
