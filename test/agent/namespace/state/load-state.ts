import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import type { OpenedBatch } from '../../../../agent/journal/batch.ts';
import type { JournaledTree } from '../../../../agent/namespace/tree.ts';
import { rootNodeId, type EntryId } from '../../../../protocol/ids.ts';
import { isVaultError } from '../../../../protocol/errors.ts';
import { readStatePage, StatePageWriter } from '../../../../protocol/messages/state-page.ts';
import type { StateItem } from '../../../../protocol/messages/state.ts';
import { Dice } from '../../../helpers/dice.ts';
import { labelOf } from '../../../helpers/namespace-checks.ts';
import { runHistories } from '../../../helpers/namespace-histories.ts';
import { notesIn, pagesOf, treeOfPages } from '../../../helpers/states.ts';
import { nextId, TreeDevice } from '../../../helpers/tree-device.ts';

const options = { deviceName: labelOf, pageNodesMax: 4 };

interface Sample {
  readonly pages: readonly Buffer[];
  readonly batches: readonly OpenedBatch[];
}

/** States from the middle of histories, with what came until their ends. */
async function samples(count: number): Promise<readonly Sample[]> {
  const found: Sample[] = [];
  await runHistories({
    seed: 7001,
    count,
    swap(tree: JournaledTree, batches) {
      found.push({ pages: pagesOf(tree, notesIn(batches), 2000), batches });
      return tree;
    },
  });
  return found;
}

function itemsOf(pages: readonly Buffer[]): StateItem[] {
  return pages.flatMap((page) => [...readStatePage(page)]);
}

function pagesWith(items: readonly StateItem[]): Buffer[] {
  const writer = new StatePageWriter();
  return [...items.map((item) => writer.add(item)), writer.finish()].filter(
    (page) => page !== undefined,
  );
}

/** Whether it is refused; a tree that comes out can be looked at, goes on and makes a state again. */
function isRefused(pages: readonly Buffer[], { batches }: Sample): boolean {
  let loaded;
  try {
    loaded = treeOfPages(pages, options);
  } catch (error) {
    assert.ok(isVaultError(error, 'damaged'), String(error));
    return true;
  }
  const { tree, notes } = loaded;
  tree.treeHash();
  const vector = tree.vector();
  for (const batch of batches) {
    const { journal, sequence } = batch.header;
    if (sequence === (vector.get(journal) ?? 0) + 1) tree.apply(batch);
  }
  const known = new Map([...notesIn(batches), ...notes]);
  pagesOf(tree, known);
  tree.treeHash();
  return false;
}

test('pages with changed bytes are refused as damaged, or make a tree that works', async (t) => {
  const dice = new Dice(1);
  let refused = 0;
  const all = await samples(6);
  for (let round = 0; round < 300; round += 1) {
    const sample = dice.pick(all);
    const pages = sample.pages.map((page) => Buffer.from(page));
    for (let changes = dice.between(1, 3); changes > 0; changes -= 1) {
      const page = dice.pick(pages);
      page[dice.between(0, page.length - 1)] = dice.between(0, 255);
    }
    if (isRefused(pages, sample)) refused += 1;
  }
  t.true(refused > 80 && refused < 300, String(refused));
});

test('pages whose items are missing, repeated, swapped or of another state do no harm', async (t) => {
  const dice = new Dice(2);
  let refused = 0;
  const all = await samples(6);
  for (let round = 0; round < 300; round += 1) {
    const sample = dice.pick(all);
    const items = itemsOf(sample.pages);
    for (let changes = dice.between(1, 3); changes > 0; changes -= 1) change(dice, items, all);
    if (isRefused(pagesWith(items), sample)) refused += 1;
  }
  t.true(refused > 50 && refused < 300, String(refused));
});

function change(dice: Dice, items: StateItem[], all: readonly Sample[]): void {
  const at = dice.between(0, items.length - 1);
  const foreign = itemsOf(dice.pick(all).pages);
  const [item, other] = [items[at], dice.pick(foreign)];
  if (item === undefined) return;
  switch (dice.between(0, 4)) {
    case 0:
      items.splice(at, 1);
      break;
    case 1:
      items.splice(at, 0, item);
      break;
    case 2:
      items.splice(at, 2, ...items.slice(at, at + 2).reverse());
      break;
    case 3:
      items[at] = other;
      break;
    default:
      if (item.type === 'node' && other.type === 'node') {
        items[at] = { ...item, ops: other.ops, entries: other.entries, waiting: other.waiting };
      }
  }
}

test('no page, an empty page and a state without its end are refused', async (t) => {
  const sample = (await samples(3)).find(({ pages }) => pages.length > 1);
  assert.ok(sample !== undefined);
  for (const pages of [[], [Buffer.alloc(0)], sample.pages.slice(1)]) {
    t.true(isRefused(pages, sample));
  }
});

test('a file of thousands of names, and one of long attributes, are one node each again', (t) => {
  const device = new TreeDevice('a');
  device.put('file', 'content');
  const { node } = device.at('file');
  for (let at = 0; at < 3; at += 1) {
    device.say(
      Array.from({ length: 1000 }, (_, index) => ({
        type: 'link' as const,
        entry: nextId() as EntryId,
        parent: rootNodeId,
        name: Buffer.from(`link ${String(at)} ${String(index)}`),
        node: node.id,
      })),
    );
  }
  const xattrs = new Map(
    Array.from({ length: 12 }, (_, at) => [`user.${String(at)}`, Buffer.alloc(60_000, at)]),
  );
  device.put('long', 'content');
  const long = device.at('long').node.id;
  device.say([{ type: 'set-attributes', node: long, replaces: [], attributes: { xattrs } }]);
  const pages = pagesOf(device.tree, new Map());
  const parts = itemsOf(pages).filter((item) => item.type === 'node' && item.id === node.id);
  t.true(parts.length > 5);
  const { tree } = treeOfPages(pages, options);
  t.deepEqual(tree.treeHash(), device.tree.treeHash());
  t.true(isDeepStrictEqual(pagesOf(tree, new Map()), pages));
  t.is(tree.node(node.id)?.links, 3001);
  const back = tree.node(long)?.xattrs;
  for (const [name, value] of xattrs) t.true(back?.get(name)?.equals(value));
});

test('a position before its vector cannot come again: what was loaded names no operation beyond', async (t) => {
  const [sample] = await samples(1);
  assert.ok(sample !== undefined);
  const items = itemsOf(sample.pages);
  const at = items.findIndex((item) => item.type === 'journal');
  const journal = items[at];
  assert.ok(journal?.type === 'journal');
  items[at] = { ...journal, sequence: journal.sequence - 1 };
  t.true(isRefused(pagesWith(items), sample));
});
