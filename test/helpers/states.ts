/** States of trees in one go, and the notes of a set of batches. */
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import { checkOp } from '../../agent/journal/check-op.ts';
import { opKey } from '../../agent/namespace/records.ts';
import { encodeState } from '../../agent/namespace/state/encode-state.ts';
import { loadState, type LoadedState } from '../../agent/namespace/state/load-state.ts';
import { createTree, type JournaledTree, type TreeOptions } from '../../agent/namespace/tree.ts';
import type { NoteOp } from '../../protocol/messages/op.ts';
import type { Dice } from './dice.ts';

export function notesIn(batches: readonly OpenedBatch[]): Map<string, NoteOp> {
  const notes = new Map<string, NoteOp>();
  for (const { header, body } of batches) {
    for (const [index, op] of body.ops.entries()) {
      if (op.type !== 'note' || checkOp(op) !== undefined) continue;
      notes.set(opKey({ journal: header.journal, sequence: header.sequence, index }), op);
    }
  }
  return notes;
}

export function pagesOf(
  tree: JournaledTree,
  notes: ReadonlyMap<string, NoteOp>,
  pageBytesMax?: number,
): Buffer[] {
  const options = pageBytesMax === undefined ? { notes } : { notes, pageBytesMax };
  return [...encodeState(tree, options)].filter((page) => page !== undefined);
}

/** @throws VaultError `damaged` */
export function treeOfPages(pages: readonly Buffer[], options: TreeOptions): LoadedState {
  const steps = loadState(pages, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** A tree of the same batches that came in another order. */
export function replayMixed(
  dice: Dice,
  batches: readonly OpenedBatch[],
  options: TreeOptions,
): JournaledTree {
  const tree = createTree(options);
  const lists = [...Map.groupBy(batches, ({ header }) => header.journal).values()];
  while (lists.length > 0) {
    const at = dice.between(0, lists.length - 1);
    const list = lists[at]!;
    tree.applyAll(list.splice(0, dice.between(1, 5)));
    if (list.length === 0) lists.splice(at, 1);
  }
  return tree;
}
