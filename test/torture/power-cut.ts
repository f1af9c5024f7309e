/**
 * Power cuts: a home on a file system of its own that is written to without pause and loses its power
 * at random moments, sometimes again during recovery. What was not synced is gone then, the names of
 * new files too. After every cut everything acknowledged has to be there, from this disk alone; then a
 * replica that heard everything joins in, and still nothing may be there that was not before.
 */
import type { Random } from '../../agent/ports.ts';
import {
  checkConverged,
  checkDevice,
  startTimed,
  pause,
  untilRandomMoment,
} from '../helpers/crash-check.ts';
import { startWorkload, type WorkloadOptions } from '../helpers/crash-workload.ts';
import { ExpectedState } from '../helpers/expected-state.ts';
import { freeAddress } from '../helpers/free-address.ts';
import { LoopDisk, type FileSystem } from '../helpers/loop-disk.ts';
import { RealDevice, type DeviceOptions } from '../helpers/real-device.ts';
import { scopedFolder, withScope, type Scope } from '../helpers/scope.ts';
import { seededRandom } from '../helpers/seeded-random.ts';

export interface PowerCutOptions {
  readonly seed: string;
  /** Cuts. One of `rounds` and `minutes` is needed; whichever is reached first ends the run. */
  readonly rounds?: number;
  readonly minutes?: number;
  /** Taken in turn, a new vault each. @default both */
  readonly fileSystems?: readonly FileSystem[];
  /** A home is used for so many cuts, then a new vault begins. @default 10 */
  readonly roundsPerHome?: number;
  /** Whether a second device hears everything. @default true */
  readonly replica?: boolean;
  /** How the device that is cut is started; for arms that have to fail. */
  readonly device?: DeviceOptions;
  readonly workload?: Omit<WorkloadOptions, 'seed'>;
  readonly say?: (line: string) => void;
}

export interface PowerCutReport {
  readonly rounds: number;
  /** Cuts that met a device while it recovered from one. */
  readonly duringRecovery: number;
  readonly acknowledged: number;
  readonly inFlight: number;
  readonly slowestReadyMs: number;
  /** Empty when every promise was kept. */
  readonly problems: readonly string[];
}

const imageBytes = 1024 ** 3;

/** Ends with the first cut after which something is wrong. */
export async function runPowerCuts(options: PowerCutOptions): Promise<PowerCutReport> {
  const run = new PowerCutRun(options);
  while (run.goesOn()) await withScope((scope) => run.useHome(scope));
  return run.report();
}

interface Site {
  readonly disk: LoopDisk;
  readonly device: RealDevice;
  readonly replica: RealDevice | undefined;
  readonly expected: ExpectedState;
}

class PowerCutRun {
  readonly #options: PowerCutOptions;
  readonly #random: Random;
  readonly #endMs: number;
  readonly #problems: string[] = [];
  #homes = 0;
  #rounds = 0;
  #duringRecovery = 0;
  #acknowledged = 0;
  #inFlight = 0;
  #slowestReadyMs = 0;

  constructor(options: PowerCutOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#endMs = performance.now() + (options.minutes ?? Infinity) * 60_000;
  }

  goesOn(): boolean {
    const { rounds = Infinity } = this.#options;
    return this.#problems.length === 0 && this.#rounds < rounds && performance.now() < this.#endMs;
  }

  report(): PowerCutReport {
    return {
      rounds: this.#rounds,
      duringRecovery: this.#duringRecovery,
      acknowledged: this.#acknowledged,
      inFlight: this.#inFlight,
      slowestReadyMs: Math.round(this.#slowestReadyMs),
      problems: [...this.#problems],
    };
  }

  /** A vault on a fresh file system, until it is another one's turn. */
  async useHome(scope: Scope): Promise<void> {
    const { fileSystems = ['ext4', 'xfs'], roundsPerHome = 10 } = this.#options;
    const fileSystem = fileSystems[this.#homes++ % fileSystems.length] ?? 'ext4';
    const site = await this.#build(scope, fileSystem);
    for (let round = 0; round < roundsPerHome && this.goesOn(); round++) {
      this.#rounds += 1;
      const before = this.#problems.length;
      await this.#round(site);
      if (this.#problems.length > before)
        this.#problems.push(`on ${fileSystem}, cut ${String(this.#rounds)}`);
    }
    this.#acknowledged += site.expected.acknowledged;
    this.#options.say?.(
      `${String(this.#rounds)} cuts (${fileSystem}), ${String(this.#acknowledged)} changes acknowledged, slowest start ${String(Math.round(this.#slowestReadyMs))} ms`,
    );
  }

  /** The vault is made in peace: what makes a home durable is tested by the cuts that follow. */
  async #build(scope: Scope, fileSystem: FileSystem): Promise<Site> {
    const folder = await scopedFolder(scope);
    const disk = await LoopDisk.make(scope, folder, { fileSystem, bytes: imageBytes });
    const device = new RealDevice(scope, disk.folder, 'laptop', { listen: await freeAddress() });
    await device.init();
    const expected = new ExpectedState();
    const { replica: wanted = true } = this.#options;
    if (!wanted) {
      device.change(this.#options.device ?? {});
      await device.start();
      return { disk, device, replica: undefined, expected };
    }
    await device.start();
    const replica = new RealDevice(scope, folder, 'nas', { listen: await freeAddress() });
    await replica.join(await device.invite());
    await replica.start();
    return { disk, device, replica, expected };
  }

  async #round(site: Site): Promise<void> {
    const { device, replica, expected } = site;
    const workload = startWorkload(device, expected, {
      ...this.#options.workload,
      seed: `${this.#options.seed}/${String(this.#rounds)}`,
    });
    await untilRandomMoment(expected, () => this.#random.fraction());
    // See `LoopDisk.cutPower`: a sync that is under way at the cut may answer, and must not be believed.
    await device.freeze();
    await site.disk.cutPower();
    workload.stop();
    await device.kill();
    await workload.ended;
    this.#inFlight += expected.inFlight;
    await replica?.stop();
    await this.#powerUp(site);
    this.#problems.push(...(await this.#startAlone(site)));
    if (replica === undefined || this.#problems.length > 0) return;
    await startTimed(replica);
    this.#problems.push(...(await checkConverged([device, replica])));
    for (const each of [device, replica]) {
      const problems = await checkDevice(each, expected);
      this.#problems.push(...problems.map((line) => `with the replica: ${line}`));
    }
  }

  async #powerUp({ disk, device }: Site): Promise<void> {
    await disk.unmount();
    await disk.mount();
    if (this.#random.fraction() >= 0.3) return;
    this.#duringRecovery += 1;
    const start = device.start().catch(() => undefined);
    await pause(100 + this.#random.fraction() * 700);
    await device.freeze();
    await disk.cutPower();
    await device.kill();
    await start;
    await disk.unmount();
    await disk.mount();
  }

  async #startAlone({ device, expected }: Site): Promise<readonly string[]> {
    try {
      this.#slowestReadyMs = Math.max(this.#slowestReadyMs, await startTimed(device));
    } catch (error) {
      return [`it does not start after the cut: ${(error as Error).message}`];
    }
    return checkDevice(device, expected);
  }
}
