import test from 'ava';
import { createTree, type JournaledTree } from '../../../agent/namespace/tree.ts';
import type { Index, IndexChange } from '../../../agent/ports.ts';
import { createMemoryIndex } from '../../../agent/store/memory-index.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import type { JournalStore, StoredBatch } from '../../../agent/store/store.ts';
import { loadTree } from '../../../agent/vault/load-tree.ts';
import { TreeKeeper, type TreeKeeperParts } from '../../../agent/vault/tree-keeper.ts';
import { rootNodeId, type EntryId, type NodeId } from '../../../protocol/ids.ts';
import { JournalAuthor, testOpKey } from '../../helpers/journal-author.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { silentLog } from '../../helpers/sim-store.ts';
import { contentOf, labelOf, nextId } from '../../helpers/tree-device.ts';

const fresh = (): JournaledTree => createTree({ deviceName: labelOf, pageNodesMax: 3 });
const opKeyOf = (): Buffer => testOpKey;

/** One device that writes files, with the journals that hold them and an index that remembers its writes. */
class Desk {
  readonly journals: JournalStore = createMemoryStore().journals;
  readonly writes: (readonly IndexChange[])[] = [];
  readonly clock = createManualClock();
  readonly warnings: string[] = [];
  refusesWrites = false;
  readonly #author = new JournalAuthor(7);
  readonly #memory = createMemoryIndex();
  tree = fresh();
  labels = 'labels';

  readonly index: Index = {
    ...this.#memory,
    write: async (changes) => {
      if (this.refusesWrites) throw new Error('no room');
      this.writes.push(changes);
      await this.#memory.write(changes);
    },
  };

  keeper(parts: Partial<TreeKeeperParts> = {}): TreeKeeper {
    const warn = (_: unknown, message: string): void => void this.warnings.push(message);
    return new TreeKeeper({
      index: this.index,
      secret: Buffer.alloc(32, 9),
      journals: this.journals,
      clock: this.clock,
      random: seededRandom(1),
      log: { ...silentLog, warn },
      labels: () => this.labels,
      ...parts,
    });
  }

  /** Writes files in one batch and applies it. */
  async put(...names: readonly string[]): Promise<void> {
    const batch = this.#author.write(
      names.map((name) => ({
        type: 'make',
        kind: 'file',
        node: nextId() as NodeId,
        entry: nextId() as EntryId,
        parent: rootNodeId,
        name: Buffer.from(name),
        attributes: {},
        content: contentOf(name),
      })),
    );
    const { header, hash, bytes } = batch;
    const { journal, sequence, previous } = header;
    await this.journals.append([{ journal, sequence, hash, previous, bytes, small: [] }]);
    this.tree.apply(batch);
  }

  /** A start: what was kept, and what the journals hold beyond. */
  async start(keeper: TreeKeeper): Promise<{ tree: JournaledTree; applied: number }> {
    const tree = await keeper.load(fresh);
    return { tree, applied: await loadTree(tree, this.journals, opKeyOf) };
  }
}

async function keptDesk(): Promise<{ desk: Desk; keeper: TreeKeeper }> {
  const desk = new Desk();
  const keeper = desk.keeper();
  await desk.put('a', 'b', 'c', 'd');
  await desk.put('e');
  keeper.keep(desk.tree);
  await keeper.save();
  return { desk, keeper };
}

test('a start goes on where the last save was', async (t) => {
  const { desk } = await keptDesk();
  await desk.put('later');
  const { tree, applied } = await desk.start(desk.keeper());
  t.is(applied, 1);
  t.deepEqual(tree.treeHash(), desk.tree.treeHash());
  t.deepEqual(desk.warnings, []);
});

test('a save waits until nothing has changed for a while', async (t) => {
  const { desk, keeper } = await keptDesk();
  const before = desk.writes.length;
  await desk.put('x');
  keeper.changed();
  desk.clock.advance(3_000);
  await desk.put('y');
  keeper.changed();
  desk.clock.advance(3_000);
  t.is(desk.writes.length, before);
  desk.clock.advance(3_000);
  const saved = keeper.save();
  // The save that the clock began lets others run in between.
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise(setImmediate);
    desk.clock.advance(0);
  }
  await saved;
  t.is(desk.writes.length, before + 1);
  t.is((await desk.start(desk.keeper())).applied, 0);
});

test('whichever writes a crash has lost, a start comes to the tree of the journals', async (t) => {
  const { desk, keeper } = await keptDesk();
  for (const name of ['f', 'g', 'a2', 'c2']) {
    await desk.put(name);
    await keeper.save();
  }
  t.true(desk.writes.length >= 5);
  for (let count = 0; count <= desk.writes.length; count += 1) {
    const index = createMemoryIndex();
    for (const changes of desk.writes.slice(0, count)) await index.write(changes);
    const { tree, applied } = await desk.start(desk.keeper({ index }));
    t.is(applied, count === 0 ? 6 : desk.writes.length - count);
    t.deepEqual(tree.treeHash(), desk.tree.treeHash());
  }
  t.deepEqual(desk.warnings, []);
});

