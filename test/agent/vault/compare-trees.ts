import test from 'ava';
import { renameOp, removeTreeOps } from '../../../agent/namespace/author.ts';
import { createTree } from '../../../agent/namespace/tree.ts';
import type { Tree } from '../../../agent/namespace/tree.types.ts';
import { walk } from '../../../agent/vault/browse.ts';
import { compareTrees } from '../../../agent/vault/compare-trees.ts';
import { joinPath, type VaultPath } from '../../../agent/vault/path.ts';
import { Slices } from '../../../agent/vault/slices.ts';
import { rootNodeId } from '../../../protocol/ids.ts';
import type { Difference } from '../../../protocol/messages/control-past.ts';
import { Dice } from '../../helpers/dice.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { honestOps } from '../../helpers/namespace-work.ts';
import { labelOf, TreeDevice } from '../../helpers/tree-device.ts';

const pathOf = (path: string): VaultPath =>
  path === '' ? [] : path.split('/').map((name) => Buffer.from(name));

/** The tree of the first batches of a device. */
function treeAfter({ batches }: TreeDevice, count: number): Tree {
  const tree = createTree({ deviceName: labelOf });
  tree.applyAll(batches.slice(0, count));
  return tree;
}

async function differences(before: Tree, after: Tree, path = ''): Promise<Difference[]> {
  const rows: Difference[] = [];
  const slices = new Slices(createManualClock());
  for await (const row of compareTrees({ before, after, slices }, pathOf(path))) rows.push(row);
  return rows;
}

const textOf = ({ type, path, pathBefore }: Difference): string =>
  `${type} ${pathBefore === undefined ? '' : `${pathBefore.toString()} -> `}${path.toString()}`;

function rename(device: TreeDevice, from: string, parent: string, name: string): void {
  const to = parent === '' ? rootNodeId : device.at(parent).node.id;
  device.say(renameOp(device.tree, device.at(from), { parent: to, name: Buffer.from(name) }));
}

test('files that came, went and changed; directories with what is in them', async (t) => {
  const device = new TreeDevice('a');
  for (const directory of ['d', 'old']) device.makeDirectory(directory);
  for (const path of ['d/changed', 'd/same', 'old/x', 'gone']) device.put(path, 'one');
  const then = device.batches.length;
  device.put('d/changed', 'three');
  device.say(removeTreeOps(device.tree, device.at('old')));
  device.say(removeTreeOps(device.tree, device.at('gone')));
  device.makeDirectory('new');
  device.put('new/y', 'two');
  const rows = await differences(treeAfter(device, then), device.tree);
  t.deepEqual(rows.map(textOf), [
    'changed d/changed',
    'removed gone',
    'added new',
    'added new/y',
    'removed old',
    'removed old/x',
  ]);
  t.like(rows[0], { kind: 'file', sizeBefore: 3, sizeAfter: 5 });
  t.deepEqual((await differences(treeAfter(device, then), device.tree, 'd')).map(textOf), [
    'changed d/changed',
  ]);
  await t.throwsAsync(differences(treeAfter(device, then), device.tree, 'never'), {
    message: /neither in the one nor in the other/,
  });
  t.deepEqual(await differences(device.tree, device.tree), []);
});

test('what was renamed is one row, with what has changed in it', async (t) => {
  const device = new TreeDevice('a');
  device.makeDirectory('d');
  for (const path of ['d/a', 'd/b', 'f']) device.put(path, 'one');
  const then = device.batches.length;
  rename(device, 'd', '', 'e');
  device.put('e/a', 'other');
  rename(device, 'f', 'e', 'g');
  const rows = await differences(treeAfter(device, then), device.tree);
  t.deepEqual(rows.map(textOf), ['renamed d -> e', 'changed e/a', 'renamed f -> e/g']);
});

test('what was renamed into or out of the path is told there too', async (t) => {
  const device = new TreeDevice('a');
  for (const directory of ['d', 'e']) device.makeDirectory(directory);
  device.put('d/f', 'one');
  const then = device.batches.length;
  rename(device, 'd/f', 'e', 'g');
  const before = treeAfter(device, then);
  for (const path of ['d', 'e']) {
    const rows = await differences(before, device.tree, path);
    t.deepEqual(rows.map(textOf), ['renamed d/f -> e/g'], path);
  }
});

test('a directory below a new one, and two files that traded names', async (t) => {
  const device = new TreeDevice('a');
  device.makeDirectory('a');
  for (const path of ['a/x', 'p', 'q']) device.put(path, path);
  const then = device.batches.length;
  device.makeDirectory('b');
  rename(device, 'a', 'b', 'a');
  rename(device, 'p', '', 'temporary');
  rename(device, 'q', '', 'p');
  rename(device, 'temporary', '', 'q');
  const rows = await differences(treeAfter(device, then), device.tree);
  t.deepEqual(rows.map(textOf), ['renamed a -> b/a', 'added b', 'changed p', 'changed q']);
});

test('in random histories the rows lead from the one tree to the other', async (t) => {
  let total = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    const dice = new Dice(seed);
    const device = new TreeDevice('a');
    for (let step = 0; step < 40; step += 1) {
      for (const ops of honestOps(dice, device.tree)) if (ops.length > 0) device.say(ops);
    }
    const before = treeAfter(device, dice.between(0, device.batches.length));
    const rows = await differences(before, device.tree);
    total += rows.length;
    t.deepEqual(pathsAfter(before, rows), pathsIn(device.tree), `seed ${String(seed)}`);
  }
  t.true(total > 200, String(total));
});

function pathsIn(tree: Tree): string[] {
  return [...walk(tree, [], { recursive: true })]
    .map(({ path }) => joinPath(path).toString('latin1'))
    .sort();
}

/** The paths of the earlier tree, with the rows carried out on them. */
function pathsAfter(tree: Tree, rows: readonly Difference[]): string[] {
  const latin1 = (path: Buffer | undefined): string => path?.toString('latin1') ?? '';
  const removed = new Set(rows.filter(({ type }) => type === 'removed').map((r) => latin1(r.path)));
  const moves = new Map(
    rows
      .filter(({ type }) => type === 'renamed')
      .map((row) => [latin1(row.pathBefore), latin1(row.path)] as const),
  );
  const carried = pathsIn(tree)
    .filter((path) => !removed.has(path))
    .map((path) => {
      // The nearest directory above that was renamed, or the path itself.
      for (
        let at = path;
        at !== '';
        at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : ''
      ) {
        const to = moves.get(at);
        if (to !== undefined) return to + path.slice(at.length);
      }
      return path;
    });
  const added = rows.filter(({ type }) => type === 'added').map(({ path }) => latin1(path));
  return [...carried, ...added].sort();
}
