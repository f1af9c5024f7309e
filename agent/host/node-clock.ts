/** The Clock port over the clocks of this machine. */
import type { Clock } from '../ports.ts';

/** Real time. Timers do not keep the process alive. */
export function createNodeClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(delayMs, action) {
      const timer = setTimeout(action, Math.max(0, Math.min(delayMs, delayMsMax)));
      timer.unref();
      return {
        cancel: () => {
          clearTimeout(timer);
        },
      };
    },
  };
}

/** setTimeout takes a longer delay for 1 ms; 24 days are as good as never, and are never early. */
const delayMsMax = 2 ** 31 - 1;
