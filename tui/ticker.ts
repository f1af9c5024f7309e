/** Moves the clock of the state on when a text on the screen depends on it, and only then. */
import { nextTextMs } from './state/ages.ts';
import type { Store } from './state/store.ts';

export interface TickerParts {
  readonly store: Store;
  nowMs(): number;
  after(delayMs: number, action: () => void): { cancel(): void };
}

/** @returns what ends it */
export function startTicker({ store, nowMs, after }: TickerParts): { stop(): void } {
  let waiting: { readonly dueMs: number; cancel(): void } | undefined;

  function follow(): void {
    const dueMs = nextTextMs(store.state());
    if (dueMs === waiting?.dueMs) return;
    waiting?.cancel();
    waiting = undefined;
    if (dueMs === undefined) return;
    const leftMs = dueMs - nowMs();
    // What has just come may be older than the clock of the state.
    if (leftMs <= 0) tick();
    else waiting = { dueMs, ...after(leftMs, again) };
  }

  function again(): void {
    waiting = undefined;
    tick();
  }

  function tick(): void {
    store.dispatch({ type: 'tick', nowMs: nowMs() });
  }

  const unsubscribe = store.subscribe(follow);
  follow();
  return {
    stop() {
      unsubscribe();
      waiting?.cancel();
    },
  };
}
