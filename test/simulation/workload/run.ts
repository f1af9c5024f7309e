/**
 * One simulated history from a seed: devices join, users work while a nemesis spoils things, then all
 * is healed and the checkers look. Several rounds, with bit rot in between.
 */
import { checkExpectedState } from '../checkers/expected-state.ts';
import { waitForConvergence } from '../checkers/convergence.ts';
import { startCluster, type Cluster } from '../world/cluster.ts';
import type { MachineOptions } from '../world/machine.ts';
import { World } from '../world/world.ts';
import { rotOneSegment } from './bit-rot.ts';
import { Findings } from './findings.ts';
import { Ledger } from './ledger.ts';
import { setRule } from './letting-go.ts';
import { Nemesis, usualMalice, type Malice } from './nemesis.ts';
import type { Scene } from './operations.ts';
import { User, usualHabits, type Habits } from './user.ts';

export interface RunOptions {
  readonly seed: string;
  readonly devices?: number;
  readonly rounds?: number;
  /** Virtual time of one round. */
  readonly roundMs?: number;
  readonly habits?: Partial<Habits>;
  readonly malice?: Partial<Malice>;
  /** A rule for the whole vault. */
  readonly retention?: string;
  /** Control arms. */
  readonly machine?: MachineOptions;
  readonly keepLines?: boolean;
}

export interface RunReport {
  readonly seed: string;
  readonly digest: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly violations: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  readonly lines: readonly string[];
  /** The newest log lines of every machine. */
  readonly logs: readonly string[];
}

export async function runSimulation(options: RunOptions): Promise<RunReport> {
  const world = new World({ seed: options.seed, keepLines: options.keepLines });
  const startMs = world.clock.monotonicMs();
  const findings = new Findings(() => world.clock.monotonicMs() - startMs);
  try {
    await play(world, findings, options);
  } catch (error) {
    findings.wrong(
      `the run broke off: ${error instanceof Error ? String(error.stack) : String(error)}`,
    );
  }
  return {
    seed: options.seed,
    digest: world.trace.digest(),
    events: world.trace.events,
    virtualMs: world.clock.monotonicMs() - startMs,
    violations: findings.violations,
    counts: findings.counts,
    lines: world.trace.lines,
    logs: world.machines.flatMap(({ lines }) => lines.text()),
  };
}

async function play(world: World, findings: Findings, options: RunOptions): Promise<void> {
  const chance = world.chance.fork('plan');
  const devices = options.devices ?? chance.between(2, 4);
  const cluster = await startCluster(world, { devices, machine: options.machine ?? {} });
  const [first] = cluster.devices;
  if (options.retention !== undefined && first !== undefined)
    await world.run('the rule', setRule(first, options.retention), 60_000);
  const ledger = new Ledger();
  const scene: Scene = { world, ledger, findings, changes: new Map() };
  const nemesis = new Nemesis(cluster, { chance: world.chance.fork('nemesis'), findings });
  const rounds = options.rounds ?? chance.between(1, 2);
  for (let round = 1; round <= rounds; round += 1) {
    await playRound(cluster, { scene, nemesis, round, options });
    if (findings.violations.length > 0) return;
    const tookMs = await waitForConvergence(cluster, findings);
    if (tookMs === undefined) return;
    await checkExpectedState(cluster, ledger, findings);
    if (findings.violations.length > 0) return;
    if (round < rounds && devices > 1 && chance.happens(0.7))
      rotOneSegment(cluster, { chance, findings });
  }
}

async function playRound(
  cluster: Cluster,
  run: { scene: Scene; nemesis: Nemesis; round: number; options: RunOptions },
): Promise<void> {
  const { world, devices } = cluster;
  const { scene, nemesis, round, options } = run;
  const chance = world.chance.fork(`round ${String(round)}`);
  const untilMs = world.clock.monotonicMs() + (options.roundMs ?? chance.between(30_000, 180_000));
  const habits: Habits = { ...usualHabits, ...options.habits };
  const users = devices.flatMap((device) =>
    Array.from({ length: chance.between(1, 2) }, (_, index) => {
      const name = `user ${device.name} ${String(index)}`;
      return new User(scene, device, { chance: chance.fork(name), habits });
    }),
  );
  const working = Promise.all(users.map((user) => user.work(untilMs)));
  const malice: Malice = { ...usualMalice, ...options.malice };
  const striking = nemesis.work(untilMs, malice);
  await world.clock.advance(untilMs - world.clock.monotonicMs());
  await world.run('the nemesis', striking, 60_000);
  await world.run('healing', nemesis.heal(), 300_000);
  await world.run('the last operations of users', working, 600_000);
}
