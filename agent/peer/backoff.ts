/**
 * When to try again: twice as long after every failure, between two limits, and never at the same
 * moment as everybody else. Pure.
 */
import { time } from '../../protocol/limits.ts';

export class Backoff {
  #failures = 0;
  readonly #fraction: () => number;

  /** @param fraction 0 <= x < 1 */
  constructor(fraction: () => number) {
    this.#fraction = fraction;
  }

  /** How long to wait after one more failure. */
  next(): number {
    const full = Math.min(time.reconnectMaxMs, time.reconnectMinMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 16);
    return full / 2 + (full / 2) * this.#fraction();
  }

  /** It worked, or there is a new reason to hope. */
  reset(): void {
    this.#failures = 0;
  }

  /** There is a reason not to hurry. */
  exhaust(): void {
    this.#failures = 16;
  }
}
