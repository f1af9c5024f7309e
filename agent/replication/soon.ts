/** Things to do in a moment, each once, however often they are asked for meanwhile. */
import type { Clock, Timer } from '../ports.ts';

export class Soon {
  readonly #clock: Clock;
  readonly #timers = new Map<string, Timer>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `action` within `delayMs`, unless one of this name waits already. */
  run(name: string, delayMs: number, action: () => void): void {
    if (this.#timers.has(name) || this.#closed) return;
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(name);
      action();
    });
    this.#timers.set(name, timer);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) timer.cancel();
  }
}
