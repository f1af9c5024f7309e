/**
 * Power cuts and killed processes at random points, on one store again and again. The control arms
 * show that the harness sees what it looks for.
 */
import test from 'ava';
import { createSimStoreMachine, seededFraction } from '../../helpers/sim-store.ts';
import { createHistory, findLosses, runWorkload } from '../../helpers/store-workload.ts';

interface CrashRun {
  readonly seed: number;
  readonly rounds?: number;
  readonly lying?: boolean;
  readonly opBeforeChunk?: boolean;
  readonly collects?: boolean;
  readonly dropsNeeded?: boolean;
  readonly dropsNeededSmall?: boolean;
}

/** Lives and deaths of one store; what was found lost or wrong. */
async function crashRun(run: CrashRun): Promise<string[]> {
  const { seed, rounds = 4, lying = false, ...bugs } = run;
  const fraction = seededFraction(seed);
  const history = createHistory();
  let operationsLeft = 0;
  let cut: (() => void) | undefined;
  const tick = async (): Promise<void> => {
    for (let turn = Math.floor(fraction() * 3); turn >= 0; turn--) await Promise.resolve();
    operationsLeft -= 1;
    if (operationsLeft === 0) cut?.();
  };
  const machine = createSimStoreMachine(seed, { disk: { tick, lying } });
  for (let round = 0; round < rounds; round++) {
    const death = fraction() < 0.7 ? 'crash' : 'kill';
    operationsLeft = 1 + Math.floor(fraction() * 400);
    cut = () => machine[death]();
    try {
      const store = await machine.open();
      await runWorkload(store, history, { fraction, steps: 30, ...bugs });
    } catch (error) {
      if (operationsLeft > 0) throw error;
    }
    if (operationsLeft > 0) cut();
    cut = undefined;
    const store = await machine.open();
    const losses = await findLosses(store, history);
    if (losses.length > 0) return [`seed ${String(seed)}, round ${String(round)}`, ...losses];
    await store.close();
  }
  return [];
}

async function runsWithLosses(runs: readonly CrashRun[]): Promise<number> {
  let count = 0;
  for (const run of runs) if ((await crashRun(run)).length > 0) count += 1;
  return count;
}

/** STORE_CRASH_SEEDS=3000 for a long run. */
const seedCount = Number(process.env['STORE_CRASH_SEEDS'] ?? 30);
const seeds = Array.from({ length: seedCount }, (_, at) => at + 1);

test('nothing acknowledged is lost and nothing wrong is returned after any crash', async (t) => {
  for (const seed of seeds) t.deepEqual(await crashRun({ seed }), []);
});

test('nor while the space of dropped chunks and small records is collected', async (t) => {
  for (const seed of seeds) t.deepEqual(await crashRun({ seed, collects: true }), []);
});

test('control: the harness catches chunks that are dropped and needed', async (t) => {
  const runs = seeds
    .slice(0, 10)
    .map((seed) => ({ seed, collects: true, dropsNeeded: true }) as const);
  const caught = await runsWithLosses(runs);
  t.true(caught >= 8, `${String(caught)} of 10`);
});

test('control: the harness catches small records that go and are needed', async (t) => {
  const runs = seeds
    .slice(0, 20)
    .map((seed) => ({ seed, collects: true, dropsNeededSmall: true }) as const);
  const caught = await runsWithLosses(runs);
  t.true(caught >= 14, `${String(caught)} of 20`);
});

test('control: the harness catches a disk whose sync does nothing', async (t) => {
  const caught = await runsWithLosses(seeds.slice(0, 20).map((seed) => ({ seed, lying: true })));
  t.true(caught >= 10, `${String(caught)} of 20`);
});

test('control: the harness catches a batch that is appended before its chunk is durable', async (t) => {
  let caught = false;
  for (let seed = 1; seed <= 60 && !caught; seed++) {
    caught = (await crashRun({ seed, opBeforeChunk: true })).length > 0;
  }
  t.true(caught);
});

test('a seed replays: the same losses, the same operations', async (t) => {
  const run = { seed: 7, lying: true };
  t.deepEqual(await crashRun(run), await crashRun(run));
});
