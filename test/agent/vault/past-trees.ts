import test from 'ava';
import { PastTrees } from '../../../agent/vault/past-trees.ts';
import type { JournalId } from '../../../protocol/ids.ts';
import { sourceOf, type CountingSource } from '../../helpers/batch-source.ts';
import { createManualClock, type ManualClock } from '../../helpers/manual-clock.ts';
import { labelOf, TreeDevice } from '../../helpers/tree-device.ts';

interface World {
  readonly device: TreeDevice;
  readonly source: CountingSource;
  readonly clock: ManualClock;
  readonly trees: PastTrees;
}

function world(files: number): World {
  const device = new TreeDevice('a');
  for (let at = 0; at < files; at += 1) device.put(`f${String(at)}`, 'x');
  const source = sourceOf(device);
  const clock = createManualClock();
  const trees = new PastTrees({ source, clock, deviceName: labelOf, seed: () => 1 });
  return { device, source, clock, trees };
}

const upTo = ({ device }: World, sequence: number): Map<JournalId, number> =>
  new Map([[device.journal, sequence]]);

test('those who ask for the same tree share it, now and for some minutes', async (t) => {
  const it = world(5);
  const progress: number[] = [];
  const [first, second] = await Promise.all([
    it.trees.at(upTo(it, 3), { onProgress: (batches) => progress.push(batches) }),
    it.trees.at(upTo(it, 3), {}),
  ]);
  t.is(first, second);
  t.is(it.source.reads, 3);
  t.deepEqual(progress, [1, 2, 3]);
  t.is(await it.trees.at(upTo(it, 3), {}), first);
  t.is(it.source.reads, 3);
  t.is(first.totals().files, 3);
});

test('two are kept, the one that was used longest ago goes first', async (t) => {
  const it = world(5);
  const third = await it.trees.at(upTo(it, 3), {});
  await it.trees.at(upTo(it, 4), {});
  t.is(await it.trees.at(upTo(it, 3), {}), third);
  await it.trees.at(upTo(it, 5), {});
  t.is(it.trees.size, 2);
  t.is(await it.trees.at(upTo(it, 3), {}), third);
  const before = it.source.reads;
  await it.trees.at(upTo(it, 4), {});
  t.is(it.source.reads, before + 4, 'it was made again');
});

test('what nobody asks for is dropped after some minutes', async (t) => {
  const it = world(3);
  await it.trees.at(upTo(it, 1), {});
  it.clock.advance(3 * 60_000);
  await it.trees.at(upTo(it, 2), {});
  it.clock.advance(2 * 60_000);
  t.is(it.trees.size, 1);
  it.clock.advance(5 * 60_000);
  t.is(it.trees.size, 0);
  t.is(it.clock.waiting, 0);
});

test('a tree that nobody waits for any more is not made to its end', async (t) => {
  const it = world(200);
  const abort = new AbortController();
  const gone = it.trees.at(upTo(it, 200), {
    signal: abort.signal,
    onProgress: (batches) => {
      if (batches === 3) abort.abort();
    },
  });
  await t.throwsAsync(gone, { message: /interrupted/ });
  await new Promise((done) => setImmediate(done));
  t.true(it.source.reads < 10, String(it.source.reads));
  t.is(it.trees.size, 0);
  const again = await it.trees.at(upTo(it, 2), {});
  t.is(again.totals().files, 2);
});

test('one of two who wait may go, and the other gets the tree', async (t) => {
  const it = world(20);
  const abort = new AbortController();
  const gone = it.trees.at(upTo(it, 20), { signal: abort.signal });
  const stays = it.trees.at(upTo(it, 20), {});
  abort.abort();
  await t.throwsAsync(gone, { message: /interrupted/ });
  t.is((await stays).totals().files, 20);
  t.is(it.source.reads, 20);
});

test('a source that fails fails those who wait, and not those who come after', async (t) => {
  const it = world(3);
  const { read } = it.source;
  it.source.read = () => {
    throw new Error('the disk is gone');
  };
  await t.throwsAsync(it.trees.at(upTo(it, 2), {}), { message: 'the disk is gone' });
  it.source.read = read;
  t.is((await it.trees.at(upTo(it, 2), {})).totals().files, 2);
});
