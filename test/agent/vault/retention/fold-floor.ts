/** Up to where the past may go that nobody was promised. */
import test from 'ava';
import { removeTreeOps, setAttributesOp } from '../../../../agent/namespace/author.ts';
import { foldFloor, type FloorParts } from '../../../../agent/vault/retention/fold-floor.ts';
import { rootOf } from '../../../../agent/vault/content-root.ts';
import { ruleName } from '../../../../agent/vault/retention/rules.ts';
import type { CountingPrefix } from '../../../../agent/validity/counting.ts';
import type { EntryId, NodeId } from '../../../../protocol/ids.ts';
import { pastOf, sourceOf } from '../../../helpers/past.ts';
import { contentOf, exchange, nextId, TreeDevice } from '../../../helpers/tree-device.ts';

const dayMs = 24 * 3_600_000;

function floorOf(
  device: TreeDevice,
  all: readonly TreeDevice[] = [device],
  parts: Partial<FloorParts> = {},
): Promise<readonly number[]> {
  const { clock } = pastOf(device, all);
  return foldFloor({
    tree: device.tree,
    source: sourceOf(device, all),
    clock: { ...clock, nowMs: () => device.nowMs },
    isReleased: () => false,
    prefixOf: () => undefined,
    ...parts,
  }).then((floor) => all.map(({ journal }) => floor.get(journal) ?? 0));
}

function setRule(device: TreeDevice, rule: string): void {
  const value = Buffer.from(rule);
  const { id } = device.tree.root();
  device.say([setAttributesOp(device.tree, id, { xattrs: new Map([[ruleName, value]]) })]);
}

test('without rules nothing goes from the first version on that was replaced', async (t) => {
  const a = new TreeDevice('a');
  a.makeDirectory('d');
  a.put('d/x', 'one');
  t.deepEqual(await floorOf(a), [2]);
  a.put('d/y', 'stays');
  a.put('d/x', 'two');
  t.deepEqual(await floorOf(a), [1]);
});

test('what a rule lets go is no reason, nor what went; what it keeps is', async (t) => {
  const a = new TreeDevice('a');
  for (const text of ['one', 'two', 'three']) a.put('x', text);
  const one = rootOf(contentOf('one'));
  t.deepEqual(await floorOf(a, [a], { isReleased: (id) => id === one }), [1]);
  setRule(a, 'keep-last=2');
  t.deepEqual(await floorOf(a), [1]);
  setRule(a, 'keep-last=1');
  t.deepEqual(await floorOf(a), [5]);
});

test('an empty version is kept as others are', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  const [head] = a.tree.headsOf(a.at('x').node.id);
  if (head === undefined) return;
  const write = { type: 'write', node: a.at('x').node.id, attributes: {}, replaces: [] } as const;
  a.say([{ ...write, supersedes: [head], content: { type: 'empty' } }]);
  a.put('x', 'three');
  setRule(a, 'keep-last=2');
  t.deepEqual(await floorOf(a), [1], 'it is the one before the last');
  setRule(a, 'keep-last=1');
  t.deepEqual(await floorOf(a), [5]);
});

test('a deletion stays as long as what it deleted, and older versions that a rule lets go do not', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  a.say(removeTreeOps(a.tree, a.at('x')));
  t.deepEqual(await floorOf(a), [1]);
  a.put('y', 'one');
  a.put('y', 'two');
  a.say(removeTreeOps(a.tree, a.at('y')));
  t.deepEqual(await floorOf(a), [1]);
  setRule(a, 'keep-last=1 trash-days=30');
  t.deepEqual(await floorOf(a), [1]);
  a.nowMs += 31 * dayMs;
  t.deepEqual(await floorOf(a), [6]);
});

test('links and directories that are in the trash can be brought back, too', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  setRule(a, 'keep-last=1 trash-days=30');
  const { id: parent } = a.tree.root();
  const link = { type: 'make', kind: 'symlink', target: Buffer.from('x'), attributes: {} } as const;
  const place = { entry: nextId() as EntryId, parent, name: Buffer.from('link') };
  a.say([{ ...link, ...place, node: nextId() as NodeId }]);
  a.makeDirectory('d');
  t.deepEqual(await floorOf(a), [4]);
  a.say(removeTreeOps(a.tree, a.at('d')));
  t.deepEqual(await floorOf(a), [4], 'before the directory went');
  a.nowMs += 20 * dayMs;
  a.say(removeTreeOps(a.tree, a.at('link')));
  t.deepEqual(await floorOf(a), [4]);
  a.nowMs += 20 * dayMs;
  t.deepEqual(await floorOf(a), [5], 'before the link went');
  a.nowMs += 20 * dayMs;
  t.deepEqual(await floorOf(a), [6]);
});

test('both sides of a conflict are in the state', async (t) => {
  const [a, b] = [new TreeDevice('a'), new TreeDevice('b')];
  a.put('x', 'before');
  exchange(a, b);
  a.put('x', 'by a');
  b.put('x', 'by b');
  exchange(a, b);
  setRule(a, 'keep-last=1');
  t.deepEqual(await floorOf(a, [a, b]), [3, 1]);
});

test('a snapshot can be shown afterwards', async (t) => {
  const [a, b] = [new TreeDevice('a'), new TreeDevice('b')];
  a.put('x', 'one');
  exchange(a, b);
  const vector = [...a.tree.vector()].map(([journal, sequence]) => ({ journal, sequence }));
  a.say([{ type: 'take-snapshot', id: nextId(), name: 'then', vector }]);
  b.put('y', 'later');
  exchange(a, b);
  t.deepEqual(await floorOf(a, [a, b]), [1, 0]);
});

test('where a branch was chosen, or has to be, nothing goes', async (t) => {
  const a = new TreeDevice('a');
  for (const name of ['x', 'y', 'z', 'u']) a.put(name, name);
  const prefix = (some: Partial<CountingPrefix>): Partial<FloorParts> => ({
    prefixOf: () => ({ sequence: 4, route: [], stop: undefined, settled: [], ...some }),
  });
  t.deepEqual(await floorOf(a, [a], prefix({ settled: [3] })), [2]);
  const forked = { type: 'forked', at: 4, candidates: [] } as const;
  t.deepEqual(await floorOf(a, [a], prefix({ stop: forked })), [3]);
  t.deepEqual(await floorOf(a, [a], prefix({ stop: { type: 'cut-off', at: 5 } })), [4]);
});
