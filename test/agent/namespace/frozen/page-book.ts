import test from 'ava';
import { createTree } from '../../../../agent/namespace/tree.ts';
import { rootNodeId, type EntryId, type NodeId } from '../../../../protocol/ids.ts';
import type { MakeOp, Op } from '../../../../protocol/messages/op.ts';
import { Dice } from '../../../helpers/dice.ts';
import { contentOf, labelOf, nextId, TreeDevice } from '../../../helpers/tree-device.ts';

function make(name: string): MakeOp {
  return {
    type: 'make',
    kind: 'file',
    node: nextId() as NodeId,
    entry: nextId() as EntryId,
    parent: rootNodeId,
    name: Buffer.from(name, 'latin1'),
    attributes: { mode: 0o600 },
    content: contentOf(name),
  };
}

/** Says the operations and holds the listing against the names that should be there. */
function sayAndList(device: TreeDevice, ops: readonly Op[]): string[] {
  device.say(ops);
  return (device.tree.list(rootNodeId) ?? []).map(({ name }) => name.toString('latin1'));
}

test('files that come and go in any order are listed by their names, and found by name and id', (t) => {
  const dice = new Dice(5);
  const device = new TreeDevice('a');
  const files = new Map<string, MakeOp>();
  for (let round = 0; round < 60; round += 1) {
    const ops: Op[] = [];
    for (let count = dice.between(1, 60); count > 0; count -= 1) {
      // Bytes beyond ASCII, and names that are the beginning of others.
      const name = `${dice.pick(['a', 'ab', 'abc', 'zz', '\xff\xfe'])}${dice.hex(2)}`;
      if (files.has(name)) continue;
      const op = make(name);
      files.set(name, op);
      ops.push(op);
    }
    // Now and then much goes at once, so that pages become small and join.
    const leaving = dice.chance(0.2) ? 0.8 : 0.1;
    for (const [name, { entry, node }] of [...files]) {
      if (!dice.chance(leaving) || ops.some((op) => op.type === 'make' && op.node === node))
        continue;
      const heads = device.tree.headsOf(node);
      ops.push({ type: 'unlink', entry, node, heads });
      files.delete(name);
    }
    t.deepEqual(sayAndList(device, ops), [...files.keys()].sort());
    const [name, op] = dice.pick([...files]);
    t.is(device.tree.resolve([Buffer.from(name, 'latin1')])?.node.id, op.node);
    t.deepEqual(device.tree.pathOf(op.node), [Buffer.from(name, 'latin1')]);
    t.is(device.tree.resolve([Buffer.from(`${name}x`, 'latin1')]), undefined);
  }
});

test('of one directory as many pages are kept as its files need, whatever has left it', (t) => {
  const device = new TreeDevice('a');
  const ops = Array.from({ length: 2000 }, (_, at) => make(String(at).padStart(5, '0')));
  device.say(ops);
  const pages = (): number =>
    device.tree.takeUnsaved('').filter(({ key, value }) => key[0] === 5 && value !== undefined)
      .length;
  device.tree.forgetSaved();
  // Names that only grow fill their pages.
  t.true(pages() <= 2000 / 64 + 1);
  device.say(
    ops
      .filter((_, at) => at % 20 !== 0)
      .map(({ entry, node }) => ({
        type: 'unlink',
        entry,
        node,
        heads: device.tree.headsOf(node),
      })),
  );
  t.is(device.tree.list(rootNodeId)?.length, 100);
  device.tree.forgetSaved();
  // Those that were deleted have pages of their own.
  t.true(pages() <= 1900 / 64 + 1 + 100 / 8);
});

test('a name that rests makes way for a directory, and comes back to its place', (t) => {
  const device = new TreeDevice('a');
  device.say([make('x')]);
  const directory = device.makeDirectory('y');
  const { entry, node } = device.at('y') as { entry: EntryId; node: { id: NodeId } };
  const moveTo = (name: string): Op => ({
    type: 'move',
    entry,
    node: node.id,
    parent: rootNodeId,
    name: Buffer.from(name),
    replaces: device.tree.positionOpsOf(entry, directory),
  });
  device.say([moveTo('x')]);
  t.is(device.at('x').node.kind, 'directory');
  t.is(device.list()?.length, 2);
  device.say([moveTo('z')]);
  t.deepEqual(device.list(), ['x', 'z']);
  t.is(device.at('x').node.kind, 'file');
});

test('nodes of one page that are touched together are written together', (t) => {
  const small = createTree({ deviceName: labelOf, pageNodesMax: 2 });
  const device = new TreeDevice('a');
  const ops = Array.from({ length: 9 }, (_, at) => make(String(at)));
  device.say(ops);
  device.say(
    ops.map(({ node }) => ({
      type: 'set-attributes',
      node,
      replaces: [],
      attributes: { mode: 0o400 },
    })),
  );
  small.applyAll(device.batches);
  t.deepEqual(small.list(rootNodeId), device.tree.list(rootNodeId));
  t.deepEqual(small.treeHash(), device.tree.treeHash());
});
