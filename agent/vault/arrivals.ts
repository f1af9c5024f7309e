/**
 * Batches of others on their way into the tree. They are durable already, so nothing is lost when the
 * agent ends before they are applied. A few are applied at once; what a device brings that was away for
 * long waits its turn, and everything else the agent does goes on in between.
 */
import type { VerifiedBatch } from '../journal/batch.ts';
import type { Clock } from '../ports.ts';
import { Slices } from './slices.ts';

export class Arrivals {
  readonly #clock: Clock;
  readonly #take: (batches: readonly VerifiedBatch[]) => void;
  #waiting: VerifiedBatch[] = [];
  #working: Promise<void> | undefined;

  /** @param take applies batches; it does not throw */
  constructor(clock: Clock, take: (batches: readonly VerifiedBatch[]) => void) {
    this.#clock = clock;
    this.#take = take;
  }

  /** In the order of their journals. */
  push(batches: readonly VerifiedBatch[]): void {
    for (const batch of batches) this.#waiting.push(batch);
    if (this.#working !== undefined) return;
    const slices = new Slices(this.#clock);
    this.#takeSome(slices);
    if (this.#waiting.length === 0) return;
    this.#working = this.#takeAll(slices).finally(() => {
      this.#working = undefined;
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  async #takeAll(slices: Slices): Promise<void> {
    while (this.#waiting.length > 0) {
      await slices.step();
      this.#takeSome(slices);
    }
  }

  /** One after the other until the slice is over. */
  #takeSome(slices: Slices): void {
    let count = 0;
    while (count < this.#waiting.length && !(count > 0 && slices.isOver)) {
      this.#take(this.#waiting.slice(count, count + 1));
      count += 1;
    }
    this.#waiting = this.#waiting.slice(count);
  }
}
