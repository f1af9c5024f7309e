import fc from 'fast-check';
import test from 'ava';
import type { Change } from '../../../agent/history/history.types.ts';
import { compareChanges } from '../../../agent/history/compare-changes.ts';
import { replacedBy } from '../../../agent/history/collect-rows.ts';
import { removeTreeOps, renameOp } from '../../../agent/namespace/author.ts';
import { createMemoryIndex } from '../../../agent/store/memory-index.ts';
import { rootNodeId, type NodeId } from '../../../protocol/ids.ts';
import { Dice } from '../../helpers/dice.ts';
import { honestOps } from '../../helpers/namespace-work.ts';
import { pastOf, withHash, type Past } from '../../helpers/past.ts';
import { exchange, TreeDevice } from '../../helpers/tree-device.ts';

const name = (text: string): Buffer => Buffer.from(text);
const typesOf = (changes: readonly Change[]): string[] => changes.map(({ body }) => body.type);

test('changes of a node are all that was done to it, oldest first', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  a.put('x', 'two');
  const { node } = a.at('x');
  a.say(renameOp(a.tree, a.at('x'), { parent: rootNodeId, name: name('y') }));
  a.say(removeTreeOps(a.tree, a.at('y')));
  const { history } = pastOf(a, [a]);
  const changes = await history.changesOf(node.id);
  t.deepEqual(typesOf(changes), ['make', 'write', 'move', 'unlink']);
  t.deepEqual(
    changes.map(({ author }) => author),
    Array(4).fill(a.id),
  );
  t.deepEqual(await history.change(changes[1]!.op), changes[1]);
  t.deepEqual(await history.changesOf('77'.repeat(16) as NodeId), []);
});

test('the history of a file goes through those that made way for it', async (t) => {
  const a = new TreeDevice('a');
  a.put('doc', 'one');
  const first = a.at('doc').node.id;
  for (const text of ['two', 'three']) {
    a.put('tmp', text);
    a.say(renameOp(a.tree, a.at('tmp'), { parent: rootNodeId, name: name('doc') }));
  }
  const last = a.at('doc').node.id;
  const { history } = pastOf(a, [a]);
  const lineage = await history.lineageOf(last);
  t.is(lineage.length, 3);
  t.is(lineage[0], last);
  t.is(lineage[2], first);
  t.deepEqual(await history.lineageOf(first), [first]);
});

test('departures are removals and moves out of a directory, not renames in it', async (t) => {
  const a = new TreeDevice('a');
  const docs = a.makeDirectory('docs');
  for (const path of ['docs/1', 'docs/2', 'docs/3', '4']) a.put(path, path);
  a.say(renameOp(a.tree, a.at('docs/1'), { parent: docs, name: name('renamed') }));
  a.say(renameOp(a.tree, a.at('docs/2'), { parent: rootNodeId, name: name('2') }));
  a.say(removeTreeOps(a.tree, a.at('docs/3')));
  a.say(removeTreeOps(a.tree, a.at('4')));
  const { history } = pastOf(a, [a]);
  t.deepEqual(typesOf(await history.departuresFrom(docs)), ['move', 'unlink']);
  t.deepEqual(typesOf(await history.departuresFrom(rootNodeId)), ['unlink']);
  t.is((await history.arrivalsIn(docs)).length, 4);
});

test('rows are kept: only what came later is read again', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  const index = createMemoryIndex();
  const before = pastOf(a, [a], index);
  const { node } = a.at('x');
  await before.history.changesOf(node.id);
  await before.history.close();
  a.put('x', 'two');
  const after = pastOf(a, [a], index);
  t.deepEqual(typesOf(await after.history.changesOf(node.id)), ['make', 'write']);
  t.is(after.history.behindBatches(), 0);
});

test('rows about what was folded since say nothing any more, as where they were made after it', async (t) => {
  const a = new TreeDevice('a');
  for (const name of ['x', 'y']) {
    a.put(name, name);
    a.say(removeTreeOps(a.tree, a.at(name)));
  }
  const index = createMemoryIndex();
  const departuresIn = async ({ history }: Past): Promise<number[]> => {
    const found: number[] = [];
    for await (const { op } of history.departures()) found.push(op.sequence);
    await history.close();
    return found;
  };
  t.deepEqual(await departuresIn(pastOf(a, [a], index)), [2, 4]);
  t.deepEqual(await departuresIn(pastOf(a, [a], index, 3)), [4]);
  t.deepEqual(await departuresIn(pastOf(a, [a], createMemoryIndex(), 3)), [4]);
});

test('what is observed while it runs is found at once', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  const { history } = pastOf(a, [a]);
  const { node } = a.at('x');
  t.is((await history.changesOf(node.id)).length, 1);
  a.put('x', 'two');
  history.observe(a.batches.slice(-1).map(withHash));
  t.is((await history.changesOf(node.id)).length, 2);
  // One that was left out is read from the journals.
  a.put('x', 'three');
  a.put('x', 'four');
  history.observe(a.batches.slice(-1).map(withHash));
  t.is((await history.changesOf(node.id)).length, 4);
  history.observe(a.batches.map(withHash));
  t.is((await history.changesOf(node.id)).length, 4);
});

