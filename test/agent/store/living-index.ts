/** An index that fails while the store is open: nothing is missing meanwhile, and it comes back. */
import test from 'ava';
import type { StoreEvent, IndexedStore } from '../../../agent/store/store.ts';
import { isVaultError, type VaultError } from '../../../protocol/errors.ts';
import { indexSpace } from '../../../agent/store/index-space.ts';
import { prefixes } from '../../../agent/store/keyspace.ts';
import { createSimStoreMachine, type SimStoreMachine } from '../../helpers/sim-store.ts';
import { chunkOf } from '../../suites/chunk-store.ts';
import { allOf, batchOf, journalA, smallOf } from '../../suites/journal-store.ts';

const all = Array.from({ length: 40 }, (_, at) => chunkOf(`living ${String(at)}`, 200 + at * 50));
const batches = Array.from({ length: 140 }, (_, at) =>
  batchOf(journalA, at + 1, { small: [smallOf(`small ${String(at)}`)] }),
);
const layerKey = Buffer.from('a row of a layer');
const layerValue = Buffer.from('its value');

interface Opened {
  readonly machine: SimStoreMachine;
  readonly store: IndexedStore;
  readonly events: StoreEvent['type'][];
}

/** A store with half of everything in it, and a row of another layer. */
async function opened(): Promise<Opened> {
  const machine = createSimStoreMachine(1);
  const events: StoreEvent['type'][] = [];
  const store = await machine.open(({ type }) => events.push(type));
  await store.chunks.write(all.slice(0, 20));
  await store.chunks.commit();
  await store.journals.append(batches.slice(0, 70));
  await layerOf(store).write([{ key: layerKey, value: layerValue }]);
  return { machine, store, events };
}

function layerOf({ index }: IndexedStore) {
  return indexSpace(index, prefixes.vault);
}

/** Writes the other half, while the index takes nothing. */
async function writeOn({ chunks, journals }: IndexedStore): Promise<void> {
  await chunks.write(all.slice(20));
  await chunks.commit();
  await journals.append(batches.slice(70));
}

/** What is not as it was written. */
async function wrongIn(store: IndexedStore): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { id, body } of all) {
    const read = store.chunks.has(id) ? await store.chunks.read(id) : undefined;
    if (read?.equals(Buffer.from(body)) !== true) wrong.push(`chunk ${id}`);
  }
  const read = await allOf(store.journals, journalA);
  if (read.length !== batches.length) wrong.push(`${String(read.length)} batches`);
  for (const { small } of batches) {
    for (const { id, body } of small) {
      const bytes = store.journals.hasSmall(id) ? await store.journals.readSmall(id) : undefined;
      if (bytes?.equals(Buffer.from(body)) !== true) wrong.push(`small ${id}`);
    }
  }
  return wrong;
}

/** Lets time pass, and checks at every step that nobody misses anything. */
async function pass(store: IndexedStore, machine: SimStoreMachine, ms: number): Promise<string[]> {
  const wrong: string[] = [];
  for (let done = 0; done < ms; done += 250) {
    machine.clock.advance(250);
    for (let round = 0; round < 20; round += 1) {
      if (all.some(({ id }) => !store.chunks.has(id))) wrong.push(`after ${String(done)} ms`);
      await new Promise(setImmediate);
    }
  }
  return wrong;
}

async function reopenedWrong(machine: SimStoreMachine): Promise<readonly string[]> {
  machine.kill();
  const store = await machine.open();
  const wrong = await wrongIn(store);
  await store.close();
  return wrong;
}

test('an index that only fails for a moment takes everything afterwards, and is not opened again', async (t) => {
  const { machine, store, events } = await opened();
  const before = machine.index.opened;
  machine.index.failingWrites = true;
  await writeOn(store);
  machine.index.failingWrites = false;
  t.deepEqual(await pass(store, machine, 3_000), []);
  t.is(machine.index.opened, before);
  t.deepEqual(events, ['index-failed', 'index-reopened']);
  t.deepEqual(await wrongIn(store), []);
  t.deepEqual(await layerOf(store).getMany([layerKey]), [layerValue]);
  await store.close();
});

