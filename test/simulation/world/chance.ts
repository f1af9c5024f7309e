/**
 * Seeded decisions: the one source of chance of a simulated world, forked by name so that parts do
 * not disturb each other.
 */
import { createHash } from 'node:crypto';
import { seededFraction } from '../../helpers/sim-store.ts';

export class Chance {
  readonly #name: string;
  /** 0 <= x < 1. */
  readonly fraction: () => number;

  constructor(name: string) {
    this.#name = name;
    this.fraction = seededFraction(createHash('sha256').update(name).digest().readUInt32LE(0));
  }

  /** An independent source; the same name gives the same one. */
  fork(name: string): Chance {
    return new Chance(`${this.#name}/${name}`);
  }

  /** Whether something with this probability happens. */
  happens(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** `from <= x <= to`, whole. */
  between(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  /** Small values are more likely: evenly spread over the orders of magnitude. */
  skewed(from: number, to: number): number {
    return Math.floor(from * (to / from) ** this.fraction());
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.fraction() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** One of the names, each with its weight. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let left = this.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    return this.pick(entries)[0];
  }
}