test('rows of other journals are thrown away and made again', async (t) => {
  const index = createMemoryIndex();
  const a = new TreeDevice('a');
  for (const text of ['one', 'two', 'three']) a.put('x', text);
  const other = pastOf(a, [a], index);
  await other.history.changesOf(a.at('x').node.id);
  await other.history.close();
  // The same journal, shorter, as a restored backup has it.
  const b = new TreeDevice('a');
  b.put('y', 'one');
  const past = pastOf(b, [b], index);
  t.deepEqual(typesOf(await past.history.changesOf(b.at('y').node.id)), ['make']);
  t.deepEqual(await past.history.changesOf(a.at('x').node.id), []);
});

test('what does not count has no past, until it counts', async (t) => {
  const a = new TreeDevice('a');
  const b = new TreeDevice('b');
  a.put('x', 'one');
  exchange(a, b);
  a.put('x', 'two');
  const { history } = pastOf(b, [a, b]);
  const { node } = b.at('x');
  t.is((await history.changesOf(node.id)).length, 1);
  t.is(await history.change({ journal: a.journal, sequence: 2, index: 0 }), undefined);
  b.hear(a);
  await history.rebuild();
  t.is((await history.changesOf(node.id)).length, 2);
});

test('another branch of a journal throws the rows of the first one away', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  a.put('y', 'two');
  const index = createMemoryIndex();
  const { history } = pastOf(a, [a], index);
  await history.changesOf(a.at('y').node.id);
  await history.close();
  const b = new TreeDevice('a');
  b.put('x', 'one');
  b.put('z', 'other');
  b.put('z', 'more');
  const chained = b.batches.map((batch, at) => ({
    ...batch,
    hash: String(at).repeat(64),
    header: { ...batch.header, previous: at === 0 ? undefined : String(at - 1).repeat(64) },
  }));
  b.batches.splice(0, b.batches.length, ...(chained as unknown as typeof b.batches));
  const later = pastOf(b, [b], index);
  t.deepEqual(await later.history.changesOf(a.at('y').node.id), []);
  t.is((await later.history.changesOf(b.at('z').node.id)).length, 2);
});

test('many rebuilds at once end, and a closed one stays closed', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  const { history } = pastOf(a, [a]);
  await Promise.all([history.rebuild(), history.rebuild(), history.rebuild()]);
  t.is((await history.changesOf(a.at('x').node.id)).length, 1);
  const rebuilding = history.rebuild();
  await history.close();
  await rebuilding;
  await t.throwsAsync(history.changesOf(a.at('x').node.id), { code: 'overload' });
});

test('an index that refuses costs an answer and nothing else', async (t) => {
  const memory = createMemoryIndex();
  let refuses = true;
  const index = {
    ...memory,
    write: (changes: Parameters<typeof memory.write>[0]) =>
      refuses ? Promise.reject(new Error('full')) : memory.write(changes),
  };
  const a = new TreeDevice('a');
  a.put('x', 'one');
  const { history, troubles } = pastOf(a, [a], index);
  await t.throwsAsync(history.changesOf(a.at('x').node.id), { code: 'overload' });
  t.is(troubles.length, 1);
  refuses = false;
  t.is((await history.changesOf(a.at('x').node.id)).length, 1);
});

test('after any work of several devices, the rows say what a look through all batches says', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const dice = new Dice(seed);
      const devices = ['a', 'b', 'c'].map((digit) => new TreeDevice(digit));
      for (let step = 0; step < 40; step += 1) {
        const device = dice.pick(devices);
        if (dice.chance(0.3)) device.hear(dice.pick(devices));
        else for (const ops of honestOps(dice, device.tree)) if (ops.length > 0) device.say(ops);
      }
      exchange(...devices);
      const [device] = devices;
      const { history } = pastOf(device!, devices);
      const all = allChanges(devices);
      const nodes = new Set(all.flatMap(({ body }) => ('node' in body ? body.node : [])));
      for (const node of nodes) {
        const expected = all.filter(
          ({ body }) => 'node' in body && (body.node === node || replacedBy(body) === node),
        );
        t.deepEqual(await history.changesOf(node), expected.sort(compareChanges));
      }
      for (const change of all) t.deepEqual(await history.change(change.op), change);
    }),
    { numRuns: 40 },
  );
});

function allChanges(devices: readonly TreeDevice[]): Change[] {
  return devices.flatMap(({ batches }) =>
    batches.flatMap(({ header, author, body }) =>
      body.ops.map((op, index) => ({
        op: { journal: header.journal, sequence: header.sequence, index },
        author,
        stamp: { wallMs: body.stamp.wallMs, counter: body.stamp.counter + index },
        body: op,
      })),
    ),
  );
}
