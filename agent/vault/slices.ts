/** Long work on the event loop in short pieces: whoever does it asks here after each step. */
import { VaultError } from '../../protocol/errors.ts';
import type { Steps } from '../members/steps.ts';
import type { Clock } from '../ports.ts';

/** So long the loop may be held. */
const sliceMs = 1;

export class Slices {
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  #startMs: number;

  constructor(clock: Clock, signal?: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#startMs = clock.monotonicMs();
  }

  /** Whether it is time to let others run. */
  get isOver(): boolean {
    return this.#clock.monotonicMs() - this.#startMs >= sliceMs;
  }

  /**
   * Lets others run when the slice is over.
   * @throws VaultError `cancelled` when nobody waits for the work any more
   */
  async step(): Promise<void> {
    if (this.isOver) await this.rest();
    else this.check();
  }

  /** @throws VaultError `cancelled` */
  check(): void {
    if (this.#signal?.aborted !== true) return;
    throw new VaultError('cancelled', { op: 'vault.slices', subject: 'the work' });
  }

  /** @throws VaultError `cancelled` */
  async rest(): Promise<void> {
    await new Promise<void>((resolve) => void this.#clock.after(0, resolve));
    this.check();
    this.#startMs = this.#clock.monotonicMs();
  }
}

/** Does work that yields where it may be interrupted. @throws VaultError `cancelled`, and what it throws */
export async function inSlices<Result>(work: Steps<Result>, slices: Slices): Promise<Result> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (slices.isOver) await slices.rest();
  }
}
