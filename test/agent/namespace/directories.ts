import test from 'ava';
import { removeTreeOps, renameOp } from '../../../agent/namespace/author.ts';
import { rootNodeId, type EntryId, type NodeId } from '../../../protocol/ids.ts';
import type { Op } from '../../../protocol/messages/op.ts';
import { exchange, nextId, TreeDevice } from '../../helpers/tree-device.ts';

function three(): [TreeDevice, TreeDevice, TreeDevice] {
  return [new TreeDevice('a'), new TreeDevice('b'), new TreeDevice('c')];
}

function rename(device: TreeDevice, from: string, to: string): void {
  const name = Buffer.from(to.split('/').at(-1) ?? '');
  const above = to.split('/').slice(0, -1).join('/');
  const parent = above === '' ? rootNodeId : device.at(above).node.id;
  device.say(renameOp(device.tree, device.at(from), { parent, name }));
}

function remove(device: TreeDevice, path: string): void {
  device.say(removeTreeOps(device.tree, device.at(path)));
}

function makeDirectory(name: string, parent: NodeId, node = nextId() as NodeId): Op {
  const entry = nextId() as EntryId;
  return {
    type: 'make',
    kind: 'directory',
    node,
    entry,
    parent,
    name: Buffer.from(name),
    attributes: {},
  };
}

test('renaming a directory is one operation and keeps the ids of everything below it', (t) => {
  const [a] = three();
  a.makeDirectory('d');
  a.makeDirectory('d/e');
  a.put('d/e/f', 'x');
  const before = a.at('d/e/f').node.id;
  rename(a, 'd', 'moved');
  t.is(a.batches.at(-1)?.body.ops.length, 1);
  t.is(a.at('moved/e/f').node.id, before);
  t.is(a.find('d'), undefined);
});

test('two moves that would make a circle together: the later one in the order of counters is skipped', (t) => {
  const [a, b] = three();
  a.makeDirectory('x');
  a.makeDirectory('y');
  b.hear(a);
  rename(a, 'x', 'y/x');
  rename(b, 'y', 'x/y');
  exchange(a, b);
  t.deepEqual(a.list(), ['y']);
  t.deepEqual(a.list('y'), ['x']);
  t.deepEqual(b.list('y'), ['x']);
});

test('a move that comes late is put in its place in the order', (t) => {
  const [a, b, c] = three();
  for (const name of ['p', 'q', 'r']) a.makeDirectory(name);
  exchange(a, b, c);
  rename(b, 'p', 'q/p');
  rename(a, 'q', 'r/q');
  rename(a, 'r/q', 'q');
  rename(a, 'q', 'p/q');
  exchange(a, b, c);
  t.deepEqual(a.tree.treeHash(), b.tree.treeHash());
  t.deepEqual(a.tree.treeHash(), c.tree.treeHash());
  t.deepEqual(
    a.list('q'),
    ['p'],
    'the move of b came first in the order, so the last of a is skipped',
  );
});

test('a directory that was removed is shown again for a live descendant, and goes with it', (t) => {
  const [a, b] = three();
  a.makeDirectory('d');
  b.hear(a);
  remove(a, 'd');
  b.put('d/f', 'x');
  t.deepEqual(a.list(), []);
  exchange(a, b);
  t.is(a.read('d/f'), 'x');
  b.say([
    {
      type: 'unlink',
      entry: b.at('d/f').entry,
      node: b.at('d/f').node.id,
      heads: b.tree.headsOf(b.at('d/f').node.id),
    },
  ]);
  t.deepEqual(b.list(), []);
});

test('removing the last thing in a directory that is shown only for it keeps the directory', (t) => {
  const [a, b] = three();
  a.makeDirectory('d');
  b.hear(a);
  remove(a, 'd');
  b.put('d/f', 'x');
  exchange(a, b);
  remove(b, 'd/f');
  t.deepEqual(b.list(), ['d']);
  remove(b, 'd');
  exchange(a, b);
  t.deepEqual(a.list(), []);
});

test('a rename wins over a concurrent removal of an empty directory', (t) => {
  const [a, b] = three();
  a.makeDirectory('d');
  b.hear(a);
  remove(a, 'd');
  rename(b, 'd', 'kept');
  exchange(a, b);
  t.deepEqual(a.list(), ['kept']);
});

test('directories of one name are shown as one, below them too', (t) => {
  const [a, b] = three();
  const low = a.makeDirectory('d');
  a.makeDirectory('d/sub');
  a.put('d/sub/from-a', 'x');
  const high = b.makeDirectory('d');
  b.makeDirectory('d/sub');
  b.put('d/sub/from-b', 'y');
  exchange(a, b);
  t.deepEqual(a.list(), ['d']);
  t.is(a.at('d').node.id, low);
  t.deepEqual(a.list('d'), ['sub']);
  t.deepEqual(a.list('d/sub'), ['from-a', 'from-b']);
  t.deepEqual(
    a.tree.mergedWith(high).map(({ node }) => node),
    [low, high],
  );
  t.deepEqual(
    a.tree.list(high)?.map(({ name }) => name.toString()),
    ['sub'],
    'each of them answers for all',
  );
});

