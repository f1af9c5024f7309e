import assert from 'node:assert/strict';
import test from 'ava';
import type { OpenedBatch } from '../../../../agent/journal/batch.ts';
import type { JournaledTree } from '../../../../agent/namespace/tree.ts';
import { Dice } from '../../../helpers/dice.ts';
import { labelOf } from '../../../helpers/namespace-checks.ts';
import { runHistories } from '../../../helpers/namespace-histories.ts';
import { notesIn, pagesOf, replayMixed, treeOfPages } from '../../../helpers/states.ts';

/** Small pages, so that a state has many. */
const pageBytesMax = 1500;

/** What stands for the batches takes their place, and is what it is on every other device. */
function folded(dice: Dice) {
  return (tree: JournaledTree, batches: readonly OpenedBatch[]): JournaledTree => {
    const options = { deviceName: labelOf, pageNodesMax: 4 };
    const notes = notesIn(batches);
    const pages = pagesOf(tree, notes, pageBytesMax);
    const other = replayMixed(dice, batches, options);
    assert.deepEqual(pagesOf(other, notes, pageBytesMax), pages, 'one state wherever it is made');
    const loaded = treeOfPages(pages, options);
    assert.deepEqual(pagesOf(loaded.tree, notes, pageBytesMax), pages, 'a state makes itself');
    assert.deepEqual(loaded.tree.treeHash(), tree.treeHash(), 'it shows the same');
    return loaded.tree;
  };
}

// `FOLD_HISTORIES=20000` runs many more; a failure names the seed.
test('whatever the history, a tree out of its state goes on like the one of all batches', async (t) => {
  const count = Number(process.env['FOLD_HISTORIES'] ?? 40);
  const seed = Number(process.env['FOLD_SEED'] ?? 1);
  const counts = await runHistories({ seed, count, swap: folded(new Dice(seed)) });
  t.is(counts.histories, count);
  t.true(counts.conflicts > count / 3);
});
