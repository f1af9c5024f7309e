/**
 * Processes that die: one device is written to without pause and killed at random moments, sometimes
 * again while it recovers, and started on the same home; a second one replicates and is killed now
 * and then. After every death everything acknowledged has to be there, and nothing else.
 */
import type { Random } from '../../agent/ports.ts';
import {
  checkConverged,
  checkDevice,
  startTimed,
  untilAnswering,
  pause,
  untilRandomMoment,
} from '../helpers/crash-check.ts';
import { startWorkload } from '../helpers/crash-workload.ts';
import { ExpectedState } from '../helpers/expected-state.ts';
import { freeAddress } from '../helpers/free-address.ts';
import { RealDevice } from '../helpers/real-device.ts';
import { scopedFolder, withScope, type Scope } from '../helpers/scope.ts';
import { seededRandom } from '../helpers/seeded-random.ts';

export interface CrashOptions {
  readonly seed: string;
  /** Kills. One of `rounds` and `minutes` is needed; whichever is reached first ends the run. */
  readonly rounds?: number;
  readonly minutes?: number;
  /** A home is used for so many kills, then a new vault begins. @default 100 */
  readonly roundsPerHome?: number;
  /** A line for people now and then. */
  readonly say?: (line: string) => void;
}

/** What dies. */
type Death = 'all' | 'agent' | 'supervisor';

export interface CrashReport {
  readonly rounds: number;
  readonly kills: Readonly<Record<Death | 'during recovery' | 'replica', number>>;
  readonly acknowledged: number;
  /** Changes that a death met in flight. */
  readonly inFlight: number;
  readonly slowestReadyMs: number;
  /**
   * From the SIGKILL of an agent that was being written to until the next one answers, its supervisor's
   * pause included; undefined when none died so.
   */
  readonly backMs: { readonly median: number; readonly slowest: number } | undefined;
  /** Empty when every promise was kept. */
  readonly problems: readonly string[];
}

/** The supervisor takes three short-lived agents in a row for a crash loop. */
const agentDeathsMax = 2;

export async function runCrash(options: CrashOptions): Promise<CrashReport> {
  const run = new CrashRun(options);
  while (run.goesOn()) await withScope((scope) => run.useHome(scope));
  return run.report();
}

class CrashRun {
  readonly #options: CrashOptions;
  readonly #random: Random;
  readonly #endMs: number;
  readonly #problems: string[] = [];
  readonly #kills = { all: 0, agent: 0, supervisor: 0, 'during recovery': 0, replica: 0 };
  #rounds = 0;
  #acknowledged = 0;
  #inFlight = 0;
  #slowestReadyMs = 0;
  readonly #backMs: number[] = [];
  /** Of the running supervisor. */
  #agentDeaths = 0;

  constructor(options: CrashOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#endMs = performance.now() + (options.minutes ?? Infinity) * 60_000;
  }

  goesOn(): boolean {
    const { rounds = Infinity } = this.#options;
    return this.#problems.length === 0 && this.#rounds < rounds && performance.now() < this.#endMs;
  }

  report(): CrashReport {
    return {
      rounds: this.#rounds,
      kills: { ...this.#kills },
      acknowledged: this.#acknowledged,
      inFlight: this.#inFlight,
      slowestReadyMs: Math.round(this.#slowestReadyMs),
      backMs: spreadOf(this.#backMs),
      problems: [...this.#problems],
    };
  }

  /** A vault on two devices, killed until it is another one's turn. */
  async useHome(scope: Scope): Promise<void> {
    const folder = await scopedFolder(scope);
    const laptop = new RealDevice(scope, folder, 'laptop', { listen: await freeAddress() });
    const nas = new RealDevice(scope, folder, 'nas', { listen: await freeAddress() });
    await laptop.init();
    await laptop.start();
    this.#agentDeaths = 0;
    await nas.join(await laptop.invite());
    await nas.start();
    const expected = new ExpectedState();
    const { roundsPerHome = 100 } = this.#options;
    for (let round = 0; round < roundsPerHome && this.goesOn(); round++) {
      await this.#round({ laptop, nas, expected });
    }
    this.#acknowledged += expected.acknowledged;
    await this.#checkReplica({ laptop, nas, expected });
  }

  async #round({ laptop, nas, expected }: Fleet): Promise<void> {
    this.#rounds += 1;
    const workload = startWorkload(laptop, expected, {
      seed: `${this.#options.seed}/${String(this.#rounds)}`,
    });
    await untilRandomMoment(expected, () => this.#random.fraction());
    if (this.#throws(0.2)) await this.#killReplica(nas);
    const death = this.#drawDeath();
    this.#kills[death] += 1;
    await this.#die(laptop, death);
    workload.stop();
    await workload.ended;
    this.#inFlight += expected.inFlight;
    this.#problems.push(...(await checkDevice(laptop, expected)));
    if (this.#rounds % 10 === 0) {
      const { slowestReadyMs } = this.report();
      this.#options.say?.(
        `${String(this.#rounds)} kills, ${String(this.#acknowledged + expected.acknowledged)} changes acknowledged, slowest start ${String(slowestReadyMs)} ms`,
      );
    }
  }

  #drawDeath(): Death {
    const throwValue = this.#random.fraction();
    if (throwValue < 0.35 && this.#agentDeaths < agentDeathsMax) return 'agent';
    return throwValue < 0.5 ? 'supervisor' : 'all';
  }

  async #die(device: RealDevice, death: Death): Promise<void> {
    if (death === 'agent') {
      this.#agentDeaths += 1;
      const diedMs = performance.now();
      await device.killAgent();
      await untilAnswering(device);
      const backMs = performance.now() - diedMs;
      this.#backMs.push(backMs);
      this.#noteReady(backMs);
      return;
    }
    this.#agentDeaths = 0;
    if (death === 'supervisor') await device.killSupervisor();
    else await device.kill();
    if (this.#throws(0.3)) await this.#killDuringStart(device);
    this.#noteReady(await startTimed(device));
  }

  /** Recovery dies too. */
  async #killDuringStart(device: RealDevice): Promise<void> {
    this.#kills['during recovery'] += 1;
    const start = device.start().catch(() => undefined);
    await pause(100 + this.#random.fraction() * 700);
    await device.kill();
    await start;
  }

  async #killReplica(nas: RealDevice): Promise<void> {
    this.#kills.replica += 1;
    await nas.kill();
    this.#noteReady(await startTimed(nas));
  }

  async #checkReplica({ laptop, nas, expected }: Fleet): Promise<void> {
    this.#problems.push(...(await checkConverged([laptop, nas])));
    this.#problems.push(...(await checkDevice(nas, expected)));
    await laptop.stop();
    this.#problems.push(...(await checkDevice(nas, expected)));
  }

  #noteReady(milliseconds: number): void {
    this.#slowestReadyMs = Math.max(this.#slowestReadyMs, milliseconds);
  }

  #throws(probability: number): boolean {
    return this.#random.fraction() < probability;
  }
}

interface Fleet {
  readonly laptop: RealDevice;
  readonly nas: RealDevice;
  readonly expected: ExpectedState;
}

function spreadOf(milliseconds: readonly number[]): CrashReport['backMs'] {
  const sorted = milliseconds.map(Math.round).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  const slowest = sorted.at(-1);
  return median === undefined || slowest === undefined ? undefined : { median, slowest };
}