test('renaming and removing act on all directories that are shown as one', (t) => {
  const [a, b] = three();
  a.makeDirectory('d');
  b.makeDirectory('d');
  exchange(a, b);
  rename(a, 'd', 'e');
  t.deepEqual(a.list(), ['e']);
  exchange(a, b);
  remove(b, 'e');
  exchange(a, b);
  t.deepEqual(a.list(), []);
});

test('what a directory is made in may come later: it is invisible until then', (t) => {
  const [a, b, c] = three();
  a.makeDirectory('d');
  b.hear(a);
  b.makeDirectory('d/e');
  b.put('d/e/f', 'x');
  c.hear(b);
  t.deepEqual(c.list(), []);
  t.is(c.tree.pathOf(b.at('d/e').node.id), undefined);
  c.hear(a);
  t.is(c.read('d/e/f'), 'x');
});

test('a move into a directory that is not known yet leaves its node where it was', (t) => {
  const [a, b, c] = three();
  a.makeDirectory('d');
  exchange(a, b, c);
  c.makeDirectory('new');
  b.hear(c);
  rename(b, 'd', 'new/d');
  a.hear(b);
  t.deepEqual(a.list(), ['d']);
  a.hear(c);
  t.deepEqual(a.list(), ['new']);
});

test('two directories that are made below each other: the lowest id stands below the root', (t) => {
  const [a, b] = three();
  const [low, high] = [nextId() as NodeId, nextId() as NodeId];
  a.say([makeDirectory('low', high, low)]);
  b.say([makeDirectory('high', low, high)]);
  exchange(a, b);
  t.deepEqual(a.list(), ['low']);
  t.deepEqual(b.list('low'), ['high']);
});

test('one that was made twice in a batch, first where nothing is, then below its child, is no circle', (t) => {
  const [a, b] = three();
  const [low, high, nowhere] = [nextId(), nextId(), nextId()] as [NodeId, NodeId, NodeId];
  a.makeDirectory('d');
  exchange(a, b);
  a.say([
    makeDirectory('low', nowhere, low),
    makeDirectory('high', low, high),
    makeDirectory('low', high, low),
  ]);
  t.deepEqual(a.list(), ['d', 'low']);
  t.deepEqual(a.list('low'), ['high']);
  rename(a, 'd', 'low/high/d');
  b.hear(a);
  t.deepEqual(b.list('low/high'), ['d']);
  t.deepEqual(b.tree.treeHash(), a.tree.treeHash());
});

test('a node that two devices make as different things is not shown', (t) => {
  const [a, b] = three();
  const node = nextId() as NodeId;
  a.say([makeDirectory('d', rootNodeId, node)]);
  b.say([
    {
      type: 'make',
      kind: 'symlink',
      node,
      entry: nextId() as EntryId,
      parent: rootNodeId,
      name: Buffer.from('l'),
      attributes: {},
      target: Buffer.from('t'),
    },
  ]);
  exchange(a, b);
  t.deepEqual(a.list(), []);
  t.deepEqual(b.list(), []);
  t.is(a.tree.node(node), undefined);
});

test('an operation that breaks a rule has no effect and is counted', (t) => {
  const [a] = three();
  a.say([makeDirectory('..', rootNodeId), makeDirectory('fine', rootNodeId), { type: 'unknown' }]);
  t.is(a.tree.rejected, 2);
  t.deepEqual(a.list(), ['fine']);
});

test('an operation that was issued again in another journal makes nothing twice', (t) => {
  const [a, b] = three();
  a.makeDirectory('d');
  a.put('d/f', 'x');
  b.say(a.batches[0]!.body.ops);
  b.say(a.batches[1]!.body.ops);
  exchange(a, b);
  t.deepEqual(a.list(), ['d']);
  t.deepEqual(a.list('d'), ['f']);
  t.deepEqual(a.tree.totals(), { files: 1, directories: 1, symlinks: 0, bytes: 1 });
});

test('a very deep tree neither overflows nor makes the hash fail', (t) => {
  const [a] = three();
  let parent = rootNodeId;
  const ops: Op[] = [];
  for (let depth = 0; depth < 20_000; depth += 1) {
    const node = nextId() as NodeId;
    ops.push(makeDirectory('d', parent, node));
    parent = node;
  }
  a.say(ops);
  t.is(a.tree.treeHash().length, 32);
  t.is(a.tree.pathOf(parent)?.length, 20_000);
});

test('a batch that was applied is skipped, and one out of order is refused', (t) => {
  const [a, b] = three();
  a.makeDirectory('d');
  a.makeDirectory('e');
  b.tree.apply(a.batches[0]!);
  const change = b.tree.apply(a.batches[0]!);
  t.is(change.directories.size + change.nodes.size, 0);
  t.throws(() => new TreeDevice('c').tree.apply(a.batches[1]!), { name: 'AssertionError' });
});

test('a change names the directories and nodes that may look different', (t) => {
  const [a] = three();
  const node = a.makeDirectory('d');
  a.put('d/f', 'x');
  const batch = a.batches.at(-1)!;
  const b = new TreeDevice('b');
  b.tree.apply(a.batches[0]!);
  const change = b.tree.apply(batch);
  t.true(change.directories.has(node));
  t.true(change.nodes.has(a.at('d/f').node.id));
});
