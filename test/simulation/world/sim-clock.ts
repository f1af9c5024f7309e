/**
 * Virtual time: it goes only when a test says so, and then from one due action to the next. Between
 * two actions everything that needs no time happens. The same actions in the same order, always.
 */
import type { Clock, Timer } from '../../../agent/ports.ts';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  action: (() => void) | undefined;
}

export class SimClock implements Clock {
  #nowMs: number;
  #order = 0;
  /** A binary heap by (atMs, order). */
  readonly #heap: Entry[] = [];

  constructor(startMs = 1_795_000_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const entry: Entry = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, action };
    this.#order += 1;
    this.#push(entry);
    return {
      cancel: () => {
        entry.action = undefined;
      },
    };
  }

  /** Lets so much time pass. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    await settle();
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#pop();
      if (next.action === undefined) continue;
      this.#nowMs = next.atMs;
      next.action();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  /** Lets time pass until `condition` holds; false when it does not within `withinMs`. */
  async until(condition: () => boolean, withinMs: number): Promise<boolean> {
    const untilMs = this.#nowMs + withinMs;
    while (!condition()) {
      if (this.#nowMs >= untilMs) return false;
      await this.advance(Math.min(50, untilMs - this.#nowMs));
    }
    return true;
  }

  #push(entry: Entry): void {
    this.#heap.push(entry);
    let at = this.#heap.length - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (before(this.#heap[up]!, this.#heap[at]!)) break;
      [this.#heap[up], this.#heap[at]] = [this.#heap[at]!, this.#heap[up]!];
      at = up;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < this.#heap.length && before(this.#heap[left]!, this.#heap[least]!)) least = left;
      if (right < this.#heap.length && before(this.#heap[right]!, this.#heap[least]!))
        least = right;
      if (least === at) return;
      [this.#heap[least], this.#heap[at]] = [this.#heap[at]!, this.#heap[least]!];
      at = least;
    }
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Everything that needs no time has happened: promises run before the next immediate. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
