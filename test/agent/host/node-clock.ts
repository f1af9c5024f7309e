import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { createNodeClock } from '../../../agent/host/node-clock.ts';
import { createNodeRandom } from '../../../agent/host/node-random.ts';

test('the wall clock is the system clock and the monotonic one never goes back', (t) => {
  const clock = createNodeClock();
  t.true(Math.abs(clock.nowMs() - Date.now()) < 1_000);
  let last = clock.monotonicMs();
  for (let round = 0; round < 1_000; round++) {
    const now = clock.monotonicMs();
    t.true(now >= last);
    last = now;
  }
});

test('a timer fires after its delay, and a cancelled one never', async (t) => {
  const clock = createNodeClock();
  // Timers of the port do not keep the process alive, so this one has to.
  const alive = setInterval(() => undefined, 1_000);
  const fired: string[] = [];
  clock.after(5, () => fired.push('cancelled')).cancel();
  const startMs = clock.monotonicMs();
  await new Promise<void>((resolve) => {
    clock.after(20, resolve);
  });
  clearInterval(alive);
  t.true(clock.monotonicMs() - startMs >= 19);
  t.deepEqual(fired, []);
});

test('a delay longer than a timer can count does not fire at once', (t) => {
  const clock = createNodeClock();
  const timer = clock.after(2 ** 40, () => {
    t.fail();
  });
  t.teardown(() => {
    timer.cancel();
  });
  t.pass();
});

test('a waiting timer does not keep the process alive', (t) => {
  const file = join(import.meta.dirname, '../../../agent/host/node-clock.ts');
  const program = `const { createNodeClock } = await import(${JSON.stringify(file)});
    createNodeClock().after(60_000, () => {});`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 30_000,
  });
  t.is(status, 0);
});

test('random bytes have the length asked for and differ; fractions stay below one', (t) => {
  const random = createNodeRandom();
  t.is(random.bytes(0).length, 0);
  t.is(random.bytes(32).length, 32);
  t.false(random.bytes(32).equals(random.bytes(32)));
  for (let round = 0; round < 100; round++) {
    const fraction = random.fraction();
    t.true(fraction >= 0 && fraction < 1);
  }
});
