/** Looking at something again and again: no news is lost, whenever it comes. */
import test from 'ava';
import { Retried } from '../../../../agent/vault/retention/retried.ts';
import type { Log } from '../../../../agent/ports.ts';
import { createManualClock } from '../../../helpers/manual-clock.ts';

const silence = { warn: () => undefined } as unknown as Log;

function newRetried(answer: () => Promise<boolean>) {
  const clock = createManualClock();
  const bench = { clock, turns: 0 };
  const work = (): Promise<boolean> => {
    bench.turns += 1;
    return answer();
  };
  const retried = new Retried({ clock, log: silence, work, failure: 'it is tried again' });
  return Object.assign(bench, { retried });
}

test('news that comes at any step of a turn that ends makes another turn', async (t) => {
  for (let steps = 0; steps < 12; steps += 1) {
    const bench = newRetried(() => Promise.resolve(true));
    bench.retried.look();
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
    bench.retried.look();
    await bench.retried.idle();
    t.is(bench.turns, 2, `after ${String(steps)} steps`);
  }
});

test('what could not be ended, or failed, is looked at again after a while', async (t) => {
  const answers = [() => Promise.resolve(false), () => Promise.reject(new Error('no'))];
  const bench = newRetried(() => (answers.shift() ?? (() => Promise.resolve(true)))());
  bench.retried.look();
  for (const turns of [1, 2, 3, 3]) {
    await bench.retried.idle();
    t.is(bench.turns, turns);
    bench.clock.advance(60_000);
  }
});

test('nothing is looked at once it is closed', async (t) => {
  const bench = newRetried(() => Promise.resolve(false));
  bench.retried.look();
  await bench.retried.close();
  bench.retried.look();
  bench.clock.advance(60_000);
  t.is(bench.turns, 1);
});
