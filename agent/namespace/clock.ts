/**
 * The hybrid logical clock that operations are stamped with (Kulkarni and others, 2014): the wall
 * clock, unless something seen is later. What is more than ten minutes ahead is not followed: the tree
 * hands it out only when its time has come near, and a clock that was years ahead and was set right does
 * not go on from there.
 */
import type { Stamp } from '../../protocol/messages/op.ts';
import { compareStampValues, stampAheadMsMax } from './stamps.ts';
import type { Tree } from './tree.types.ts';

export interface HybridClock {
  /** A stamp later than everything seen, with room for `count` operations: the i-th has counter + i. */
  next(count: number): Stamp;
}

/** Beyond this many operations in one millisecond the clock goes on in the next. */
const counterMax = 0xffff;

/** Goes on after what the tree has seen, so that it survives a restart and a clock that was set back. */
export function createHybridClock(
  wall: { nowMs(): number },
  tree: Pick<Tree, 'latestStamp'>,
): HybridClock {
  const none: Stamp = { wallMs: 0, counter: -1 };
  let last = none;
  return {
    next(count) {
      const nowMs = Math.max(0, Math.floor(wall.nowMs()));
      if (last.wallMs > nowMs + stampAheadMsMax) last = none;
      const seen = tree.latestStamp(nowMs);
      if (compareStampValues(seen, last) > 0) last = seen;
      const stamp = last.wallMs < nowMs ? { wallMs: nowMs, counter: 0 } : after(last, count);
      last = { wallMs: stamp.wallMs, counter: stamp.counter + Math.max(1, count) - 1 };
      return stamp;
    },
  };
}

function after({ wallMs, counter }: Stamp, count: number): Stamp {
  const next = counter + 1;
  return next + count - 1 > counterMax
    ? { wallMs: wallMs + 1, counter: 0 }
    : { wallMs, counter: next };
}
