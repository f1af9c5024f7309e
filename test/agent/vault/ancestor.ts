import test from 'ava';
import fc from 'fast-check';
import type { OpenedBatch } from '../../../agent/journal/batch.ts';
import { renameOp } from '../../../agent/namespace/author.ts';
import { commonAncestor } from '../../../agent/vault/ancestor.ts';
import { rootNodeId, type NodeId } from '../../../protocol/ids.ts';
import type { Op, OpId } from '../../../protocol/messages/op.ts';
import { MemoryHistory } from '../../helpers/memory-history.ts';
import { contentOf, exchange, nextId, TreeDevice } from '../../helpers/tree-device.ts';

function historyOf(...devices: readonly TreeDevice[]): MemoryHistory {
  const history = new MemoryHistory();
  for (const { batches } of devices) history.observe(batches);
  return history;
}

const headsAt = (device: TreeDevice, path: string): readonly OpId[] =>
  device.tree.versionsOf(device.at(path).node.id).map(({ op }) => op);

test('two edits of one version come from it', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'one');
  laptop.put('f', 'two');
  exchange(laptop, nas);
  const base = laptop.at('f').version?.op;
  laptop.put('f', 'laptop');
  nas.put('f', 'nas');
  nas.put('f', 'nas again');
  exchange(laptop, nas);
  const heads = headsAt(nas, 'f');
  t.is(heads.length, 2);
  t.deepEqual((await commonAncestor(historyOf(laptop, nas), heads))?.op, base);
});

test('a version that only the state of what was folded knows is one that others come from', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'folded');
  exchange(laptop, nas);
  const base = laptop.at('f').version!.op;
  laptop.put('f', 'laptop');
  nas.put('f', 'nas');
  exchange(laptop, nas);
  const history = historyOf(laptop, nas);
  const past = {
    change: async (op: OpId) =>
      op.journal === base.journal && op.sequence <= base.sequence ? undefined : history.change(op),
    changesOf: (node: NodeId) => history.changesOf(node),
  };
  t.deepEqual((await commonAncestor(past, headsAt(nas, 'f')))?.op, base);
});

test('files that never were one have no common past', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'laptop');
  nas.put('f', 'nas');
  const ops = [laptop, nas].map((device) => device.at('f').version!.op);
  t.is(await commonAncestor(historyOf(laptop, nas), ops), undefined);
});

test('a version that is made from the other one: the older one itself', async (t) => {
  const laptop = new TreeDevice('a');
  laptop.put('f', 'one');
  const first = laptop.at('f').version!.op;
  laptop.put('f', 'two');
  const second = laptop.at('f').version!.op;
  t.deepEqual((await commonAncestor(historyOf(laptop), [first, second]))?.op, first);
});

test('editors that save by renaming go on with one history', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'base');
  exchange(laptop, nas);
  const base = laptop.at('f').version?.op;
  for (const device of [laptop, nas]) {
    device.put('f~', `saved by ${device.id}`);
    device.put('f~', `saved by ${device.id}, all of it`);
    const place = { parent: rootNodeId, name: Buffer.from('f') };
    device.say(renameOp(device.tree, device.at('f~'), place));
  }
  exchange(laptop, nas);
  const rows = laptop.tree.list(rootNodeId) ?? [];
  t.is(rows.length, 2, 'two files want the name');
  const heads = rows.map(({ version }) => version!.op);
  t.deepEqual((await commonAncestor(historyOf(laptop, nas), heads))?.op, base);
});

test('a past that is not known here names nothing', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'base');
  exchange(laptop, nas);
  laptop.put('f', 'laptop');
  nas.put('f', 'nas');
  exchange(laptop, nas);
  t.is(await commonAncestor(historyOf(nas), headsAt(laptop, 'f')), undefined);
});

/** A random history of one file: each version names some of the earlier ones. */
const graphs = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 2, maxLength: 24 })
  .map((picks) =>
    picks.map((named, at) => (at === 0 ? [] : [...new Set(named.map((pick) => pick % at))])),
  );

function observed(graph: readonly (readonly number[])[]) {
  const device = new TreeDevice('c');
  const node = nextId() as NodeId;
  const idOf = (at: number): OpId => ({ journal: device.journal, sequence: at + 1, index: 0 });
  const history = new MemoryHistory();
  for (const [at, named] of graph.entries()) {
    const op: Op = {
      ...{ type: 'write', node, supersedes: named.map(idOf), content: contentOf(String(at)) },
      ...{ attributes: {}, replaces: [] },
    } as Op;
    const header = { journal: device.journal, sequence: at + 1 };
    const body = { stamp: { wallMs: at, counter: 0 }, lamport: at, seen: [], ops: [op] };
    history.observe([{ header, author: device.id, body } as unknown as OpenedBatch]);
  }
  return { history, idOf };
}

function ancestryOf(graph: readonly (readonly number[])[], at: number): Set<number> {
  const found = new Set([at]);
  for (const each of found) for (const parent of graph[each]!) found.add(parent);
  return found;
}

test('in any history: an ancestor of all, and no later one is', async (t) => {
  let named = 0;
  await fc.assert(
    fc.asyncProperty(
      graphs,
      fc.array(fc.nat(), { minLength: 2, maxLength: 4 }),
      async (graph, picks) => {
        const heads = [...new Set(picks.map((pick) => pick % graph.length))];
        const { history, idOf } = observed(graph);
        const found = await commonAncestor(history, heads.map(idOf));
        const common = [...graph.keys()].filter((at) =>
          heads.every((head) => ancestryOf(graph, head).has(at)),
        );
        const latest = common.filter(
          (at) => !common.some((other) => other !== at && ancestryOf(graph, other).has(at)),
        );
        // Stamps grow with the number.
        const expected = latest.length === 0 ? undefined : Math.max(...latest);
        if (expected !== undefined) named += 1;
        t.deepEqual(found?.op, expected === undefined ? undefined : idOf(expected));
      },
    ),
    { numRuns: 500 },
  );
  t.true(named > 50, 'many of them have one');
});
