/**
 * The latest stamps that batches carried, so that a clock can go on after them. A stamp far ahead of
 * the present is remembered but not handed out until its time has come near: one device with a wrong
 * clock must not drag the others along (DESIGN.md, section 6).
 */
import type { Stamp } from '../../protocol/messages/op.ts';

/** How far ahead of the own clock a stamp may be adopted. */
export const stampAheadMsMax = 10 * 60 * 1000;
const bucketMs = 60 * 1000;

export class LatestStamps {
  #reached: Stamp = { wallMs: 0, counter: 0 };
  /** Bucket to its latest stamp. */
  readonly #ahead = new Map<number, Stamp>();

  add(stamp: Stamp): void {
    if (compareStampValues(stamp, this.#reached) <= 0) return;
    const bucket = Math.floor(stamp.wallMs / bucketMs);
    const known = this.#ahead.get(bucket);
    if (known === undefined || compareStampValues(stamp, known) > 0) this.#ahead.set(bucket, stamp);
  }

  /** Everything that it remembers, for `add` of another one. */
  *all(): Generator<Stamp> {
    yield this.#reached;
    yield* this.#ahead.values();
  }

  /**
   * The greatest stamp that a clock which shows `nowMs` may adopt. When the clock was set back, what it
   * reached before is ahead again; what was seen below that is forgotten, and does not need to be known:
   * operations name what they follow.
   */
  latest(nowMs: number): Stamp {
    const endMs = nowMs + stampAheadMsMax;
    if (this.#reached.wallMs > endMs) {
      const ahead = this.#reached;
      this.#reached = { wallMs: 0, counter: 0 };
      this.add(ahead);
    }
    for (const [bucket, stamp] of this.#ahead) {
      if (stamp.wallMs > endMs) continue;
      this.#ahead.delete(bucket);
      if (compareStampValues(stamp, this.#reached) > 0) this.#reached = stamp;
    }
    return this.#reached;
  }
}

export function compareStampValues(a: Stamp, b: Stamp): number {
  return a.wallMs - b.wallMs || a.counter - b.counter;
}