test('an index that refuses writes until it is opened again is opened again', async (t) => {
  const { machine, store, events } = await opened();
  const before = machine.index.opened;
  const made = machine.index.destroyed;
  machine.index.sickUntil = 'opened';
  await writeOn(store);
  t.deepEqual(await wrongIn(store), []);
  t.deepEqual(await pass(store, machine, 3_000), []);
  t.deepEqual(events, ['index-failed', 'index-reopened']);
  t.is(machine.index.opened, before + 1);
  t.is(machine.index.destroyed, made);
  t.deepEqual(await wrongIn(store), []);
  t.deepEqual(layerOf(store).get(layerKey), layerValue, 'other layers go on');
  await layerOf(store).write([{ key: layerKey, value: Buffer.from('new') }]);
  const listed: string[] = [];
  for await (const { id } of store.chunks.list()) listed.push(id);
  t.is(listed.length, all.length, 'what waited is in the index');
  t.deepEqual(await reopenedWrong(machine), []);
});

test('an index that opens no more is made anew from the files, and other layers get none', async (t) => {
  const { machine, store, events } = await opened();
  const made = machine.index.destroyed;
  machine.index.sickUntil = 'destroyed';
  await writeOn(store);
  t.deepEqual(await pass(store, machine, 3_000), []);
  t.deepEqual(events, ['index-failed', 'index-rebuilt']);
  t.is(machine.index.destroyed, made + 1);
  t.deepEqual(await wrongIn(store), []);
  t.is(layerOf(store).get(layerKey), undefined);
  for (const use of [
    () => layerOf(store).getMany([layerKey]),
    () => layerOf(store).write([{ key: layerKey, value: layerValue }]),
    async () => {
      for await (const [key] of layerOf(store).range(Buffer.of(0), Buffer.of(255)))
        t.fail(String(key));
    },
  ]) {
    const error = await t.throwsAsync(use());
    t.true(isVaultError(error, 'io'));
    t.regex((error as VaultError).next ?? '', /restart/);
  }
  machine.kill();
  const news: string[] = [];
  const again = await machine.open(({ type }) => news.push(type));
  t.deepEqual(news, [], 'the new one is believed');
  t.deepEqual(await wrongIn(again), []);
  await layerOf(again).write([{ key: layerKey, value: layerValue }]);
  t.deepEqual(layerOf(again).get(layerKey), layerValue);
  await again.close();
});

test('an index that cannot even be read is made anew, and the store answers from its files', async (t) => {
  const { machine, store, events } = await opened();
  await store.chunks.quarantine(all[3]!.id, 'a test says so');
  machine.index.sickUntil = 'destroyed';
  machine.index.failingRanges = true;
  await store.chunks.write([...all.slice(20), all[3]!]);
  await store.chunks.commit();
  await store.journals.append(batches.slice(70));
  t.deepEqual(await pass(store, machine, 3_000), []);
  machine.index.failingRanges = false;
  t.deepEqual(events.slice(-1), ['index-rebuilt']);
  t.deepEqual(await wrongIn(store), []);
  t.deepEqual(await reopenedWrong(machine), []);
});

test('an index that cannot be had at all is tried for more and more rarely, and the store serves on', async (t) => {
  const { machine, store, events } = await opened();
  machine.index.failingWrites = true;
  await writeOn(store);
  t.deepEqual(await pass(store, machine, 90_000), []);
  t.deepEqual(events, ['index-failed']);
  t.true(machine.index.opened > 4);
  t.true(machine.index.opened < 20, `${String(machine.index.opened)} times`);
  t.deepEqual(await wrongIn(store), []);
  machine.index.failingWrites = false;
  t.deepEqual(await pass(store, machine, 70_000), []);
  t.deepEqual(events, ['index-failed', 'index-rebuilt']);
  t.deepEqual(await wrongIn(store), []);
  t.deepEqual(await reopenedWrong(machine), []);
});

test('a store that is closed in the middle of it closes, and has everything at the next start', async (t) => {
  const { machine, store } = await opened();
  machine.index.sickUntil = 'opened';
  await writeOn(store);
  machine.clock.advance(1_000);
  await store.close();
  const again = await machine.open();
  t.deepEqual(await wrongIn(again), []);
  await again.close();
});
