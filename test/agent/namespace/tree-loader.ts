import test from 'ava';
import { rootNodeId } from '../../../protocol/ids.ts';
import { labelOf, TreeDevice } from '../../helpers/tree-device.ts';
import { SavedTree } from '../../helpers/saved-trees.ts';

const options = { deviceName: labelOf, pageNodesMax: 2 };

/** A tree with something of everything, saved twice; what the first save held is kept. */
function savedTwice(): { device: TreeDevice; saved: SavedTree; before: Map<string, Buffer> } {
  const device = new TreeDevice('a');
  const saved = new SavedTree();
  const directory = device.makeDirectory('d');
  for (const name of ['a', 'b', 'c']) device.put(`d/${name}`, name);
  device.tree.treeHash();
  saved.save(device.tree);
  const before = new Map(saved.values);
  device.put('d/b', 'again');
  device.put('e', 'e');
  const { entry } = device.at('d');
  const name = Buffer.from('moved');
  device.say([{ type: 'move', entry, node: directory, parent: rootNodeId, name, replaces: [] }]);
  saved.save(device.tree);
  return { device, saved, before };
}

test('a whole save gives the tree that was saved', (t) => {
  const { device, saved } = savedTwice();
  t.deepEqual(saved.load(options).treeHash(), device.tree.treeHash());
});

test('a save of which any value is missing is not believed', (t) => {
  const { saved } = savedTwice();
  t.true(saved.values.size > 6);
  for (const [key, value] of [...saved.values]) {
    saved.values.delete(key);
    t.throws(() => saved.load(options), { instanceOf: RangeError }, key);
    saved.values.set(key, value);
  }
});

test('a save of which any value is the one of the save before is not believed', (t) => {
  const { saved, before } = savedTwice();
  let changed = 0;
  for (const [key, value] of [...saved.values]) {
    const old = before.get(key);
    if (old === undefined || old.equals(value)) continue;
    saved.values.set(key, old);
    t.throws(() => saved.load(options), { instanceOf: RangeError }, key);
    saved.values.set(key, value);
    changed += 1;
  }
  t.true(changed > 3);
});

test('values that are cut off or come from elsewhere are not believed', (t) => {
  const { saved } = savedTwice();
  for (const [key, value] of [...saved.values]) {
    for (let length = 0; length < value.length; length += 1) {
      saved.values.set(key, value.subarray(0, length));
      t.throws(
        () => saved.load(options),
        { instanceOf: RangeError },
        `${key} cut at ${String(length)}`,
      );
    }
    saved.values.set(key, value);
  }
  saved.values.set('09', Buffer.from('x'));
  t.throws(() => saved.load(options), { instanceOf: RangeError });
});
