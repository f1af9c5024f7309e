import test from 'ava';
import { setAttributesOp } from '../../../agent/namespace/author.ts';
import { createTree } from '../../../agent/namespace/tree.ts';
import { rootNodeId, type EntryId, type NodeId } from '../../../protocol/ids.ts';
import type { MakeOp, Replaced } from '../../../protocol/messages/op.ts';
import { contentOf, exchange, labelOf, nextId, TreeDevice } from '../../helpers/tree-device.ts';

/** The hash of a tree that was made from nothing out of the same batches. */
function freshHash(...devices: readonly TreeDevice[]): Buffer {
  const tree = createTree({ deviceName: labelOf });
  for (const { batches } of devices) tree.applyAll(batches);
  return tree.treeHash();
}

function makeFile(parent: NodeId, name: string, over?: Replaced): MakeOp {
  const [node, entry] = [nextId() as NodeId, nextId() as EntryId];
  const content = contentOf(`${name} ${node}`);
  return {
    type: 'make',
    kind: 'file',
    node,
    entry,
    parent,
    name: Buffer.from(name),
    attributes: {},
    content,
    over,
  };
}

test('whatever is shown changes the hash, and taking it back gives the old one', (t) => {
  const a = new TreeDevice('a');
  a.makeDirectory('d');
  a.put('d/f', 'x');
  const hashes = new Set([a.tree.treeHash().toString('hex')]);
  const { node } = a.at('d/f');
  for (const attributes of [
    { mode: 0o600 },
    { mtime: { seconds: 1, nanoseconds: 0 } },
    { mtime: { seconds: 1, nanoseconds: 1 } },
    { xattrs: new Map([['user.a', Buffer.from('1')]]) },
    { xattrs: new Map([['user.a', Buffer.from('2')]]) },
  ]) {
    a.say([setAttributesOp(a.tree, node.id, attributes)]);
    hashes.add(a.tree.treeHash().toString('hex'));
  }
  a.put('d/f', 'y');
  hashes.add(a.tree.treeHash().toString('hex'));
  a.say([setAttributesOp(a.tree, rootNodeId, { mode: 0o700 })]);
  hashes.add(a.tree.treeHash().toString('hex'));
  t.is(hashes.size, 8);
  const before = a.tree.treeHash();
  a.say([setAttributesOp(a.tree, node.id, { mode: 0o644 })]);
  t.notDeepEqual(a.tree.treeHash(), before);
  a.say([setAttributesOp(a.tree, node.id, { mode: 0o600 })]);
  t.deepEqual(a.tree.treeHash(), before);
});

test('a directory that joins and leaves a group does not leave a wrong hash behind', (t) => {
  const [a, b] = [new TreeDevice('a'), new TreeDevice('b')];
  const low = a.makeDirectory('d');
  a.put('d/x', 'x');
  const alone = a.tree.treeHash();
  b.makeDirectory('d');
  b.put('d/y', 'y');
  exchange(a, b);
  t.notDeepEqual(a.tree.treeHash(), alone);
  t.deepEqual(a.tree.treeHash(), freshHash(a, b));
  const { node, entry } = a.tree.mergedWith(low)[1]!;
  a.say([{ type: 'move', entry, node, parent: rootNodeId, name: Buffer.from('e'), replaces: [] }]);
  t.deepEqual(a.tree.treeHash(), freshHash(a, b));
});

test('histories that join elsewhere change who keeps a name, and the hash with it', (t) => {
  const [a, b] = [new TreeDevice('a'), new TreeDevice('b')];
  const directory = a.makeDirectory('d');
  const [first, second] = [makeFile(rootNodeId, 'first'), makeFile(rootNodeId, 'second')];
  a.say([first, second]);
  b.hear(a);
  const over = ({ entry, node }: MakeOp): Replaced => ({ entry, node, heads: [] });
  a.say([makeFile(directory, 'f', over(first))]);
  b.nowMs += 60_000;
  const later = makeFile(directory, 'f', over(second));
  b.say([later]);
  exchange(a, b);
  t.not(a.at('d/f').node.id, later.node);
  const before = a.tree.treeHash();
  const { entry, node } = first;
  a.say([
    {
      type: 'move',
      entry,
      node,
      parent: rootNodeId,
      name: Buffer.from('m'),
      replaces: [],
      over: over(second),
    },
  ]);
  t.is(a.at('d/f').node.id, later.node);
  t.notDeepEqual(a.tree.treeHash(), before);
  t.deepEqual(a.tree.treeHash(), freshHash(a, b));
});

test('new labels of devices make new conflict names', (t) => {
  let label = 'old';
  const tree = createTree({ deviceName: () => label });
  const [a, b] = [new TreeDevice('a'), new TreeDevice('b')];
  a.put('f', 'x');
  b.put('f', 'y');
  tree.applyAll([...a.batches, ...b.batches]);
  const before = tree.treeHash();
  label = 'new';
  tree.relabel();
  t.notDeepEqual(tree.treeHash(), before);
  t.true(tree.list(rootNodeId)?.some(({ name }) => name.includes(' new ')));
});
