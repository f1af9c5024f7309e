/**
 * What goes wrong in the world while users work: links, machines, disks and clocks, each for a while.
 * Everything is undone by `heal`.
 */
import type { Chance } from '../world/chance.ts';
import type { Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';
import { toVaultError } from '../../../protocol/errors.ts';
import type { Findings } from './findings.ts';

export type Evil =
  | 'partition'
  | 'isolate'
  | 'breakConnections'
  | 'halfOpen'
  | 'slowLink'
  | 'powerCut'
  | 'kill'
  | 'restart'
  | 'ioErrors'
  | 'diskFull'
  | 'slowDisk'
  | 'clockJump'
  | 'loseIndex';

export interface Malice {
  /** Longest pause between two evils. */
  readonly pauseMs: number;
  readonly weights: Readonly<Record<Evil, number>>;
}

export const usualMalice: Malice = {
  pauseMs: 20_000,
  weights: {
    partition: 10,
    isolate: 8,
    breakConnections: 6,
    halfOpen: 6,
    slowLink: 6,
    powerCut: 12,
    kill: 8,
    restart: 4,
    ioErrors: 8,
    diskFull: 6,
    slowDisk: 3,
    clockJump: 5,
    loseIndex: 2,
  },
};

const dayMs = 24 * 3600 * 1000;
/** A machine that does not start on a whole disk within so many attempts never will. */
const startAttemptsMax = 5;

export class Nemesis {
  readonly #cluster: Cluster;
  readonly #chance: Chance;
  readonly #findings: Findings;
  /** Devices that somebody is restarting at the moment. */
  readonly #busy = new Map<Device, Promise<void>>();
  #healed = false;

  constructor(cluster: Cluster, options: { chance: Chance; findings: Findings }) {
    this.#cluster = cluster;
    this.#chance = options.chance;
    this.#findings = options.findings;
  }

  /** Does evil until `untilMs`. */
  async work(untilMs: number, malice: Malice): Promise<void> {
    const { world } = this.#cluster;
    this.#healed = false;
    for (;;) {
      await world.sleep(this.#chance.skewed(50, malice.pauseMs));
      if (world.clock.monotonicMs() >= untilMs) return;
      this.#strike(this.#chance.weighted(malice.weights));
    }
  }

  /** Nothing is wrong any more, and every device runs. */
  async heal(): Promise<void> {
    this.#healed = true;
    const { world, devices } = this.#cluster;
    world.network.heal();
    for (const [a, b] of this.#pairs()) world.network.link(a.name, b.name, {});
    for (const { machine } of devices) {
      machine.disk.fault = undefined;
      machine.disk.quotaBytes = Infinity;
      machine.slowness = 1;
    }
    await Promise.all(this.#busy.values());
    for (const device of devices) if (!device.running) await this.#start(device);
  }

  #strike(evil: Evil): void {
    const { world, devices } = this.#cluster;
    const chance = this.#chance;
    const device = chance.pick(devices);
    const { machine } = device;
    this.#findings.count(`evil ${evil}`);
    world.trace.note('world', `${evil} ${device.name}`);
    switch (evil) {
      case 'partition':
        return this.#partition(chance.pick(this.#pairs()));
      case 'isolate':
        for (const pair of this.#pairs()) if (pair.includes(device)) this.#partition(pair);
        return;
      case 'breakConnections':
        return world.network.breakAll(device.name);
      case 'halfOpen':
        return world.network.halfOpen(device.name, chance.pick(devices).name);
      case 'slowLink':
        return this.#slowLink(chance.pick(this.#pairs()));
      case 'powerCut':
      case 'kill':
        return this.#crash(device, evil === 'kill' ? 'kill' : 'power');
      case 'restart':
        return this.#restart(device);
      case 'ioErrors':
        return this.#ioErrors(device);
      case 'diskFull':
        machine.disk.quotaBytes = machine.disk.usedBytes + chance.skewed(1, 400_000);
        return this.#later(() => (machine.disk.quotaBytes = Infinity));
      case 'slowDisk':
        machine.slowness = chance.between(5, 40);
        return this.#later(() => (machine.slowness = 1));
      case 'clockJump':
        machine.wall.skewMs = Math.floor((2 * chance.fraction() - 1) * dayMs);
        return;
      case 'loseIndex':
        if (this.#busy.has(device) || !device.running) return;
        machine.index.refuseOpen();
        return this.#crash(device, 'kill');
    }
  }

  #pairs(): readonly (readonly [Device, Device])[] {
    const { devices } = this.#cluster;
    return devices.flatMap((a, at) => devices.slice(at + 1).map((b) => [a, b] as const));
  }

  #partition([a, b]: readonly [Device, Device]): void {
    const { network } = this.#cluster.world;
    network.partition(a.name, b.name);
    this.#later(() => {
      network.heal(a.name, b.name);
    });
  }

  #slowLink([a, b]: readonly [Device, Device]): void {
    const { network } = this.#cluster.world;
    const delayMs = this.#chance.skewed(1, 400);
    const bytesPerSecond = this.#chance.skewed(20_000, 20_000_000);
    network.link(a.name, b.name, { delayMs, jitterMs: delayMs, bytesPerSecond });
    this.#later(() => {
      network.link(a.name, b.name, {});
    });
  }

  #ioErrors({ machine }: Device): void {
    const chance = this.#chance.fork(`errors ${String(this.#cluster.world.clock.monotonicMs())}`);
    const probability = chance.skewed(1, 100) / 100;
    const calls = chance.pick([['sync'], ['write'], ['read'], ['sync', 'write', 'read', 'open']]);
    machine.disk.fault = (call) =>
      calls.includes(call) && chance.happens(probability) ? 'io' : undefined;
    this.#later(() => (machine.disk.fault = undefined));
  }

  #crash(device: Device, how: 'power' | 'kill'): void {
    if (!device.running || this.#busy.has(device)) return;
    device.crash(how);
    this.#occupy(device, this.#startAfterAWhile(device));
  }

  #restart(device: Device): void {
    if (!device.running || this.#busy.has(device)) return;
    this.#occupy(
      device,
      device.stop().then(() => this.#startAfterAWhile(device)),
    );
  }

  #occupy(device: Device, work: Promise<void>): void {
    this.#busy.set(
      device,
      work.finally(() => {
        this.#busy.delete(device);
      }),
    );
  }

  async #startAfterAWhile(device: Device): Promise<void> {
    await this.#cluster.world.sleep(this.#chance.skewed(100, 60_000));
    await this.#start(device);
  }

  /** As its supervisor does: again and again; on a disk that works the first attempt succeeds. */
  async #start(device: Device): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const { disk } = device.machine;
      const troubled = (): boolean => disk.fault !== undefined || disk.quotaBytes !== Infinity;
      const before = troubled();
      try {
        await device.start();
        this.#findings.count('started');
        return;
      } catch (error) {
        this.#findings.count('start failed');
        const { message } = toVaultError(error, 'start');
        if (!before && !troubled())
          this.#findings.wrong(`${device.name} does not start: ${message}`);
        if (this.#healed && attempt >= startAttemptsMax) throw error;
        await this.#cluster.world.sleep(2_000);
      }
    }
  }

  /** Undoes it after a while. */
  #later(undo: () => void): void {
    this.#cluster.world.clock.after(this.#chance.skewed(500, 60_000), undo);
  }
}
