/**
 * Lets one peer at a time send its backlog: two that send the same journals at once only waste the
 * wire. A turn that shows no progress for a while is passed on, so a hung peer holds nobody up.
 */
import type { Clock, Timer } from '../ports.ts';

const stallMs = 3_000;

export interface Turn {
  /** Something came: the turn is kept. */
  progress(): void;
  /** The backlog is done, or the peer is gone. More than once is fine. */
  leave(): void;
}

export class CatchUpTurns {
  readonly #clock: Clock;
  readonly #waiting: ((turn: Turn) => void)[] = [];
  #holder: symbol | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when it is the caller's turn. */
  enter(): Promise<Turn> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#next();
    });
  }

  #next(): void {
    if (this.#holder !== undefined) return;
    const start = this.#waiting.shift();
    if (start === undefined) return;
    const holder = Symbol('turn');
    this.#holder = holder;
    this.#watch(holder);
    start({
      progress: () => {
        if (this.#holder === holder) this.#watch(holder);
      },
      leave: () => {
        this.#leave(holder);
      },
    });
  }

  #watch(holder: symbol): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(stallMs, () => {
      this.#leave(holder);
    });
  }

  #leave(holder: symbol): void {
    if (this.#holder !== holder) return;
    this.#holder = undefined;
    this.#timer?.cancel();
    this.#next();
  }
}
