import test from 'ava';
import { createTree } from '../../../agent/namespace/tree.ts';
import type { Clock } from '../../../agent/ports.ts';
import { buildTreeAt } from '../../../agent/vault/at-tree.ts';
import { Slices } from '../../../agent/vault/slices.ts';
import type { JournalId } from '../../../protocol/ids.ts';
import { sourceOf, vectorOf } from '../../helpers/batch-source.ts';
import { Dice } from '../../helpers/dice.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { honestOps } from '../../helpers/namespace-work.ts';
import { labelOf, TreeDevice } from '../../helpers/tree-device.ts';

const parts = { deviceName: labelOf, seed: () => 7 };
const quiet = { slices: new Slices(createManualClock()), onBatch: () => undefined };

test('in random histories it is the tree of exactly the batches that were asked for', async (t) => {
  let different = 0;
  for (let seed = 1; seed <= 30; seed += 1) {
    const dice = new Dice(seed);
    const devices = ['a', 'b', 'c'].map((digit) => new TreeDevice(digit));
    for (let step = 0; step < 40; step += 1) {
      const device = dice.pick(devices);
      if (dice.chance(0.7)) {
        for (const ops of honestOps(dice, device.tree)) if (ops.length > 0) device.say(ops);
      } else device.hear(dice.pick(devices));
    }
    const source = sourceOf(...devices);
    const all = createTree({ deviceName: labelOf });
    all.applyAll(devices.flatMap(({ batches }) => batches));
    for (let question = 0; question < 5; question += 1) {
      const vector = new Map<JournalId, number>(
        devices.map(({ journal, batches }) => [journal, dice.between(0, batches.length)]),
      );
      const expected = createTree({ deviceName: labelOf });
      for (const { journal, batches } of devices) {
        expected.applyAll(batches.slice(0, vector.get(journal)));
      }
      const tree = await buildTreeAt({ ...parts, source }, vector, quiet);
      t.deepEqual(tree.treeHash(), expected.treeHash(), `seed ${String(seed)}`);
      t.deepEqual(tree.totals(), expected.totals());
      if (!tree.treeHash().equals(all.treeHash())) different += 1;
    }
  }
  t.true(different > 50, String(different));
});

test('it is made in slices, between which others run, and ends when nobody waits', async (t) => {
  const device = new TreeDevice('a');
  for (let at = 0; at < 40; at += 1) device.makeDirectory(`d${String(at)}`);
  const abort = new AbortController();
  let nowMs = 0;
  let rests = 0;
  const clock: Clock = {
    nowMs: () => 0,
    // Each look takes a tenth of a millisecond.
    monotonicMs: () => (nowMs += 0.1),
    after(_delayMs, action) {
      rests += 1;
      if (rests === 3) abort.abort();
      setImmediate(action);
      return { cancel: () => undefined };
    },
  };
  let heard = 0;
  const slices = new Slices(clock, abort.signal);
  const source = sourceOf(device);
  const work = buildTreeAt({ ...parts, source }, vectorOf(device), {
    slices,
    onBatch: () => (heard += 1),
  });
  await t.throwsAsync(work, { message: /interrupted/ });
  t.is(rests, 3);
  t.true(heard >= 3 && heard < 40, String(heard));
  t.is(source.reads, heard, 'nothing is read after it ended');
});
