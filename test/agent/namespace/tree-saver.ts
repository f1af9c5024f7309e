import test from 'ava';
import assert from 'node:assert/strict';
import type { JournaledTree } from '../../../agent/namespace/tree.ts';
import { labelOf } from '../../helpers/namespace-checks.ts';
import { runHistories } from '../../helpers/namespace-histories.ts';
import { registersOf, SavedTree } from '../../helpers/saved-trees.ts';

const options = { deviceName: labelOf, pageNodesMax: 3 };

test('whatever the history, pages of two or three nodes show what naive replay shows', async (t) => {
  const pages = await runHistories({ seed: 1, count: 30, pageNodesMax: 2 });
  t.is(pages.histories, 30);
  t.is((await runHistories({ seed: 151, count: 30, pageNodesMax: 3 })).histories, 30);
});

test('a tree that is put together from what was saved is the one that was saved, and goes on like it', async (t) => {
  const saves = new WeakMap<JournaledTree, SavedTree>();
  let swaps = 0;
  const counts = await runHistories({
    seed: 301,
    count: 50,
    pageNodesMax: 3,
    swap(tree, batches) {
      const saved = saves.get(tree) ?? new SavedTree();
      saved.save(tree);
      const loaded = saved.load(options);
      assert.deepEqual(registersOf(loaded, batches), registersOf(tree, batches));
      // What is saved from now on is what differs from what was read.
      saves.set(loaded, saved);
      swaps += 1;
      return loaded;
    },
  });
  t.is(counts.histories, 50);
  t.true(swaps > 100);
});
