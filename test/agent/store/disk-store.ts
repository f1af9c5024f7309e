import anyTest from 'ava';
import { createLevelIndexHost } from '../../../agent/host/level-index.ts';
import { createNodeDisk } from '../../../agent/host/node-disk.ts';
import { openDiskStore } from '../../../agent/store/disk-store.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { createSimStoreMachine, silentLog, smallOptions } from '../../helpers/sim-store.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import {
  allOf,
  batchOf,
  journalA,
  journalStoreSuite,
  smallOf,
} from '../../suites/journal-store.ts';
import { chunkOf, chunkStoreSuite } from '../../suites/chunk-store.ts';

const test = anyTest;
const openSimulated = () => createSimStoreMachine(1).open();

chunkStoreSuite(test, 'simulated disk', openSimulated);
journalStoreSuite(test, 'simulated disk', openSimulated);

test('on a real disk everything is there after closing, and after the index is gone', async (t) => {
  const home = await temporaryDirectory(t);
  const open = () =>
    openDiskStore({
      disk: createNodeDisk(home),
      index: createLevelIndexHost(`${home}/index`),
      clock: createManualClock(),
      log: silentLog,
      options: smallOptions,
    });
  const all = Array.from({ length: 50 }, (_, at) => chunkOf(at, at * 100));
  let store = await open();
  for (const one of all) await store.chunks.write([one]);
  await store.chunks.commit();
  await store.journals.append([batchOf(journalA, 1, { small: [smallOf('s')] })]);
  await store.statements.append([Buffer.from('statement')]);
  await store.close();
  for (const indexLost of [false, true]) {
    if (indexLost) await createLevelIndexHost(`${home}/index`).destroy();
    store = await open();
    for (const { id, body } of all) t.true((await store.chunks.read(id)).equals(body));
    t.is((await allOf(store.journals, journalA)).length, 1);
    t.deepEqual(await store.journals.readSmall(smallOf('s').id), Buffer.from('s'));
    t.deepEqual(store.statements.all().map(String), ['statement']);
    t.is(store.report().indexRebuilt, indexLost);
    t.is(store.report().chunks, all.length);
    await store.close();
  }
});

test('files of a journal whose batches are slim already are not written anew', async (t) => {
  const machine = createSimStoreMachine(3);
  const store = await machine.open();
  for (let sequence = 1; sequence <= 12; sequence += 1) {
    const bytes = Buffer.alloc(2_000, sequence);
    await store.journals.append([batchOf(journalA, sequence, { bytes })]);
  }
  const written: string[] = [];
  machine.disk.fault = (call, path) => {
    if (call === 'rename') written.push(path);
    return undefined;
  };
  const slimUpTo = (upTo: number): Promise<number> =>
    store.journals.slim({
      ...{ journal: journalA, upTo, slim: () => Buffer.from('slim') },
      pace: () => Promise.resolve(),
    });
  t.true((await slimUpTo(6)) > 0);
  const once = written.length;
  t.true(once > 0);
  t.is(await slimUpTo(6), 0);
  t.is(written.length, once);
  t.true((await slimUpTo(7)) > 0, 'in the file that has slim ones too');
  t.is(written.length, once + 1);
  machine.disk.fault = undefined;
  const sizes = (await allOf(store.journals, journalA)).map(({ bytes }) => bytes.length);
  t.deepEqual(sizes, [...Array(7).fill(4), ...Array(5).fill(2_000)]);
  await store.close();
});
