/**
 * A world from one seed: virtual time, a network, machines, chance and the trace. Nothing real is
 * awaited; between two events of the clock everything that needs no time happens.
 */
import { seededRandom } from '../../helpers/seeded-random.ts';
import { Chance } from './chance.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { SimClock } from './sim-clock.ts';
import { SimNetwork } from './sim-network.ts';
import { Trace } from './trace.ts';

export interface WorldOptions {
  readonly seed: string;
  readonly keepLines?: boolean | undefined;
}

export class World {
  readonly seed: string;
  readonly clock = new SimClock();
  readonly chance: Chance;
  readonly network: SimNetwork;
  readonly trace: Trace;
  readonly machines: Machine[] = [];

  constructor({ seed, keepLines }: WorldOptions) {
    this.seed = seed;
    this.chance = new Chance(seed);
    this.network = new SimNetwork(this.clock, seededRandom(`${seed} network`));
    this.trace = new Trace({ nowMs: () => this.clock.monotonicMs(), keepLines });
  }

  addMachine(name: string, options: MachineOptions = {}): Machine {
    const machine = new Machine(this, name, options);
    this.machines.push(machine);
    return machine;
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(delayMs, resolve);
    });
  }

  /**
   * Lets time pass until `work` is done, and gives its result.
   * @throws what `work` throws; Error when it takes longer than `withinMs`
   */
  async run<T>(what: string, work: Promise<T>, withinMs: number): Promise<T> {
    let result: { value: T } | { error: unknown } | undefined;
    work.then(
      (value) => (result = { value }),
      (error: unknown) => (result = { error }),
    );
    await this.clock.until(() => result !== undefined, withinMs);
    if (result === undefined) throw new Error(`${what} takes longer than ${String(withinMs)} ms`);
    if ('error' in result) throw result.error;
    return result.value;
  }
}
