/** Somebody who works on one device: thinks, does something, thinks again. */
import { isVaultError, toVaultError } from '../../../protocol/errors.ts';
import { chunk, KiB, MiB } from '../../../protocol/limits.ts';
import type { Chance } from '../world/chance.ts';
import type { Device } from '../world/device.ts';
import { listAll } from './calls.ts';
import { Desk } from './desk.ts';
import * as operations from './operations.ts';
import * as letting from './letting-go.ts';
import type { Scene } from './operations.ts';

export interface Habits {
  /** Longest pause between two operations. */
  readonly thinkMs: number;
  /** How likely a path is one that everybody uses. */
  readonly sharing: number;
  readonly weights: Readonly<Record<Deed, number>>;
  readonly largeBytesMax: number;
}

export type Deed =
  'put' | 'putMany' | 'mkdir' | 'mv' | 'rm' | 'get' | 'forget' | 'gc' | 'giveUp' | 'fold';

export const usualHabits: Habits = {
  thinkMs: 30_000,
  sharing: 0.4,
  weights: {
    ...{ put: 45, putMany: 5, mkdir: 4, mv: 10, rm: 7, get: 26 },
    ...{ forget: 0, gc: 0, giveUp: 0, fold: 0 },
  },
  largeBytesMax: 3 * MiB,
};

/** An operation that takes longer than this is stuck: nothing in the agent waits so long. */
const stuckMs = 300_000;

export class User {
  readonly desk: Desk;
  readonly #scene: Scene;
  readonly #chance: Chance;
  readonly #habits: Habits;

  constructor(scene: Scene, device: Device, options: { chance: Chance; habits: Habits }) {
    this.desk = new Desk(device);
    this.#scene = scene;
    this.#chance = options.chance;
    this.#habits = options.habits;
  }

  /** Works until `untilMs`. */
  async work(untilMs: number): Promise<void> {
    const { world } = this.#scene;
    for (;;) {
      await world.sleep(this.#chance.skewed(20, this.#habits.thinkMs));
      if (world.clock.monotonicMs() >= untilMs) break;
      await this.#doSomething();
    }
    this.desk.leave();
  }

  async #doSomething(): Promise<void> {
    const { findings, world } = this.#scene;
    const deed = this.#chance.weighted(this.#habits.weights);
    const { name } = this.desk.device;
    let done = false;
    const watch = world.clock.after(stuckMs, () => {
      if (!done) findings.wrong(`${name}: ${deed} does not end`);
    });
    try {
      await this.#do(deed);
    } catch (error) {
      const code = isVaultError(error) ? error.code : 'no VaultError';
      findings.count(`failed ${deed}: ${code}`);
      if (!operations.isExpected(error)) {
        const { message, detail, cause } = toVaultError(error, 'sim');
        const why = error instanceof Error && !isVaultError(error) ? error.stack : '';
        findings.wrong(
          `${name}: ${deed}: ${message} ${detail ?? ''} ${String(cause ?? '')} ${why ?? ''}`,
        );
      }
      if (code === 'no-agent' || code === 'closed') this.desk.leave();
    } finally {
      done = true;
      watch.cancel();
    }
  }

  async #do(deed: Deed): Promise<void> {
    const scene = this.#scene;
    const { desk } = this;
    if (!desk.device.mayWrite && deed !== 'get') return this.#tryToWrite();
    switch (deed) {
      case 'put':
        return operations.put(scene, desk, {
          path: this.#path(),
          size: this.#size(),
          pieceBytes: this.#pieceBytes(),
        });
      case 'putMany':
        return operations.putMany(scene, desk, this.#manyFiles());
      case 'mkdir':
        return operations.makeDirectory(scene, desk, this.#directory());
      case 'mv': {
        const source = await this.#something();
        const destination = this.#chance.happens(0.8) ? this.#path() : this.#directory();
        if (source === undefined) return;
        return operations.move(scene, desk, { source, destination });
      }
      case 'rm': {
        const path = await this.#something();
        if (path === undefined) return;
        return operations.remove(scene, desk, path);
      }
      case 'get':
        return operations.read(scene, desk, this.#chance);
      case 'forget':
        return letting.forget(scene, desk);
      case 'gc':
        return letting.collect(scene, desk);
      case 'giveUp':
        return letting.giveUp(scene, desk, { path: this.#path(), size: this.#size() });
      case 'fold':
        return letting.fold(scene, desk);
    }
  }

  /** On a device that may only read: it is refused, and nothing comes of it. */
  async #tryToWrite(): Promise<void> {
    const { findings } = this.#scene;
    const path = Buffer.from('written by a reader', 'latin1');
    try {
      await this.desk.client().makeDirectory({ path, parents: true, mode: 0o755 });
      findings.wrong(`${this.desk.device.name} may only read, and wrote`);
    } catch (error) {
      if (!isVaultError(error, 'read-only')) throw error;
      findings.count('write of a reader refused');
    }
  }

  /** A file or, rarely, a directory that is listed here. */
  async #something(): Promise<string | undefined> {
    const entries = await listAll(this.desk.client());
    const files = entries.filter(({ kind }) => kind === 'file');
    const directories = entries.filter(({ kind }) => kind === 'directory');
    const from = this.#chance.happens(0.12) ? directories : files;
    return from.length === 0 ? undefined : this.#chance.pick(from).path.toString('latin1');
  }

  #directory(): string {
    const top = this.#chance.happens(this.#habits.sharing) ? 'shared' : this.desk.device.name;
    return this.#chance.happens(0.3) ? `${top}/${this.#chance.pick(['deep', 'low'])}` : top;
  }

  #path(): string {
    return `${this.#directory()}/${this.#name()}`;
  }

  #name(): string {
    return `f${String(this.#chance.between(0, 9))}${this.#chance.pick(['', '.txt'])}`;
  }

  #manyFiles(): { files: { path: string; size: number }[]; pieceBytes: number } {
    const directory = this.#directory();
    const count = this.#chance.skewed(2, 24);
    const files = Array.from({ length: count }, (_, index) => {
      const size = this.#chance.skewed(32, 8 * KiB);
      return { path: `${directory}/m${String(index)}`, size };
    });
    return { files, pieceBytes: this.#pieceBytes() };
  }

  #size(): number {
    const chance = this.#chance;
    const small = chunk.smallContentBytesMax;
    switch (
      chance.weighted({ empty: 3, small: 40, border: 12, chunk: 30, several: 12, large: 3 })
    ) {
      case 'empty':
        return chance.pick([0, 1, 31]);
      case 'small':
        return chance.skewed(32, small);
      case 'border':
        return chance.pick([small - 1, small, small + 1, 64 * KiB, 64 * KiB + 1, MiB, MiB + 1]);
      case 'chunk':
        return chance.skewed(small, 100 * KiB);
      case 'several':
        return chance.skewed(100 * KiB, 800 * KiB);
      case 'large':
        return chance.skewed(800 * KiB, this.#habits.largeBytesMax);
    }
  }

  #pieceBytes(): number {
    return this.#chance.pick([4 * KiB, 60 * KiB, 256 * KiB]);
  }
}
