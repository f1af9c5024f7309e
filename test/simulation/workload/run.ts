/**
 * One simulated history from a seed: devices join, users work while a nemesis spoils things, then all
 * is healed and the checkers look. Several rounds, with bit rot in between.
 */
import type { Role } from '../../../agent/members/membership.ts';
import { checkBlindCopy } from '../checkers/blind-copy.ts';
import { checkCheckpoints } from '../checkers/checkpoints.ts';
import { waitForConvergence } from '../checkers/convergence.ts';
import { checkExpectedState } from '../checkers/expected-state.ts';
import { checkMembers } from '../checkers/members.ts';
import { checkStoredChunks } from '../checkers/stored-chunks.ts';
import type { Chance } from '../world/chance.ts';
import { startCluster, type Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';
import type { MachineOptions } from '../world/machine.ts';
import { World } from '../world/world.ts';
import { rotOneSegment } from './bit-rot.ts';
import { Findings } from './findings.ts';
import { Ledger } from './ledger.ts';
import { setRule } from './letting-go.ts';
import { Liar, type LiarOptions, type Lie } from './liar.ts';
import { comeIn } from './newcomer.ts';
import { Nemesis, usualMalice, type Malice } from './nemesis.ts';
import type { Scene } from './operations.ts';
import { User, usualHabits, type Habits } from './user.ts';

export interface RunOptions {
  readonly seed: string;
  readonly devices?: number;
  /** Of the devices after the first. @default admins all when `devices` is given, else as chance has it */
  readonly roles?: readonly Role[];
  /** Members that mean harm. @default 0 when `devices` is given */
  readonly liars?: number;
  /** What they joined as. @default 'reader' */
  readonly liarRole?: Role;
  /** What they do. @default everything that they can think of */
  readonly lies?: readonly Lie[];
  /** Devices that join while users work, and crash in the middle of it. @default 0 when `devices` is given */
  readonly newcomers?: number;
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

interface Cast {
  readonly devices: number;
  readonly roles: readonly Role[];
  readonly liars: number;
  readonly newcomers: number;
}

/** Who takes part: what the options say, and what they leave open as chance has it. */
function castOf(options: RunOptions, chance: Chance): Cast {
  const isFree = options.devices === undefined;
  const devices = options.devices ?? chance.between(2, 4);
  const any = (): Role => chance.weighted({ admin: 4, writer: 4, reader: 2, blind: 3 });
  const roles = options.roles ?? (isFree ? Array.from({ length: devices - 1 }, any) : []);
  const liars = options.liars ?? (isFree && chance.happens(0.4) ? 1 : 0);
  const newcomers = options.newcomers ?? (isFree && chance.happens(0.4) ? chance.between(1, 2) : 0);
  return { devices, roles, liars, newcomers };
}

async function play(world: World, findings: Findings, options: RunOptions): Promise<void> {
  const chance = world.chance.fork('plan');
  const cast = castOf(options, world.chance.fork('cast'));
  const cluster = await startCluster(world, { ...cast, machine: options.machine ?? {} });
  const [first] = cluster.devices;
  if (options.retention !== undefined && first !== undefined)
    await world.run('the rule', setRule(first, options.retention), 60_000);
  const { liarRole: role = 'reader', lies } = options;
  const liars = await liarsIn(cluster, { cast, findings, role, lies });
  const ledger = new Ledger();
  const scene: Scene = { world, ledger, findings, changes: new Map() };
  const nemesis = new Nemesis(cluster, { chance: world.chance.fork('nemesis'), findings });
  const rounds = options.rounds ?? chance.between(1, 2);
  const rotten = new Set<Device>();
  for (let round = 1; round <= rounds; round += 1) {
    const newcomers = round === 1 ? cast.newcomers : 0;
    await playRound(cluster, { scene, nemesis, round, options, liars, newcomers });
    if (findings.violations.length > 0) return;
    const tookMs = await waitForConvergence(cluster, findings);
    if (tookMs === undefined) return;
    await checkExpectedState(cluster, ledger, findings);
    await checkMembers(cluster, liars, findings);
    await checkCheckpoints(cluster, findings);
    if (rotten.size === 0) await checkStoredChunks(cluster, findings);
    if (findings.violations.length > 0) return;
    if (round < rounds && cluster.devices.length > 1 && chance.happens(0.7)) {
      rotten.add(rotOneSegment(cluster, { chance, findings }));
    }
  }
  for (const liar of liars) await world.run('the end of a liar', liar.close(), 60_000);
  // The only copy of what the reader loses has to be a good one.
  const blind = cluster.devices.find((device) => !device.mayRead && !rotten.has(device));
  const [reader] = cluster.devices;
  if (blind === undefined || reader === undefined) return;
  await checkBlindCopy(cluster, { blind, reader }, { ledger, findings });
}

async function liarsIn(
  cluster: Cluster,
  { cast, ...how }: { cast: Cast } & Pick<LiarOptions, 'findings' | 'role' | 'lies'>,
): Promise<readonly Liar[]> {
  const { world } = cluster;
  const liars: Liar[] = [];
  for (let index = 0; index < cast.liars; index += 1) {
    const name = `liar-${String(index)}`;
    const options = { ...how, name, chance: world.chance.fork(name) };
    liars.push(await world.run('a liar joins', Liar.join(cluster, options), 120_000));
  }
  return liars;
}

interface Round {
  readonly scene: Scene;
  readonly nemesis: Nemesis;
  readonly round: number;
  readonly options: RunOptions;
  readonly liars: readonly Liar[];
  readonly newcomers: number;
}

async function playRound(cluster: Cluster, run: Round): Promise<void> {
  const { world } = cluster;
  const { scene, nemesis, round, options, liars } = run;
  const chance = world.chance.fork(`round ${String(round)}`);
  const untilMs = world.clock.monotonicMs() + (options.roundMs ?? chance.between(30_000, 180_000));
  const habits: Habits = { ...usualHabits, ...options.habits };
  const devices = cluster.devices.filter(({ mayRead }) => mayRead);
  const users = devices.flatMap((device) =>
    Array.from({ length: chance.between(1, 2) }, (_, index) => {
      const name = `user ${device.name} ${String(index)}`;
      return new User(scene, device, { chance: chance.fork(name), habits });
    }),
  );
  const working = Promise.all(users.map((user) => user.work(untilMs)));
  const malice: Malice = { ...usualMalice, ...options.malice };
  const striking = nemesis.work(untilMs, malice);
  const lying = Promise.all(liars.map((liar) => liar.work(untilMs)));
  const coming = Promise.all(
    Array.from({ length: run.newcomers }, (_, index) => admit(cluster, index, scene)),
  );
  await world.clock.advance(untilMs - world.clock.monotonicMs());
  await world.run('the nemesis', striking, 60_000);
  await world.run('healing', nemesis.heal(), 300_000);
  await world.run('the last operations of users', working, 600_000);
  await world.run('the last lies', lying, 60_000);
  cluster.devices.push(...(await world.run('newcomers', coming, 600_000)));
}

async function admit(cluster: Cluster, index: number, { findings }: Scene): Promise<Device> {
  const { world } = cluster;
  const name = `newcomer-${String(index)}`;
  const chance = world.chance.fork(name);
  await world.sleep(chance.skewed(100, 30_000));
  const role = chance.pick(['writer', 'reader', 'blind'] as const);
  return comeIn(cluster, { name, role, chance, findings });
}
