/**
 * Whole agents in a simulated world: histories with faults from seeds, the control arms that show that
 * the checkers see what they look for, and the seeds that found something once. The long version is
 * `npm run torture -- --only simulation`.
 */
import test from 'ava';
import { controlArms, type ControlArm } from './workload/control-arms.ts';
import { hasLetGo, strictRule } from './workload/letting-go.ts';
import { runSimulation, type RunOptions } from './workload/run.ts';
import { usualHabits } from './workload/user.ts';

const short: Omit<RunOptions, 'seed'> = { devices: 2, rounds: 1, roundMs: 40_000 };

test.serial('a seed replays byte for byte, and another seed is another history', async (t) => {
  const digests = new Set<string>();
  for (const seed of ['replay 1', 'replay 2']) {
    const first = await runSimulation({ ...short, seed });
    const second = await runSimulation({ ...short, seed });
    t.is(first.digest, second.digest, seed);
    t.is(first.events, second.events, seed);
    t.true(first.events > 100, seed);
    digests.add(first.digest);
  }
  t.is(digests.size, 2);
});

test.serial('devices converge and nothing acknowledged is lost, whatever goes wrong', async (t) => {
  for (const seed of ['short 1', 'short 2', 'short 3']) {
    const { violations } = await runSimulation({ ...short, devices: 3, seed });
    t.deepEqual(violations, [], `npm run torture -- --only simulation --seed '${seed}'`);
  }
});

test.serial('nor when old versions go, and their space, while devices come and go', async (t) => {
  const weights = { ...usualHabits.weights, forget: 14, gc: 16, giveUp: 4 };
  const habits = { weights, thinkMs: 6_000 };
  const letting = { ...short, devices: 3, roundMs: 60_000, retention: strictRule, habits };
  const { violations, counts } = await runSimulation({ ...letting, seed: 'letting go 1' });
  t.deepEqual(violations, []);
  t.true(hasLetGo(counts), JSON.stringify([...counts]));
});

test.serial('nor when devices agree on what old history amounts to', async (t) => {
  const weights = { ...usualHabits.weights, fold: 8 };
  const habits = { weights, thinkMs: 8_000 };
  const { violations, counts } = await runSimulation({ ...short, habits, seed: 'folding 1' });
  t.deepEqual(violations, []);
  t.true((counts.get('issued a checkpoint') ?? 0) > 0, JSON.stringify([...counts]));
  t.true((counts.get('agreed to a checkpoint') ?? 0) > 0, JSON.stringify([...counts]));
});

test.serial('nor when bodies of old batches go while devices come and go', async (t) => {
  const weights = { ...usualHabits.weights, forget: 6, gc: 6, fold: 20 };
  const habits = { weights, thinkMs: 6_000 };
  const options = { ...short, roundMs: 60_000, retention: strictRule, habits };
  const { violations, counts } = await runSimulation({ ...options, seed: 'bodies 1' });
  t.deepEqual(violations, []);
  t.true((counts.get('took bodies away') ?? 0) > 0, JSON.stringify([...counts]));
});

/** The first of so many seeds that the checkers find something in. */
async function firstCaught({ seedsMax, options }: ControlArm): Promise<number | undefined> {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { violations } = await runSimulation({ ...options, seed: `control ${String(seed)}` });
    if (violations.length > 0) return seed;
  }
  return undefined;
}

for (const arm of controlArms) {
  test.serial(`control: the checkers catch ${arm.name}`, async (t) => {
    t.not(await firstCaught(arm), undefined, `none of ${String(arm.seedsMax)} seeds`);
  });
}

test.serial(
  'control: the world of the control arms is in order without their faults',
  async (t) => {
    for (const { options } of controlArms.slice(0, 1)) {
      const { violations } = await runSimulation({ ...options, machine: {}, seed: 'control 1' });
      t.deepEqual(violations, []);
    }
  },
);
