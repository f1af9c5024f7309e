/** States of plain trees; histories of every kind are in `histories.ts`. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import type { OpenedBatch } from '../../../../agent/journal/batch.ts';
import { statePageHash, stateRoot } from '../../../../agent/namespace/state/state-root.ts';
import type { JournaledTree } from '../../../../agent/namespace/tree.ts';
import {
  rootNodeId,
  type EntryId,
  type EpochId,
  type JournalId,
  type NodeId,
} from '../../../../protocol/ids.ts';
import { decodeBatchBody } from '../../../../protocol/messages/batch-wire.ts';
import type { OpId } from '../../../../protocol/messages/op.ts';
import { isVaultError } from '../../../../protocol/errors.ts';
import { Dice } from '../../../helpers/dice.ts';
import { notesIn, pagesOf, replayMixed, treeOfPages } from '../../../helpers/states.ts';
import { labelOf, nextId, TreeDevice } from '../../../helpers/tree-device.ts';

const options = { deviceName: labelOf };

function folded({ tree }: TreeDevice): JournaledTree {
  return treeOfPages(pagesOf(tree, new Map()), options).tree;
}

test('what was superseded is not there any more: a state does not grow with versions', (t) => {
  const device = new TreeDevice('a');
  for (let at = 0; at < 10; at += 1) device.put('file', `version ${String(at)}`);
  const few = Buffer.concat(pagesOf(device.tree, new Map())).length;
  for (let at = 0; at < 200; at += 1) device.put('file', `version ${String(at)}`);
  const many = Buffer.concat(pagesOf(device.tree, new Map())).length;
  // Each batch leaves its Lamport counter, which takes a byte.
  t.true(many < few + 210, `${String(few)} and ${String(many)} bytes`);
});

test('a position that was beaten while it waits for its parent stays beaten', (t) => {
  const device = new TreeDevice('a');
  device.put('file', 'content');
  const { node } = device.at('file');
  const entry = nextId() as EntryId;
  const parent = nextId() as NodeId;
  const { header } = device.say([
    { type: 'link', entry, parent, name: Buffer.from('early'), node: node.id },
  ]);
  const link: OpId = { journal: header.journal, sequence: header.sequence, index: 0 };
  const name = Buffer.from('later');
  device.say([{ type: 'move', entry, node: node.id, parent: rootNodeId, name, replaces: [link] }]);
  const late = new TreeDevice('b');
  const kind = 'directory';
  const made = { type: 'make', node: parent, kind, entry: nextId() as EntryId } as const;
  const batch = late.say([{ ...made, parent: rootNodeId, name: Buffer.from('d'), attributes: {} }]);
  const tree = folded(device);
  for (const each of [device.tree, tree]) {
    each.apply(batch);
    const names = (each.list(rootNodeId) ?? []).map((row) => row.name.toString());
    t.deepEqual(names, ['d', 'file', 'later']);
    t.deepEqual(each.list(parent), []);
  }
});

test('a late move of a directory is undone and done in its place, though its rivals are folded', (t) => {
  const device = new TreeDevice('a');
  const a = device.makeDirectory('a');
  device.makeDirectory('b');
  const other = new TreeDevice('b');
  other.hear(device);
  const move = (by: TreeDevice, from: string, to: NodeId, name: string) => {
    const view = by.at(from);
    const { entry } = view;
    const replaces = by.tree.positionOpsOf(entry, view.node.id);
    return by.say([
      { type: 'move', entry, node: view.node.id, parent: to, name: Buffer.from(name), replaces },
    ]);
  };
  // Both at once: the second one by order would put `b` below itself.
  const late = move(other, 'b', a, 'in a');
  move(device, 'a', device.at('b').node.id, 'in b');
  const tree = folded(device);
  tree.apply(late);
  device.tree.apply(late);
  t.deepEqual(tree.treeHash(), device.tree.treeHash());
  t.is(tree.totals().directories, 2);
});

test('thousands of positions that are beaten before they come stay beaten', (t) => {
  const device = new TreeDevice('a');
  device.put('file', 'content');
  const { node, entry } = device.at('file');
  const other = new TreeDevice('b');
  const replaced: OpId[] = Array.from({ length: 3000 }, (_, at) => ({
    journal: other.journal,
    sequence: 2,
    index: at,
  }));
  const name = Buffer.from('moved');
  const move = { type: 'move', entry, node: node.id, parent: rootNodeId, name } as const;
  const parts = Array.from({ length: 50 }, (_, at) => replaced.slice(at * 60, at * 60 + 60));
  device.say(parts.map((replaces) => ({ ...move, replaces })));
  const pages = pagesOf(device.tree, new Map());
  const { tree } = treeOfPages(pages, options);
  t.deepEqual(pagesOf(tree, new Map()), pages);
  other.nowMs += 86_400_000;
  const late = [
    other.say([]),
    other.say(replaced.map(() => ({ ...move, name: Buffer.from('late'), replaces: [] }))),
  ];
  for (const each of [device.tree, tree]) {
    each.applyAll(late);
    t.deepEqual(
      each.list(rootNodeId)?.map((row) => row.name.toString()),
      ['moved'],
    );
  }
});

test('a note whose text is not there makes no state', (t) => {
  const device = new TreeDevice('a');
  device.say([{ type: 'note', id: nextId(), text: 'hello', sealed: [] }]);
  const error = t.throws(() => pagesOf(device.tree, new Map()));
  t.true(isVaultError(error, 'damaged'));
});

test('states of version 1 keep their bytes for ever', (t) => {
  const file = new URL('../../../vectors/state-v1/state.json', import.meta.url);
  const vector = JSON.parse(readFileSync(file, 'utf8')) as {
    epoch: EpochId;
    pageBytesMax: number;
    batches: { journal: JournalId; sequence: number; body: string }[];
    pages: string[];
    root: string;
  };
  const batches = vector.batches.map(({ journal, sequence, body }) => {
    const header = { journal, sequence, epoch: vector.epoch };
    return { header, body: decodeBatchBody(Buffer.from(body, 'hex'), header) } as OpenedBatch;
  });
  const pages = vector.pages.map((page) => Buffer.from(page, 'hex'));
  t.true(pages.length > 1);
  t.is(stateRoot(pages.map(statePageHash)).toString('hex'), vector.root);
  for (let seed = 1; seed <= 5; seed += 1) {
    const tree = replayMixed(new Dice(seed), batches, options);
    t.deepEqual(pagesOf(tree, notesIn(batches), vector.pageBytesMax), pages);
  }
  const { tree, notes } = treeOfPages(pages, options);
  t.deepEqual(pagesOf(tree, notes, vector.pageBytesMax), pages);
});
