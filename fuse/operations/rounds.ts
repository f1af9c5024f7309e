/**
 * When changes set out for the vault: those of a moment together, since hundreds of files that share a
 * slab, a batch, a signature and a sync cost little more than one. While much is going on rounds are
 * further apart, so that publishing does not hold up who makes the changes; what is taken back before its
 * round never reaches the vault.
 */
import type { ScratchClock } from './port.ts';

const pauseMinMs = 20;
/** Others are to see a change within a second. */
const pauseMaxMs = 400;
/** Pauses are so many times as long as the round before them took. */
const pauseFactor = 3;

export class Rounds {
  readonly #clock: ScratchClock;
  #next: PromiseWithResolvers<void> | undefined;
  #timer: { cancel(): void } | undefined;
  #pauseMs = pauseMinMs;
  #hurrying = 0;
  #isHeld = false;

  constructor(clock: ScratchClock) {
    this.#clock = clock;
  }

  /** Resolves when the next round begins. */
  next(): Promise<void> {
    if (this.#hurrying > 0 && !this.#isHeld) return Promise.resolve();
    if (!this.#isHeld) {
      this.#timer ??= this.#clock.after(this.#pauseMs, () => {
        this.#begin();
      });
    }
    this.#next ??= Promise.withResolvers<undefined>() as PromiseWithResolvers<void>;
    return this.#next.promise;
  }

  /** Runs `work`, during which nothing waits for a round. */
  async hurry<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#hurrying += 1;
    this.#begin();
    try {
      return await work();
    } finally {
      this.#hurrying -= 1;
    }
  }

  /** Runs `work`, during which no round begins, whoever waits. */
  async hold(work: () => Promise<void>): Promise<void> {
    this.#isHeld = true;
    try {
      await work();
    } finally {
      this.#isHeld = false;
      this.#begin();
    }
  }

  /** What began at `startMs` of the monotonic clock is over. */
  took(startMs: number): void {
    const tookMs = this.#clock.monotonicMs() - startMs;
    this.#pauseMs = Math.min(pauseMaxMs, Math.max(pauseMinMs, tookMs * pauseFactor));
  }

  #begin(): void {
    if (this.#isHeld) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#next?.resolve();
    this.#next = undefined;
  }
}
