/**
 * The tree as it was: a second one, made from the same journals up to given batches, in slices beside
 * everything else that the agent does. Nobody changes it afterwards.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId, JournalId } from '../../protocol/ids.ts';
import type { BatchSource } from '../history/history.types.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import { createTree, type JournaledTree } from '../namespace/tree.ts';
import type { Vector } from './batch-times.ts';
import type { Slices } from './slices.ts';

export interface AtTreeParts {
  readonly source: BatchSource;
  /** As it names devices in conflict names. */
  readonly deviceName: (device: DeviceId) => string;
  /** Random, for the tables of the tree. */
  readonly seed: () => number;
}

/** Batches share one settling of the tree until they have so many operations, or are so many. */
const opsAtOnce = 200;
const batchesAtOnce = 32;

/**
 * @param onBatch hears of each one
 * @throws VaultError `cancelled`, `damaged`, and what the journals cannot be read with
 */
export async function buildTreeAt(
  { source, deviceName, seed }: AtTreeParts,
  vector: Vector,
  { slices, onBatch }: { readonly slices: Slices; readonly onBatch: () => void },
): Promise<JournaledTree> {
  const tree = createTree({ deviceName, seed: seed() });
  for (const [journal, sequence] of vector) {
    if (sequence === 0) continue;
    let group: OpenedBatch[] = [];
    let ops = 0;
    for await (const batch of source.read(journal, 0)) {
      group.push(batch);
      ops += batch.body.ops.length;
      onBatch();
      await slices.step();
      const isLast = batch.header.sequence >= sequence;
      if (isLast || ops >= opsAtOnce || group.length === batchesAtOnce) {
        tree.applyAll(group);
        group = [];
        ops = 0;
        await slices.step();
      }
      if (isLast) break;
    }
    if (group.length > 0) tree.applyAll(group);
    if (tree.vector().get(journal) !== sequence) throw tooShort(journal);
  }
  return tree;
}

/** The journals have to hold what the present tree is made of. */
export function tooShort(journal: JournalId): VaultError {
  return new VaultError('damaged', {
    op: 'vault.treeAt',
    subject: `journal ${journal}`,
    detail: 'it cannot be read as far as the present tree knows it',
    next: 'run the command again; if that does not help, vault doctor says more',
  });
}