test('a large save takes several writes, and half of it is not believed', async (t) => {
  const desk = new Desk();
  const keeper = desk.keeper({ valuesPerWriteMax: 2 });
  await desk.put('a', 'b', 'c', 'd', 'e', 'f', 'g');
  keeper.keep(desk.tree);
  await keeper.save();
  await desk.put('h', 'a2', 'c2', 'e2');
  await keeper.save();
  t.true(desk.writes.length > 6);
  let believed = 0;
  for (let count = 0; count <= desk.writes.length; count += 1) {
    const index = createMemoryIndex();
    for (const changes of desk.writes.slice(0, count)) await index.write(changes);
    const { tree, applied } = await desk.start(desk.keeper({ index }));
    if (applied < 2) believed += 1;
    t.deepEqual(tree.treeHash(), desk.tree.treeHash());
  }
  t.is(believed, 2, 'after the last write of each save');
});

test('what another device, another key or a bit flip made of it is not believed, and thrown away', async (t) => {
  const { desk } = await keptDesk();
  const other = desk.keeper({ secret: Buffer.alloc(32, 10) });
  t.is((await desk.start(other)).applied, 2);
  t.is(desk.warnings.length, 1);
  t.is((await desk.start(desk.keeper())).applied, 2, 'nothing of it is left');
  t.is(desk.warnings.length, 1);
});

test('a value of which one bit was flipped is noticed, whichever it is', async (t) => {
  const { desk } = await keptDesk();
  for (const [at, { key, value }] of desk.writes.flat().entries()) {
    if (value === undefined) continue;
    const index = createMemoryIndex();
    for (const changes of desk.writes) await index.write(changes);
    const flipped = Buffer.from(value);
    flipped[at % value.length] = (flipped[at % value.length] ?? 0) ^ 4;
    await index.write([{ key, value: flipped }]);
    t.is((await desk.start(desk.keeper({ index }))).applied, 2);
  }
});

test('journals that end before it, or with another batch, are believed rather', async (t) => {
  const { desk } = await keptDesk();
  const shorter = new Desk();
  await shorter.put('a', 'b', 'c', 'd');
  t.is((await shorter.start(shorter.keeper({ index: desk.index }))).applied, 1);
  t.is(shorter.warnings.length, 1);
  const again = await keptDesk();
  const another = new Desk();
  await another.put('a', 'b', 'c', 'd');
  await another.put('other');
  const { tree, applied } = await another.start(another.keeper({ index: again.desk.index }));
  t.is(applied, 2);
  t.deepEqual(tree.treeHash(), another.tree.treeHash());
});

test('a journal whose batch cannot be read makes the tree anew', async (t) => {
  const { desk } = await keptDesk();
  await desk.put('later');
  const unreadable: JournalStore = {
    ...desk.journals,
    async *read(): AsyncGenerator<StoredBatch> {
      throw new RangeError('damaged');
    },
  };
  const tree = await desk.keeper({ journals: unreadable }).load(fresh);
  t.is(tree.vector().size, 0);
  t.is(desk.warnings.length, 1);
});

test('after a save that was refused the next one is whole', async (t) => {
  const { desk, keeper } = await keptDesk();
  desk.refusesWrites = true;
  await desk.put('f');
  await keeper.save();
  desk.refusesWrites = false;
  t.is(desk.warnings.length, 1);
  await desk.put('g');
  await keeper.save();
  const { tree, applied } = await desk.start(desk.keeper());
  t.is(applied, 0);
  t.deepEqual(tree.treeHash(), desk.tree.treeHash());
});

test('when labels of devices have changed meanwhile, conflict names are made anew', async (t) => {
  const { desk } = await keptDesk();
  desk.labels = 'others';
  const { tree, applied } = await desk.start(desk.keeper());
  t.is(applied, 0);
  t.deepEqual(tree.treeHash(), desk.tree.treeHash());
});

test('when it cannot be made anew, the tree stays as it is and is kept', async (t) => {
  const { desk, keeper } = await keptDesk();
  const failure = new RangeError('unreadable');
  const error = await t.throwsAsync(keeper.rebuild(fresh, () => Promise.reject(failure)));
  t.is(error, failure);
  await desk.put('later');
  await keeper.save();
  t.is((await desk.start(desk.keeper())).applied, 0);
});

test('what comes while the tree is made anew is in it', async (t) => {
  const { desk, keeper } = await keptDesk();
  await keeper.rebuild(fresh, async (anew) => {
    await loadTree(anew, desk.journals, opKeyOf);
    await desk.put('meanwhile');
  });
  await desk.put('later');
  t.is(desk.tree.list(rootNodeId)?.length, 7);
  await keeper.save();
  const { tree, applied } = await desk.start(desk.keeper());
  t.is(applied, 0);
  t.deepEqual(tree.treeHash(), desk.tree.treeHash());
});

test('made anew, the tree shows something else all at once, and nothing old is kept', async (t) => {
  const { desk, keeper } = await keptDesk();
  const rows = (): number | undefined => desk.tree.list(rootNodeId)?.length;
  await keeper.rebuild(fresh, async (anew) => {
    const batches: StoredBatch[] = [];
    for await (const batch of desk.journals.read([...desk.tree.vector().keys()][0]!, 0)) {
      batches.push(batch);
    }
    const first = { tips: () => desk.journals.tips(), read: () => streamOf(batches.slice(0, 1)) };
    await loadTree(anew, first, opKeyOf);
    t.is(rows(), 5, 'it shows the old one while the new one is made');
  });
  t.is(rows(), 4);
  await keeper.save();
  const tree = await desk.keeper().load(fresh);
  t.is(tree.list(rootNodeId)?.length, 4);
  t.deepEqual(tree.treeHash(), desk.tree.treeHash());
});

async function* streamOf<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}
