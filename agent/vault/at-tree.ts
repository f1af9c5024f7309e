/**
 * The tree as it was: a second one, made from the same journals up to given batches, in slices beside
 * everything else that the agent does. Nobody changes it afterwards.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId, JournalId } from '../../protocol/ids.ts';
import type { BatchSource } from '../history/history.types.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import type { LoadedState } from '../namespace/state/load-state.ts';
import { createTree, type JournaledTree, type TreeOptions } from '../namespace/tree.ts';
import type { Vector } from './batch-times.ts';
import { formatTime } from './format-time.ts';
import type { Slices } from './slices.ts';
import { isWithin } from './is-within.ts';

export interface AtTreeParts {
  readonly source: BatchSource;
  /** As it names devices in conflict names. */
  readonly deviceName: (device: DeviceId) => string;
  /** What the journals begin with, where old history was folded. */
  readonly base?: TreeBase;
  /** Random, for the tables of the tree. */
  readonly seed: () => number;
}

export interface TreeBase {
  /** Empty: nothing is folded. */
  readonly places: Vector;
  /** When the latest of what is folded was written: Unix ms. */
  readonly latestMs: number | undefined;
  load(options: TreeOptions, slices: Slices): Promise<Pick<LoadedState, 'tree'>>;
}

/** Batches share one settling of the tree until they have so many operations, or are so many. */
const opsAtOnce = 200;
const batchesAtOnce = 32;

/**
 * @param onBatch hears of each one
 * @throws VaultError `not-supported` for what was folded; `cancelled`, `damaged`, and what the journals
 * cannot be read with
 */
export async function buildTreeAt(
  { source, deviceName, seed, base }: AtTreeParts,
  vector: Vector,
  { slices, onBatch }: { readonly slices: Slices; readonly onBatch: () => void },
): Promise<JournaledTree> {
  const options = { deviceName, seed: seed() };
  const begun = base !== undefined && base.places.size > 0 ? base : undefined;
  if (begun !== undefined && !isWithin(begun.places, vector)) throw foldedAway(begun);
  const tree = begun === undefined ? createTree(options) : (await begun.load(options, slices)).tree;
  for (const [journal, sequence] of vector) {
    if (sequence === (tree.vector().get(journal) ?? 0)) continue;
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

/** What was before the state is known to nobody any more. */
export function foldedAway({ latestMs }: Pick<TreeBase, 'latestMs'>): VaultError {
  const until = latestMs === undefined ? '' : ` up to ${formatTime(latestMs)}`;
  return new VaultError('not-supported', {
    op: 'vault.treeAt',
    subject: 'this moment',
    detail: `history${until} was folded`,
    next: 'name a later moment; vault retention fold --dry-run says from when on the vault is shown',
  });
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
