/**
 * Things that strangers can cause as often as they like, as few entries: the first of a kind at once, the
 * others counted and told after a pause that doubles while it goes on, so that nobody fills the log. Pure.
 */
import type { Clock, Timer } from '../ports.ts';
import type { NewEntry } from './entry.ts';

const pauseMsMin = 60_000;
const pauseMsMax = 3_600_000;
const subjectsMax = 8;

interface Counted {
  count: number;
  pauseMs: number;
  readonly subjects: Set<string>;
  last: NewEntry;
  timer: Timer;
}

export class Tally {
  readonly #clock: Clock;
  readonly #write: (entry: NewEntry) => void;
  readonly #kinds = new Map<string, Counted>();

  constructor(clock: Clock, write: (entry: NewEntry) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  add(entry: NewEntry): void {
    const known = this.#kinds.get(entry.type);
    if (known === undefined) {
      this.#write(entry);
      this.#begin(entry);
      return;
    }
    known.count += 1;
    known.last = entry;
    if (entry.subject !== undefined && known.subjects.size < subjectsMax) {
      known.subjects.add(entry.subject);
    }
  }

  /** Tells what is still only counted. */
  close(): void {
    for (const counted of this.#kinds.values()) {
      counted.timer.cancel();
      this.#tell(counted);
    }
    this.#kinds.clear();
  }

  #begin(entry: NewEntry): void {
    this.#kinds.set(entry.type, {
      count: 0,
      pauseMs: pauseMsMin,
      subjects: new Set(),
      last: entry,
      timer: this.#after(entry.type, pauseMsMin),
    });
  }

  #after(type: string, pauseMs: number): Timer {
    return this.#clock.after(pauseMs, () => {
      const counted = this.#kinds.get(type);
      if (counted === undefined) return;
      if (counted.count === 0) {
        this.#kinds.delete(type);
        return;
      }
      this.#tell(counted);
      counted.count = 0;
      counted.subjects.clear();
      counted.pauseMs = Math.min(pauseMsMax, counted.pauseMs * 2);
      counted.timer = this.#after(type, counted.pauseMs);
    });
  }

  #tell({ count, last, subjects, pauseMs }: Counted): void {
    if (count === 0) return;
    this.#write({
      ...last,
      subject: undefined,
      message: `${String(count)} more in ${String(pauseMs / 1000)} s; the last: ${last.message}`,
      count,
      subjects: [...subjects],
    });
  }
}
