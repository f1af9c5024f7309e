/**
 * Something to look at again and again: whenever there is news, once more when news came meanwhile, and
 * after a while when it could not be ended.
 */
import { toVaultError } from '../../../protocol/errors.ts';
import type { Clock, Log, Timer } from '../../ports.ts';

export interface RetriedParts {
  readonly clock: Clock;
  readonly log: Log;
  /** @returns whether nothing is left to do before there is news */
  readonly work: () => Promise<boolean>;
  /** For the log, when it failed. */
  readonly failure: string;
}

const retryMs = 60_000;

export class Retried {
  readonly #parts: RetriedParts;
  #running: Promise<void> | undefined;
  #again = false;
  #timer: Timer | undefined;
  #closed = false;

  constructor(parts: RetriedParts) {
    this.#parts = parts;
  }

  /** There may be something to do. */
  look(): void {
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // News that came after the last turn, and before this.
      if (this.#again) this.look();
    });
  }

  /** Resolves when nothing is being done. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.idle();
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        if (!(await this.#parts.work())) this.#later();
      } catch (error) {
        const { code, message } = toVaultError(error, 'vault.look');
        this.#parts.log.warn({ code, message }, this.#parts.failure);
        this.#later();
      }
    }
  }

  #later(): void {
    if (this.#closed) return;
    this.#timer = this.#parts.clock.after(retryMs, () => {
      this.look();
    });
  }
}
