/** What happened to the store, kept for its report and told once to whoever listens. */
import type { Log } from '../ports.ts';
import type { StoreEvent, StoreListener } from './store.ts';

export interface StoreNews {
  tell(event: StoreEvent): void;
  /** The newest, at most `eventsMax`. */
  readonly events: readonly StoreEvent[];
}

const eventsMax = 1000;

export function createStoreNews(log: Log, listener: StoreListener | undefined): StoreNews {
  const events: StoreEvent[] = [];
  return {
    events,
    tell(event) {
      events.push(event);
      if (events.length > eventsMax) events.shift();
      log.warn({ ...event }, `store: ${event.type}`);
      listener?.(event);
    },
  };
}
