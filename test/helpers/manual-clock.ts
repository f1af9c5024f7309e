/** A clock that stands still until a test moves it; timers fire in order of their time. */
import type { Clock } from '../../agent/ports.ts';

export interface ManualClock extends Clock {
  /** Moves on, and runs every timer that is due. */
  advance(byMs: number): void;
  /** Timers that wait. */
  readonly waiting: number;
}

export function createManualClock(startMs = 1_000_000): ManualClock {
  let nowMs = startMs;
  const timers = new Set<{ readonly atMs: number; readonly action: () => void }>();
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, action) {
      const timer = { atMs: nowMs + delayMs, action };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance(byMs) {
      const endMs = nowMs + byMs;
      for (;;) {
        const [next] = [...timers]
          .filter((timer) => timer.atMs <= endMs)
          .sort((left, right) => left.atMs - right.atMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.action();
      }
      nowMs = endMs;
    },
    get waiting() {
      return timers.size;
    },
  };
}
