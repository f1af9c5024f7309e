/**
 * A clock that goes only when a test says so. Fits the Clock of agent/ports.ts and the RpcClock.
 */

export interface VirtualClock {
  nowMs(): number;
  monotonicMs(): number;
  after(delayMs: number, action: () => void): { cancel(): void };
  /** Lets so much time pass; due actions run in order, each followed by all that it sets off. */
  advance(byMs: number): Promise<void>;
  /** Timers that still wait. */
  readonly pending: number;
}

interface Entry {
  readonly atMs: number;
  readonly action: () => void;
}

export function createVirtualClock(startMs = 1_000): VirtualClock {
  let now = startMs;
  const entries = new Set<Entry>();
  return {
    nowMs: () => now,
    monotonicMs: () => now,
    after(delayMs, action) {
      const entry = { atMs: now + Math.max(0, delayMs), action };
      entries.add(entry);
      return { cancel: () => entries.delete(entry) };
    },
    async advance(byMs) {
      const until = now + byMs;
      await quiet();
      for (;;) {
        const due = [...entries].filter((entry) => entry.atMs <= until);
        const next = due.toSorted((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        entries.delete(next);
        now = next.atMs;
        next.action();
        await quiet();
      }
      now = until;
    },
    get pending() {
      return entries.size;
    },
  };
}

/** Resolves when everything that needs no time has happened. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
