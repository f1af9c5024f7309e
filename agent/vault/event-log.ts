/**
 * What happened lately, for people: a bounded memory of events and whoever follows them. A follower
 * that does not keep up loses the oldest and is told how many.
 */
import type { EventRecord } from '../../protocol/control/reports.ts';
import type { Clock } from '../ports.ts';
import { formatTime } from './format-time.ts';

const recentMax = 1000;
const queuedMax = 1000;

export type NewEvent = Omit<EventRecord, 'time'> & {
  readonly type: string;
  readonly message: string;
};

export class EventLog {
  readonly #clock: Clock;
  readonly #recent: EventRecord[] = [];
  readonly #followers = new Set<Follower>();
  readonly #onAdd: (event: EventRecord) => void;

  /** @param onAdd hears of every event, e.g. for the audit */
  constructor(clock: Clock, onAdd: (event: EventRecord) => void = () => undefined) {
    this.#clock = clock;
    this.#onAdd = onAdd;
  }

  add(event: NewEvent): void {
    const record: EventRecord = { ...event, time: formatTime(this.#clock.nowMs()) };
    this.#recent.push(record);
    if (this.#recent.length > recentMax) this.#recent.shift();
    for (const follower of this.#followers) follower.push(record);
    this.#onAdd(record);
  }

  /** The newest `count`, oldest first. */
  recent(count: number): readonly EventRecord[] {
    return count === 0 ? [] : this.#recent.slice(-count);
  }

  /** Everything from now on, until `signal` aborts. */
  async *follow(signal: AbortSignal): AsyncGenerator<EventRecord> {
    const follower = new Follower(this.#clock);
    const wake = (): void => {
      follower.wake();
    };
    this.#followers.add(follower);
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const record = follower.shift();
        if (record === undefined) await follower.next();
        else yield record;
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#followers.delete(follower);
    }
  }
}

class Follower {
  readonly #clock: Clock;
  readonly #queue: EventRecord[] = [];
  #lost = 0;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  push(record: EventRecord): void {
    if (this.#queue.length === queuedMax) {
      this.#queue.shift();
      this.#lost++;
    }
    this.#queue.push(record);
    this.wake();
  }

  shift(): EventRecord | undefined {
    if (this.#lost > 0) {
      const message = `${String(this.#lost)} events were left out, because this client reads too slowly`;
      this.#lost = 0;
      return {
        time: formatTime(this.#clock.nowMs()),
        type: 'events-lost',
        message,
        level: 'warning',
      };
    }
    return this.#queue.shift();
  }

  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
