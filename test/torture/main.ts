/**
 * `npm run torture -- --minutes N [--seed S] [--only ARM]`: the long versions of the tests, each arm
 * with its share of the time. `--histories N` instead runs that many histories of the namespace, of the
 * seeds S, S + 1, and so on. Prints seeds and counts; at the first failure it prints the command that
 * replays it and ends with 1.
 */
import { parseArgs } from 'node:util';
import { whyNoPowerCuts } from '../helpers/loop-disk.ts';
import { whyNoMount } from '../helpers/real-mount.ts';
import { noMemberCounts, playMembers } from '../helpers/member-histories.ts';
import { runHistories, type HistoryCounts } from '../helpers/namespace-histories.ts';
import { playApart } from '../simulation/workload/apart.ts';
import { playAway } from '../simulation/workload/away.ts';
import { mutants, runMutant } from '../simulation/workload/mutants.ts';
import { playRestores } from '../simulation/workload/restores.ts';
import { runJournalHistories } from '../helpers/journal-histories.ts';
import { runSimulations } from './simulation.ts';

const arms = [
  'simulation',
  'controls',
  'restores',
  'namespace',
  'journals',
  'decoders',
  'members',
  'batches',
  'crash',
  'power',
  'mount-power',
  'mount-size',
  'console',
] as const;
type Arm = (typeof arms)[number];

interface Task {
  readonly seed: string;
  /** undefined: one history of exactly this seed, or `histories` of them. */
  readonly minutes: number | undefined;
  readonly histories: number | undefined;
}

interface Result {
  readonly summary: string;
  readonly problems: readonly string[];
  readonly failedSeed: string | undefined;
}

const defaultMinutes = 10;
/** A goal for an idle machine: missed, it is said and no failure. */
const backWithinMs = 5_000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const runners: Readonly<Record<Arm, (task: Task) => Promise<Result>>> = {
  simulation: tortureSimulation,
  controls: tortureControls,
  restores: tortureRestores,
  namespace: tortureNamespace,
  journals: tortureJournals,
  decoders: tortureDecoders,
  members: tortureMembers,
  batches: tortureBatches,
  crash: tortureCrash,
  power: torturePower,
  'mount-power': tortureMountPower,
  'mount-size': tortureMountSize,
  console: tortureConsole,
};

async function tortureSimulation({ seed, minutes }: Task): Promise<Result> {
  const report = await runSimulations({ seed, say, ...bound(minutes) });
  const { rounds, virtualHours, events, counts, problems, failedSeed } = report;
  for (const [what, count] of [...counts].sort()) say(`  ${what}: ${String(count)}`);
  const summary = `${String(rounds)} histories, ${virtualHours.toFixed(1)} virtual hours, ${String(events)} events`;
  return { summary, problems, failedSeed };
}

/**
 * A device that is away while the others let go, and two that write apart and fold, from one seed after the
 * other; and once what is found
 * without the checks of the product, so that it is known that something would be.
 */
async function tortureControls({ seed, minutes }: Task): Promise<Result> {
  const endMs = performance.now() + (minutes ?? 0) * 60_000;
  for (const mutant of mutants) {
    if ((await runMutant(mutant)).includes(mutant.found)) continue;
    const problems = [`nothing is found without ${mutant.name}`];
    return { summary: mutant.name, problems, failedSeed: undefined };
  }
  let count = 0;
  do {
    const current = count === 0 ? seed : `${seed}+${String(count)}`;
    const problems = [
      ...(await playAway(current)).violations,
      ...(await playApart(current)).violations,
    ];
    count += 1;
    if (problems.length > 0)
      return { summary: `${String(count)} stories`, problems, failedSeed: current };
  } while (performance.now() < endMs);
  const summary = `${String(mutants.length)} checks are noticed when they are not there, each story was played ${String(count)} times`;
  return { summary, problems: [], failedSeed: undefined };
}

