/**
 * `npm run torture -- --minutes N [--seed S] [--only ARM]`: the long versions of the tests, each arm
 * with its share of the time. Prints seeds and counts; at the first failure it prints the command that
 * replays it and ends with 1.
 */
import { parseArgs } from 'node:util';
import { whyNoPowerCuts } from '../helpers/loop-disk.ts';
import { runHistories } from '../helpers/namespace-histories.ts';
import { runSimulations } from './simulation.ts';

const arms = ['simulation', 'namespace', 'crash', 'power'] as const;
type Arm = (typeof arms)[number];

interface Task {
  readonly seed: string;
  /** undefined: one history of exactly this seed. */
  readonly minutes: number | undefined;
}

interface Result {
  readonly summary: string;
  readonly problems: readonly string[];
  readonly failedSeed: string | undefined;
}

const defaultMinutes = 10;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const runners: Readonly<Record<Arm, (task: Task) => Promise<Result>>> = {
  simulation: tortureSimulation,
  namespace: tortureNamespace,
  crash: tortureCrash,
  power: torturePower,
};

async function tortureSimulation({ seed, minutes }: Task): Promise<Result> {
  const report = await runSimulations({ seed, say, ...bound(minutes) });
  const { rounds, virtualHours, events, counts, problems, failedSeed } = report;
  for (const [what, count] of [...counts].sort()) say(`  ${what}: ${String(count)}`);
  const summary = `${String(rounds)} histories, ${virtualHours.toFixed(1)} virtual hours, ${String(events)} events`;
  return { summary, problems, failedSeed };
}

async function tortureNamespace({ seed, minutes }: Task): Promise<Result> {
  const first = numberOf(seed);
  const endMs = performance.now() + (minutes ?? 0) * 60_000;
  let count = 0;
  do {
    try {
      runHistories({ seed: first + count, count: 1 });
    } catch (error) {
      const problems = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
      return { summary: `${String(count)} histories`, problems, failedSeed: String(first + count) };
    }
    count += 1;
    // So that a signal is noticed.
    if (count % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  } while (performance.now() < endMs);
  return { summary: `${String(count)} histories`, problems: [], failedSeed: undefined };
}

async function tortureCrash({ seed, minutes }: Task): Promise<Result> {
  const { runCrash } = await import('./crash.ts');
  const { rounds, acknowledged, slowestReadyMs, problems } = await runCrash({
    seed,
    say,
    ...bound(minutes),
  });
  const summary = `${String(rounds)} kills, ${String(acknowledged)} acknowledged changes, slowest start ${String(slowestReadyMs)} ms`;
  return { summary, problems, failedSeed: problems.length > 0 ? seed : undefined };
}

async function torturePower({ seed, minutes }: Task): Promise<Result> {
  const reason = whyNoPowerCuts();
  if (reason !== undefined) {
    return { summary: `left out: ${reason}`, problems: [], failedSeed: undefined };
  }
  const { runPowerCuts } = await import('./power-cut.ts');
  const { rounds, acknowledged, slowestReadyMs, problems } = await runPowerCuts({
    seed,
    ...bound(minutes),
  });
  const summary = `${String(rounds)} power cuts, ${String(acknowledged)} acknowledged changes, slowest start ${String(slowestReadyMs)} ms`;
  return { summary, problems, failedSeed: problems.length > 0 ? seed : undefined };
}

/** How long, or how many. */
function bound(
  minutes: number | undefined,
): { readonly minutes: number } | { readonly rounds: number } {
  return minutes === undefined ? { rounds: 1 } : { minutes };
}

/** A number that follows from any text. */
function numberOf(seed: string): number {
  const number = Number(seed);
  if (Number.isSafeInteger(number)) return number;
  return [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_000_007, 7);
}

function readArguments(): { tasks: readonly (Task & { readonly arm: Arm })[] } {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string', multiple: true },
    },
  });
  const chosen = (values.only ?? arms).map((name) => {
    const arm = arms.find((each) => each === name);
    if (arm === undefined) throw new Error(`--only ${name}: choose from ${arms.join(', ')}`);
    return arm;
  });
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
  if (minutes !== undefined && !(minutes > 0)) throw new Error('--minutes takes a number above 0');
  const seed = values.seed ?? String(Date.now());
  // A seed without a time replays what it found.
  const total = minutes ?? (values.seed === undefined ? defaultMinutes : undefined);
  const share = total === undefined ? undefined : total / chosen.length;
  return { tasks: chosen.map((arm) => ({ arm, seed, minutes: share })) };
}

async function run(): Promise<number> {
  for (const { arm, seed, minutes } of readArguments().tasks) {
    const time = minutes === undefined ? 'once' : `${minutes.toFixed(1)} minutes`;
    say(`${arm}: seed ${seed}, ${time}`);
    const { summary, problems, failedSeed } = await runners[arm]({ seed, minutes });
    say(`${arm}: ${summary}`);
    if (problems.length === 0) continue;
    for (const problem of problems.slice(0, 20)) say(`  ${problem}`);
    say(`FAILED; again with: npm run torture -- --only ${arm} --seed '${failedSeed ?? seed}'`);
    return 1;
  }
  say('no failure');
  return 0;
}

process.exitCode = await run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});
