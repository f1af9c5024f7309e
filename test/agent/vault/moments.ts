import test from 'ava';
import { Moments } from '../../../agent/vault/moments.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import { sourceOf } from '../../helpers/batch-source.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { labelOf, TreeDevice } from '../../helpers/tree-device.ts';
import type { JournalStore } from '../../../agent/store/store.ts';

const id = 'ab'.repeat(16);

/** Moments on a device whose store holds what its tree shows. */
function momentsOf(device: TreeDevice, ...all: readonly TreeDevice[]): Moments {
  const journals: JournalStore = {
    ...createMemoryStore().journals,
    tip: (journal) => {
      const sequence = device.tree.vector().get(journal);
      return sequence === undefined ? undefined : { journal, sequence, hash: '' as never };
    },
  };
  return new Moments({
    tree: () => device.tree,
    journals,
    source: sourceOf(...all),
    clock: createManualClock(),
    hasKey: () => true,
    deviceName: labelOf,
    seed: () => 1,
  });
}

function take(device: TreeDevice, name: string): void {
  const vector = [...device.tree.vector()].map(([journal, sequence]) => ({ journal, sequence }));
  device.say([{ type: 'take-snapshot', id, name, vector }]);
}

test('a snapshot of that name wins over a time; what is neither is not found', (t) => {
  const device = new TreeDevice('a');
  device.put('f', 'one');
  take(device, 'yesterday');
  const moments = momentsOf(device, device);
  t.deepEqual(moments.find({ text: 'yesterday', timeMs: 5 }), { type: 'snapshot', id });
  t.deepEqual(moments.find({ text: '2h ago', timeMs: 5 }), { type: 'time', timeMs: 5 });
  t.throws(() => moments.find({ text: 'tomorrow', timeMs: undefined }), {
    message: /tomorrow: .*neither a snapshot nor a time/,
  });
});

test('a snapshot shows the tree that it was taken of, whatever came since', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'one');
  nas.put('g', 'two');
  laptop.hear(nas);
  const then = laptop.tree.treeHash();
  take(laptop, 'x');
  laptop.put('f', 'three');
  nas.put('h', 'four');
  laptop.hear(nas);
  const tree = await momentsOf(laptop, laptop, nas).treeAt({ type: 'snapshot', id });
  t.deepEqual(tree.treeHash(), then);
});

test('a time shows what was not later, and says how far it has come', async (t) => {
  const device = new TreeDevice('a');
  const hashes: Buffer[] = [];
  const times: number[] = [];
  for (const text of ['one', 'two', 'three']) {
    device.put('f', text);
    hashes.push(device.tree.treeHash());
    times.push(device.nowMs);
  }
  const moments = momentsOf(device, device);
  const steps: [number, number][] = [];
  const at = (timeMs: number) => moments.treeAt({ type: 'time', timeMs });
  const options = { onProgress: (...step: [number, number]) => steps.push(step) };
  const second = await moments.treeAt({ type: 'time', timeMs: times[1]! + 1 }, options);
  t.deepEqual(second.treeHash(), hashes[1]);
  t.deepEqual(steps.at(-1), [5, 5]);
  t.deepEqual(
    steps.map(([done]) => done),
    [1, 2, 3, 4, 5],
  );
  t.deepEqual((await at(times[0]!)).treeHash(), hashes[0]);
  t.is((await at(times[0]! - 1)).totals().files, 0);
  t.deepEqual((await at(times[2]! + 1000)).treeHash(), hashes[2]);
});

test('a snapshot that goes beyond what is here is refused with what is missing', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'one');
  laptop.put('f', 'two');
  nas.hear(laptop);
  take(nas, 'x');
  const late = new TreeDevice('c');
  late.tree.applyAll([laptop.batches[0]!, ...nas.batches]);
  const moments = momentsOf(late, laptop, nas);
  const [snapshot] = late.tree.snapshots();
  t.deepEqual(await moments.gapsOf(snapshot!), [
    { journal: laptop.journal, batches: 1, state: 'missing' },
  ]);
  await t.throwsAsync(moments.treeAt({ type: 'snapshot', id }), {
    message: /snapshot x: .*1 batch of changes by dev-a are not here/,
    code: 'chunk-missing',
  });
  late.tree.applyAll([laptop.batches[1]!]);
  t.deepEqual((await moments.treeAt({ type: 'snapshot', id })).treeHash(), laptop.tree.treeHash());
});

test('what counts less than before shows less in the past as well', async (t) => {
  const device = new TreeDevice('a');
  device.put('f', 'one');
  device.put('g', 'two');
  take(device, 'x');
  const reduced = new TreeDevice('b');
  reduced.tree.applyAll(device.batches.slice(0, 1));
  const moments = momentsOf(reduced, device);
  const tree = await moments.treeAt({ type: 'time', timeMs: device.nowMs + 1000 });
  t.is(tree.totals().files, 1);
});

test('when other batches count in the middle, it begins anew', async (t) => {
  const device = new TreeDevice('a');
  for (const name of ['f', 'g', 'h']) device.put(name, 'x');
  const moments = momentsOf(device, device);
  let times = 0;
  const tree = await moments.treeAt(
    { type: 'time', timeMs: device.nowMs },
    {
      onProgress: () => {
        times += 1;
        if (times === 2) moments.forget();
      },
    },
  );
  t.is(tree.totals().files, 3);
  t.true(times > 6, String(times));
});

test('a journal that cannot be read as far as it counts is no shorter past', async (t) => {
  const device = new TreeDevice('a');
  for (const name of ['f', 'g', 'h']) device.put(name, 'x');
  take(device, 'x');
  device.batches.splice(2, 2);
  for (const moment of [
    { type: 'snapshot', id } as const,
    { type: 'time', timeMs: 1e15 } as const,
  ]) {
    const asking = momentsOf(device, device).treeAt(moment);
    await t.throwsAsync(asking, { code: 'damaged', message: /cannot be read as far as/ });
  }
});
