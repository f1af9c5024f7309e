/**
 * Whole agents in simulated worlds, one seed after the other, for as long as there is time. Now and
 * then a seed is run twice: a history that does not replay is a failure like any other.
 */
import { runSimulation, type RunReport } from '../simulation/workload/run.ts';

export interface SimulationOptions {
  /** The seeds are `<seed>`, `<seed>+1` and so on; exactly `<seed>` when only one is run. */
  readonly seed: string;
  readonly minutes?: number;
  readonly rounds?: number;
  readonly say?: (line: string) => void;
}

export interface SimulationReport {
  readonly rounds: number;
  readonly virtualHours: number;
  readonly events: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
  /** Of the history that failed. */
  readonly failedSeed: string | undefined;
}

const replayEvery = 10;

export async function runSimulations(options: SimulationOptions): Promise<SimulationReport> {
  const { seed, minutes = Infinity, rounds = Infinity, say } = options;
  const endMs = performance.now() + minutes * 60_000;
  const counts = new Map<string, number>();
  const problems: string[] = [];
  const sum = { rounds: 0, virtualMs: 0, events: 0 };
  let failedSeed: string | undefined;
  // It would be the end of an agent in the product.
  const onUnhandled = (reason: unknown): void => {
    problems.push(
      `unhandled rejection: ${reason instanceof Error ? String(reason.stack) : String(reason)}`,
    );
  };
  process.on('unhandledRejection', onUnhandled);
  while (problems.length === 0 && sum.rounds < rounds && performance.now() < endMs) {
    const current = sum.rounds === 0 ? seed : `${seed}+${String(sum.rounds)}`;
    const report = await runSimulation({ seed: current });
    sum.rounds += 1;
    sum.virtualMs += report.virtualMs;
    sum.events += report.events;
    for (const [what, count] of report.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    problems.push(...report.violations, ...(await replayProblems(report, sum.rounds)));
    if (problems.length > 0) {
      failedSeed = current;
      for (const line of report.logs.slice(-200)) say?.(line);
    }
    if (sum.rounds % 10 === 0)
      say?.(`${String(sum.rounds)} histories, the last one of seed ${current}`);
  }
  process.off('unhandledRejection', onUnhandled);
  return {
    rounds: sum.rounds,
    virtualHours: sum.virtualMs / 3_600_000,
    events: sum.events,
    counts,
    problems,
    failedSeed,
  };
}

async function replayProblems(first: RunReport, round: number): Promise<readonly string[]> {
  if (round % replayEvery !== 1) return [];
  const { digest } = await runSimulation({ seed: first.seed });
  return digest === first.digest ? [] : ['the second run of this seed went another way'];
}
