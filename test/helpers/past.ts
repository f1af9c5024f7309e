/** The past of devices of the namespace's tests, in an index in memory, as one of them knows it. */
import { IndexedChronicle } from '../../agent/history/chronicle.ts';
import type { BatchSource } from '../../agent/history/history.types.ts';
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import type { Clock, Index } from '../../agent/ports.ts';
import { createMemoryIndex } from '../../agent/store/memory-index.ts';
import type { BatchHash, JournalId } from '../../protocol/ids.ts';
import type { ReleasedChunks } from '../../agent/vault/browse.ts';
import type { VaultParts } from '../../agent/vault/vault.ts';
import { seededRandom } from './seeded-random.ts';
import { labelOf, type TreeDevice } from './tree-device.ts';
import { treePublisher, type TreePublisher } from './tree-publisher.ts';

export interface Past {
  readonly history: IndexedChronicle;
  readonly index: Index;
  readonly tree: TreeDevice['tree'];
  readonly clock: Clock;
  readonly deviceName: typeof labelOf;
  readonly released: ReleasedChunks;
  readonly troubles: unknown[];
}

export interface Writing {
  readonly parts: VaultParts;
  readonly publisher: TreePublisher;
  readonly past: Past;
}

/** A device that brings things back: its contents are single chunks, so that no store is asked. */
export function writing(device: TreeDevice, all: readonly TreeDevice[] = [device]): Writing {
  const past = pastOf(device, all);
  const publisher = treePublisher(device);
  const parts = { ...past, publisher, random: seededRandom(device.id) } as unknown as VaultParts;
  return { parts, publisher, past };
}

/** Everything is kept. */
export const nothingReleased: ReleasedChunks = {
  isReleased: () => false,
  use: () => undefined,
};

/** What `device` has heard of the journals of all. @param folded so many batches of each are folded */
export function pastOf(
  device: TreeDevice,
  all: readonly TreeDevice[],
  index: Index = createMemoryIndex(),
  folded = 0,
): Past {
  const troubles: unknown[] = [];
  const history = new IndexedChronicle({
    index,
    source: {
      ...sourceOf(device, all),
      ...(folded > 0 && {
        beginningOf: (journal) => ({ sequence: folded, hash: hashOf(journal, folded) }),
      }),
    },
    clock,
    counts: (journal, sequence) => sequence <= (device.tree.vector().get(journal) ?? 0),
    onTrouble: (error) => troubles.push(error),
  });
  history.start();
  const tree = device.tree;
  return { history, index, tree, clock, deviceName: labelOf, released: nothingReleased, troubles };
}

/** Real time; unlike the agent's, it keeps the test alive that waits for it. */
const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    // Nobody waits for a retry.
    if (delayMs >= 10_000) timer.unref();
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
};

export function sourceOf(device: TreeDevice, all: readonly TreeDevice[]): BatchSource {
  const batchesOf = (journal: JournalId): readonly OpenedBatch[] =>
    all.find((each) => each.journal === journal)?.batches.map(withHash) ?? [];
  return {
    tips: () =>
      [...device.tree.vector()].map(([journal, sequence]) => ({
        journal,
        sequence,
        hash: batchesOf(journal)[sequence - 1]?.hash ?? hashOf(journal, sequence),
      })),
    async *read(journal, afterSequence) {
      const end = device.tree.vector().get(journal) ?? 0;
      for (const batch of batchesOf(journal).slice(afterSequence, end)) {
        await Promise.resolve();
        yield batch;
      }
    },
  };
}

/** Most batches of the tests have none of their own. */
export function withHash(batch: OpenedBatch): OpenedBatch {
  const { journal, sequence } = batch.header;
  const { hash } = batch as Partial<OpenedBatch>;
  return { ...batch, hash: hash ?? hashOf(journal, sequence) };
}

function hashOf(journal: JournalId, sequence: number): BatchHash {
  return (journal.slice(0, 32) + sequence.toString(16).padStart(32, '0')) as BatchHash;
}
