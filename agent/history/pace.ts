/** Lets others run on the event loop when a piece of work has taken its share. */
import type { Clock } from '../ports.ts';

const sliceMs = 1.5;
/** The clock is not asked for every small thing. */
const stepsPerLook = 64;

export class Pace {
  readonly #clock: Clock;
  #startMs: number;
  #steps = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
  }

  /** After each small step: what it gives is to be awaited when it is something. */
  step(): Promise<void> | undefined {
    this.#steps += 1;
    return this.#steps % stepsPerLook === 0 ? this.look() : undefined;
  }

  /** After a larger one. */
  look(): Promise<void> | undefined {
    return this.#clock.monotonicMs() - this.#startMs < sliceMs ? undefined : this.#rest();
  }

  async #rest(): Promise<void> {
    await new Promise<void>((resolve) => void this.#clock.after(0, resolve));
    this.#startMs = this.#clock.monotonicMs();
  }
}