async function tortureNamespace({ seed, minutes, histories }: Task): Promise<Result> {
  const first = numberOf(seed);
  const endMs = performance.now() + (minutes ?? 0) * 60_000;
  const sum = new Map<string, number>();
  let count = 0;
  const isOver = (): boolean =>
    minutes === undefined ? count >= (histories ?? 1) : performance.now() >= endMs;
  do {
    const at = first + count;
    try {
      addTo(sum, await runHistories({ seed: at, count: 1 }));
    } catch (error) {
      const problems = [messageOf(error)];
      return { summary: `${String(count)} histories`, problems, failedSeed: String(at) };
    }
    count += 1;
    if (count % 1000 === 0) say(`${String(count)} histories, the last one of seed ${String(at)}`);
    // So that a signal is noticed.
    if (count % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  } while (!isOver());
  for (const [what, many] of [...sum].sort()) say(`  ${what}: ${String(many)}`);
  return { summary: `${String(count)} histories`, problems: [], failedSeed: undefined };
}

/** Journals that fork, at devices with all that decides which batches count. */
async function tortureJournals({ seed, minutes }: Task): Promise<Result> {
  const first = numberOf(seed);
  const endMs = performance.now() + (minutes ?? 0) * 60_000;
  const sum = new Map<string, number>();
  let count = 0;
  do {
    try {
      const counts = await runJournalHistories(first + count, 1);
      for (const [what, many] of Object.entries(counts)) sum.set(what, (sum.get(what) ?? 0) + many);
    } catch (error) {
      const problems = [messageOf(error)];
      return { summary: `${String(count)} histories`, problems, failedSeed: String(first + count) };
    }
    count += 1;
  } while (performance.now() < endMs);
  for (const [what, many] of [...sum].sort()) say(`  ${what}: ${String(many)}`);
  return { summary: `${String(count)} histories`, problems: [], failedSeed: undefined };
}

/** Changed and invented inputs for everything that takes bytes from outside: a million each, or as long as it lasts. */
async function tortureDecoders({ seed, minutes }: Task): Promise<Result> {
  const { runDecoders } = await import('./decoders.ts');
  const report = await runDecoders({ seed: numberOf(seed), minutes, say });
  const failedSeed = report.failedSeed === undefined ? undefined : String(report.failedSeed);
  return { ...report, failedSeed };
}

/** Whole agents whose homes come back from old backups. */
async function tortureRestores({ seed, minutes }: Task): Promise<Result> {
  const endMs = performance.now() + (minutes ?? 0) * 60_000;
  const sum = { restored: 0, forked: 0, chosen: 0 };
  let count = 0;
  do {
    const current = count === 0 ? seed : `${seed}+${String(count)}`;
    const report = await playRestores({ seed: current, devices: devicesOf(current), steps: 40 });
    count += 1;
    const { violations: problems, restored, forked, chosen } = report;
    sum.restored += restored;
    sum.forked += forked;
    sum.chosen += chosen;
    if (problems.length > 0) {
      return { summary: `${String(count)} histories`, problems, failedSeed: current };
    }
  } while (performance.now() < endMs);
  const what = `${String(sum.restored)} backups came back, ${String(sum.forked)} journals forked, ${String(sum.chosen)} branches were chosen`;
  return { summary: `${String(count)} histories, ${what}`, problems: [], failedSeed: undefined };
}

/** 2 to 4, as the seed wants it. */
function devicesOf(seed: string): number {
  return 2 + (numberOf(seed) % 3);
}

function addTo(sum: Map<string, number>, { kinds, ...counts }: HistoryCounts): void {
  for (const [what, count] of [...Object.entries(counts), ...kinds]) {
    sum.set(what, (sum.get(what) ?? 0) + Number(count));
  }
}

/** Who belongs to the vault: histories of statements, and what somebody hostile makes of them. */
async function tortureMembers({ seed, minutes }: Task): Promise<Result> {
  const first = numberOf(seed);
  const endMs = performance.now() + (minutes ?? 0) * 60_000;
  const sum = noMemberCounts();
  let count = 0;
  do {
    const at = first + count;
    try {
      addCounts(sum, playMembers(at, { steps: 40, mutations: 1_000 }));
    } catch (error) {
      const problems = [messageOf(error)];
      return { summary: `${String(count)} histories`, problems, failedSeed: String(at) };
    }
    count += 1;
    // So that a signal is noticed.
    await new Promise((resolve) => setImmediate(resolve));
  } while (performance.now() < endMs);
  for (const [what, many] of Object.entries(sum)) say(`  ${what}: ${String(many)}`);
  const certificates = sum.mutatedCertificates + sum.powerlessCertificates;
  const statements = sum.mutatedStatements + sum.powerlessStatements;
  const summary = `${String(count)} histories, none accepted of ${String(certificates)} certificates and ${String(statements)} other statements that were changed, powerless or dated back`;
  return { summary, problems: [], failedSeed: undefined };
}

/** Batches that were changed, forged or dated back: 100,000, or as many as there is time for. */
async function tortureBatches({ seed, minutes }: Task): Promise<Result> {
  const { playHostileBatches } = await import('../helpers/hostile-batches.ts');
  const endMs = performance.now() + (minutes ?? 0) * 60_000;
  const inRound = 5_000;
  const sum = { mutated: 0, forged: 0, hidden: 0 };
  let rounds = 0;
  do {
    const at = numberOf(seed) + rounds;
    try {
      addCounts(sum, await playHostileBatches(at, { count: inRound }));
    } catch (error) {
      return {
        summary: `${String(rounds)} rounds`,
        problems: [messageOf(error)],
        failedSeed: String(at),
      };
    }
    rounds += 1;
  } while (performance.now() < endMs && rounds * inRound < 100_000);
  const summary = `${String(sum.mutated)} changed and ${String(sum.forged)} forged batches, none accepted, ${String(sum.hidden)} of them filed and hidden`;
  return { summary, problems: [], failedSeed: undefined };
}

async function tortureCrash({ seed, minutes }: Task): Promise<Result> {
  const { runCrash } = await import('./crash.ts');
  const { rounds, acknowledged, slowestReadyMs, backMs, problems } = await runCrash({
    seed,
    say,
    ...bound(minutes),
  });
  if (backMs !== undefined) {
    const { median, slowest } = backMs;
    const verdict = slowest <= backWithinMs ? 'within' : 'MISSES';
    say(
      `  an agent killed under load answers again after ${String(median)} ms (median), ` +
        `${String(slowest)} ms (slowest): ${verdict} ${String(backWithinMs)} ms`,
    );
  }
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

async function tortureMountPower({ seed, minutes }: Task): Promise<Result> {
  const reason = whyNoMount() ?? whyNoPowerCuts();
  if (reason !== undefined) {
    return { summary: `left out: ${reason}`, problems: [], failedSeed: undefined };
  }
  const { runMountPower } = await import('./mount-power.ts');
  const { rounds, promises, problems } = await runMountPower({ say, ...bound(minutes) });
  const summary = `${String(rounds)} power cuts below a mount, ${String(promises)} promises`;
  return { summary, problems, failedSeed: problems.length > 0 ? seed : undefined };
}

/** Once, however much time there is: a tenth of it where that is little. */
async function tortureMountSize({ seed, minutes = 10 }: Task): Promise<Result> {
  const reason = whyNoMount();
  if (reason !== undefined) {
    return { summary: `left out: ${reason}`, problems: [], failedSeed: undefined };
  }
  const { runMountSize } = await import('./mount-size.ts');
  const isLittle = minutes < 5;
  const less = isLittle ? { files: 10_000, fileBytes: 400 * 1024 ** 2 } : {};
  const { summary, problems } = await runMountSize({ seed, say, ...less });
  return { summary, problems, failedSeed: problems.length > 0 ? seed : undefined };
}

/** The memory of a console that is left open and used. Without a time, half a minute of it. */
async function tortureConsole({ minutes = 0.5 }: Task): Promise<Result> {
  const { runConsoleSoak } = await import('./console-soak.ts');
  return { ...(await runConsoleSoak({ minutes, say })), failedSeed: undefined };
}

function addCounts<Sum extends { [Name in keyof Sum]: number }>(sum: Sum, more: Sum): void {
  for (const name of Object.keys(sum) as (keyof Sum)[]) {
    sum[name] = (sum[name] + more[name]) as Sum[keyof Sum];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
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
      histories: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string', multiple: true },
    },
  });
  const histories = values.histories === undefined ? undefined : Number(values.histories);
  if (histories !== undefined && !(Number.isSafeInteger(histories) && histories > 0)) {
    throw new Error('--histories takes a whole number above 0');
  }
  if (histories !== undefined && (values.minutes !== undefined || values.only !== undefined)) {
    throw new Error('--histories goes without --minutes and --only');
  }
  const only = histories === undefined ? values.only : ['namespace'];
  const chosen = (only ?? arms).map((name) => {
    const arm = arms.find((each) => each === name);
    if (arm === undefined) throw new Error(`--only ${name}: choose from ${arms.join(', ')}`);
    return arm;
  });
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
  if (minutes !== undefined && !(minutes > 0)) throw new Error('--minutes takes a number above 0');
  const seed = values.seed ?? (histories === undefined ? String(Date.now()) : '1');
  // A seed without a time replays what it found.
  const isReplay = values.seed !== undefined || histories !== undefined;
  const total = minutes ?? (isReplay ? undefined : defaultMinutes);
  const share = total === undefined ? undefined : total / chosen.length;
  return { tasks: chosen.map((arm) => ({ arm, seed, minutes: share, histories })) };
}

function extentOf({ minutes, histories }: Task): string {
  if (minutes !== undefined) return `${minutes.toFixed(1)} minutes`;
  return histories === undefined ? 'once' : `${String(histories)} histories`;
}

async function run(): Promise<number> {
  for (const task of readArguments().tasks) {
    const { arm, seed } = task;
    say(`${arm}: seed ${seed}, ${extentOf(task)}`);
    const { summary, problems, failedSeed } = await runners[arm](task);
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
