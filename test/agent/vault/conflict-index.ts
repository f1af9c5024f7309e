import test from 'ava';
import type { OpenedBatch } from '../../../agent/journal/batch.ts';
import { setAttributesOp, removeTreeOps, renameOp } from '../../../agent/namespace/author.ts';
import { createTree, type JournaledTree } from '../../../agent/namespace/tree.ts';
import type { Clock } from '../../../agent/ports.ts';
import { ConflictIndex, isInConflict } from '../../../agent/vault/conflict-index.ts';
import { rootNodeId, type NodeId } from '../../../protocol/ids.ts';
import { Dice } from '../../helpers/dice.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { honestOps } from '../../helpers/namespace-work.ts';
import { exchange, labelOf, TreeDevice } from '../../helpers/tree-device.ts';

/** Directories with something in conflict, found by looking at everything. */
function walked(tree: JournaledTree): NodeId[] {
  const found: NodeId[] = [];
  const look = (directory: NodeId): void => {
    const rows = tree.list(directory) ?? [];
    if (rows.some((row) => isInConflict(tree, row))) found.push(directory);
    for (const { node } of rows) if (node.kind === 'directory') look(node.id);
  };
  look(rootNodeId);
  return found.sort();
}

/** A tree that hears of everything the devices say, and an index of it. */
function watch() {
  const index = new ConflictIndex(createManualClock());
  const tree = createTree({
    deviceName: labelOf,
    onChange: (change) => {
      index.note(change);
    },
  });
  return { index, tree };
}

test('in random histories it finds what a walk over everything finds', async (t) => {
  let found = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    const dice = new Dice(seed);
    const devices = ['a', 'b', 'c'].map((digit) => new TreeDevice(digit));
    const { index, tree } = watch();
    for (let step = 0; step < 80; step += 1) {
      const device = dice.pick(devices);
      if (dice.chance(0.7)) {
        for (const ops of honestOps(dice, device.tree)) if (ops.length > 0) device.say(ops);
      } else device.hear(dice.pick(devices));
      if (dice.chance(0.3)) tree.applyAll(pending(tree, dice.pick(devices)));
      if (!dice.chance(0.2)) continue;
      const expected = walked(tree);
      found += expected.length;
      t.deepEqual([...(await index.directories(tree))].sort(), expected, `seed ${String(seed)}`);
    }
  }
  t.true(found > 200, `${String(found)} directories with conflicts`);
});

/** What the tree may take next from one device; batches may name ones that come later. */
function pending(tree: JournaledTree, { batches, journal }: TreeDevice): OpenedBatch[] {
  return batches.slice(tree.vector().get(journal) ?? 0);
}

test('a merge of directories far up shows clashes far below', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  for (const [device, above] of [
    [laptop, 'x'],
    [nas, 'y'],
  ] as const) {
    device.makeDirectory(above);
    device.makeDirectory(`${above}/deep`);
    device.makeDirectory(`${above}/deep/er`);
    device.put(`${above}/deep/er/f`, device.id);
  }
  exchange(laptop, nas);
  const { index, tree } = watch();
  tree.applyAll([...laptop.batches, ...nas.batches]);
  t.deepEqual(await index.directories(tree), []);
  // Both are renamed to one name by devices that do not know of each other.
  laptop.say(renameOp(laptop.tree, laptop.at('x'), { parent: rootNodeId, name: Buffer.from('z') }));
  nas.say(renameOp(nas.tree, nas.at('y'), { parent: rootNodeId, name: Buffer.from('z') }));
  exchange(laptop, nas);
  tree.applyAll([...pending(tree, laptop), ...pending(tree, nas)]);
  const lowest = laptop.at('z/deep/er').node.id;
  t.deepEqual(await index.directories(tree), [lowest]);
  t.deepEqual(walked(tree), [lowest]);
});

test('what was deleted on one device and changed on another is found', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.makeDirectory('d');
  laptop.put('d/f', 'one');
  exchange(laptop, nas);
  laptop.say(removeTreeOps(laptop.tree, laptop.at('d')));
  nas.put('d/f', 'two');
  exchange(laptop, nas);
  const { index, tree } = watch();
  tree.applyAll([...laptop.batches, ...nas.batches]);
  const directory = nas.at('d').node.id;
  t.deepEqual([...(await index.directories(tree))].sort(), [rootNodeId, directory].sort());
  // The directory is wanted again; the file is still shown for its edit only.
  tree.apply(nas.say([setAttributesOp(nas.tree, directory, { mode: 0o755 })]));
  t.deepEqual(await index.directories(tree), [directory]);
});

test('a large tree is looked at in slices, and questions at once share the walk', async (t) => {
  const device = new TreeDevice('a');
  for (let at = 0; at < 40; at += 1) device.makeDirectory(`d${String(at)}`);
  let turns = 0;
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => 0,
    // Every look takes half a millisecond.
    monotonicMs: () => (nowMs += 0.5),
    after(_delayMs, action) {
      turns += 1;
      setImmediate(action);
      return { cancel: () => undefined };
    },
  };
  const index = new ConflictIndex(clock);
  const answers = await Promise.all([
    index.directories(device.tree),
    index.directories(device.tree),
  ]);
  t.deepEqual(answers, [[], []]);
  t.true(turns >= 8 && turns < 20, `${String(turns)} turns`);
});

test('another tree in the place of the first is walked anew', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'laptop');
  nas.put('f', 'nas');
  const index = new ConflictIndex(createManualClock());
  t.deepEqual(await index.directories(laptop.tree), []);
  exchange(laptop, nas);
  t.deepEqual(await index.directories(nas.tree), [rootNodeId]);
});

test('whoever glances again and again learns what is new, for a small part of the time', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'laptop');
  nas.put('f', 'nas');
  let nowMs = 0;
  let looks = 0;
  const clock: Clock = {
    ...createManualClock(),
    // Every look takes half a millisecond.
    monotonicMs() {
      looks += 1;
      return (nowMs += 0.5);
    },
  };
  const index = new ConflictIndex(clock);
  const tree = createTree({
    deviceName: labelOf,
    onChange: (change) => {
      index.note(change);
    },
  });
  tree.applyAll(laptop.batches);
  t.is(index.known(tree), undefined, 'nobody has looked');
  await Promise.all([index.glance(tree), index.glance(tree)]);
  t.deepEqual(index.known(tree), []);
  tree.applyAll(nas.batches);
  const before = looks;
  await index.glance(tree);
  t.is(looks, before + 1, 'the next look is not due yet');
  t.deepEqual(index.known(tree), []);
  nowMs += 1000;
  await index.glance(tree);
  t.deepEqual(index.known(tree), [rootNodeId]);
});

test('a glance does not walk through a large tree that nobody has asked about', async (t) => {
  const { tree: small } = new TreeDevice('a');
  const totals = () => ({ ...small.totals(), files: 100_001 });
  const tree = Object.assign(Object.create(small) as JournaledTree, { totals });
  tree.list = small.list.bind(small);
  tree.root = small.root.bind(small);
  tree.mergedWith = small.mergedWith.bind(small);
  const index = new ConflictIndex(createManualClock());
  await index.glance(tree);
  t.is(index.known(tree), undefined);
  await index.directories(tree);
  t.deepEqual(index.known(tree), []);
});
