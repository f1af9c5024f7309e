/**
 * One simulated computer: its disk, its index, its wall clock and what is wrong with them at the
 * moment. It outlives the agents that run on it.
 */
import { CollectedLines } from './collected-lines.ts';
import type { Chance } from './chance.ts';
import { beginLife, type Life } from './life.ts';
import { createSimDisk, type DiskCall, type SimDisk } from './sim-disk.ts';
import { createSimIndexHost, type SimIndexHost } from './sim-index.ts';
import type { World } from './world.ts';

export interface MachineOptions {
  /** Control arm: syncs of these paths say yes and do nothing; directories end with a slash. */
  readonly skipsSync?: ((path: string) => boolean) | undefined;
}

export class Machine {
  readonly world: World;
  readonly name: string;
  readonly disk: SimDisk;
  readonly index: SimIndexHost;
  readonly lines: CollectedLines;
  /** How far its wall clock is from the world's. */
  readonly wall = { skewMs: 0 };
  /** Its disk answers so much slower. */
  slowness = 1;
  readonly skipsSync: (path: string) => boolean;
  readonly #chance: Chance;
  #life: Life | undefined;
  #lives = 0;

  constructor(world: World, name: string, options: MachineOptions = {}) {
    this.world = world;
    this.name = name;
    this.#chance = world.chance.fork(`machine ${name}`);
    this.lines = new CollectedLines(() => world.clock.monotonicMs());
    this.skipsSync = options.skipsSync ?? (() => false);
    const { fraction } = this.#chance;
    this.disk = createSimDisk({ fraction });
    this.index = createSimIndexHost({ fraction });
  }

  /** Starts it; the life before has ended. */
  boot(): Life {
    if (this.#life?.alive === true) throw new Error(`${this.name} is running already`);
    this.#lives += 1;
    this.#life = beginLife(this, this.#lives);
    return this.#life;
  }

  /** Power cut: what was not synced may be gone; the others notice nothing. */
  cutPower(): void {
    this.#life?.end();
    this.disk.crash();
    this.index.crash();
    this.world.network.crash(this.name);
  }

  /** The process dies: the disk keeps what was written, connections break. */
  kill(): void {
    this.#life?.end();
    this.disk.kill();
    this.index.kill();
    this.world.network.breakAll(this.name);
    this.world.network.crash(this.name);
  }

  /** Most operations find their bytes in memory; syncs wait for the medium. */
  diskDelayMs(call: DiskCall): number {
    if (call === 'sync' || call === 'syncDirectory') {
      return this.#chance.skewed(0.2, 12) * this.slowness + this.#chance.fraction();
    }
    if (!this.#chance.happens(0.1 * this.slowness)) return 0;
    return this.#chance.fraction() * 3 * this.slowness;
  }
}
