/**
 * Runs one row: every contestant is prepared, then all are measured in turn, round after round.
 * A contestant that cannot take part is left out with its reason; one that fails says so, and the
 * others go on.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { judge, type Measured } from './judge.ts';
import type { RowResult } from './report.ts';
import type { Contestant, Row, RowContext, Session } from './row.ts';

export interface RunOptions {
  /** For the contestants of this row; removed afterwards. */
  readonly directory: string;
  /** Instead of the rounds of the row. */
  readonly rounds: number | undefined;
  /** Names of those who are left out. */
  readonly without: readonly string[];
  onProgress(text: string): void;
}

interface Runner {
  readonly name: string;
  readonly values: number[];
  session?: Session | undefined;
  absence?: string | undefined;
}

export async function runRow(
  row: Row,
  context: RowContext,
  options: RunOptions,
): Promise<RowResult> {
  const runners: Runner[] = [];
  try {
    for (const contestant of row.contestants(context)) {
      const runner: Runner = { name: contestant.name, values: [] };
      runners.push(runner);
      if (options.without.includes(contestant.name)) runner.absence = 'left out with --without';
      else await prepare(runner, contestant, options);
    }
    for (let round = 0; round < (options.rounds ?? row.rounds); round++) {
      for (const runner of runners) await measure(runner, round, options);
    }
  } finally {
    for (const runner of runners) await runner.session?.close();
    await rm(options.directory, { recursive: true, force: true, maxRetries: 5 });
  }
  const measured = runners.map(({ name, values, absence }): Measured => ({
    name,
    values,
    absence,
  }));
  return { row, measured, verdicts: judge(row.goals, row.unit, measured) };
}

async function prepare(runner: Runner, contestant: Contestant, options: RunOptions): Promise<void> {
  options.onProgress(`${runner.name}: preparing`);
  runner.absence = await contestant.absence();
  if (runner.absence !== undefined) return;
  const directory = join(options.directory, runner.name.replaceAll(/\W+/g, '-'));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await attempt(runner, async () => {
    runner.session = await contestant.prepare(directory);
  });
}

async function measure(runner: Runner, round: number, options: RunOptions): Promise<void> {
  const { session } = runner;
  if (session === undefined || runner.absence !== undefined) return;
  options.onProgress(`${runner.name}: round ${String(round + 1)}`);
  await attempt(runner, async () => {
    runner.values.push(await session.measure(round));
  });
}

/** Half a measurement is none: the values of one that failed do not count. */
async function attempt(runner: Runner, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    runner.absence = `it failed: ${error instanceof Error ? error.message : String(error)}`;
    runner.values.length = 0;
  }
}
