/**
 * What a receiver has promised to keep: how many bytes the other side may still send on a stream, on
 * a connection, and on all connections of this process together (SPEC.md, "Flow control"). A promise
 * is never taken back; a window shrinks only by not renewing what was used up.
 *
 * A stream begins with 256 KiB and doubles to 4 MiB when half a window is used up in less than a round
 * trip; one whose answer has a known size begins with that. A connection promises the sum of its streams'
 * windows as far as its own bound and the pool allow, so that a stream nobody reads cannot block the
 * others while there is room.
 */
import { rpc } from '../limits.ts';

/** What one MESSAGE or DATA frame uses up. */
export function frameCost(bodyBytes: number): number {
  return bodyBytes + rpc.frameCostBytes;
}

/** The bytes that all connections of one process may promise together. */
export class CreditPool {
  readonly #totalBytes: number;
  #freeBytes: number;

  constructor(totalBytes: number = rpc.processCreditBytesMax) {
    this.#totalBytes = totalBytes;
    this.#freeBytes = totalBytes;
  }

  /** Takes up to `bytes` and says how many it got. */
  take(bytes: number): number {
    const taken = Math.max(0, Math.min(bytes, this.#freeBytes));
    this.#freeBytes -= taken;
    return taken;
  }

  /** Takes exactly `bytes`, even where nothing is left: the least that a connection needs to work. */
  takeLeast(bytes: number): void {
    this.#freeBytes -= bytes;
  }

  giveBack(bytes: number): void {
    this.#freeBytes += bytes;
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Whether connections should stop renewing what they do not need. */
  get scarce(): boolean {
    return this.#freeBytes * 4 < this.#totalBytes;
  }
}

/** The receiving side of one connection. */
export class ConnectionWindow {
  readonly #pool: CreditPool;
  /** Promised in all: still to come, waiting here, or used up and not renewed. */
  #windowBytes: number = rpc.streamCreditBytesInitial;
  #leftBytes: number = rpc.streamCreditBytesInitial;
  #owedBytes = 0;
  #wantedBytes = 0;

  constructor(pool: CreditPool) {
    this.#pool = pool;
    pool.takeLeast(this.#windowBytes);
  }

  /** Counts what has arrived; false when it was more than promised. */
  arrive(cost: number): boolean {
    this.#leftBytes -= cost;
    return this.#leftBytes >= 0;
  }

  /** Counts what was taken away and says how much to promise anew now. */
  consume(cost: number): number {
    this.#owedBytes += cost;
    if (this.#pool.scarce) this.#shrink();
    const due = this.#owedBytes >= rpc.streamCreditBytesInitial / 2;
    if (!due || this.#leftBytes * 2 > this.#windowBytes) return 0;
    return this.#promise(this.#owedBytes);
  }

  /** A stream came, went or changed its window; says how much to promise more now. */
  want(changeBytes: number): number {
    this.#wantedBytes += changeBytes;
    const more = this.#target() - this.#windowBytes;
    if (more <= 0) return 0;
    const taken = this.#pool.take(more);
    this.#windowBytes += taken;
    this.#leftBytes += taken;
    return taken;
  }

  /** Whether a stream's window may grow by so much without promising what is not there. */
  covers(bytes: number): boolean {
    const needed = this.#wantedBytes + bytes;
    if (needed > rpc.connectionCreditBytesMax) return false;
    return needed - this.#windowBytes <= this.#pool.freeBytes;
  }

  /** Gives everything back to the pool; the connection is gone. */
  close(): void {
    this.#pool.giveBack(this.#windowBytes);
    this.#windowBytes = 0;
  }

  #target(): number {
    const wanted = Math.min(this.#wantedBytes, rpc.connectionCreditBytesMax);
    return Math.max(wanted, rpc.streamCreditBytesInitial);
  }

  #shrink(): void {
    const excess = Math.min(this.#windowBytes - this.#target(), this.#owedBytes);
    if (excess <= 0) return;
    this.#windowBytes -= excess;
    this.#owedBytes -= excess;
    this.#pool.giveBack(excess);
  }

  #promise(bytes: number): number {
    this.#owedBytes = 0;
    this.#leftBytes += bytes;
    return bytes;
  }
}

/** The receiving side of one stream. */
export class StreamWindow {
  #windowBytes: number = rpc.streamCreditBytesInitial;
  #leftBytes: number = rpc.streamCreditBytesInitial;
  #owedBytes = 0;
  #renewedAtMs: number;

  constructor(nowMs: number) {
    this.#renewedAtMs = nowMs;
  }

  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** Counts what has arrived; false when it was more than promised. */
  arrive(cost: number): boolean {
    this.#leftBytes -= cost;
    return this.#leftBytes >= 0;
  }

  /** Counts what was taken away; true when it is time to `renew`. */
  consume(cost: number): boolean {
    this.#owedBytes += cost;
    return this.#owedBytes * 2 >= this.#windowBytes;
  }

  /**
   * Promises at once what is expected to come in `bytes`, as far as a window may grow, when `grow` (asked
   * for the additional bytes) agrees.
   * @returns how much to promise now
   */
  widen(bytes: number, grow: (bytes: number) => boolean): number {
    const more = Math.min(bytes, rpc.streamCreditBytesMax) - this.#windowBytes;
    if (more <= 0 || !grow(more)) return 0;
    this.#windowBytes += more;
    this.#leftBytes += more;
    return more;
  }

  /**
   * Promises anew what was used up, and doubles the window when that went faster than the round trip
   * allows and `grow` (asked for the additional bytes) agrees.
   * @returns how much to promise now
   */
  renew(nowMs: number, roundTripMs: number, grow: (bytes: number) => boolean): number {
    const usedUp = this.#owedBytes / this.#windowBytes;
    const fast = nowMs - this.#renewedAtMs < 2 * usedUp * roundTripMs;
    this.#renewedAtMs = nowMs;
    let credit = this.#owedBytes;
    const room = rpc.streamCreditBytesMax - this.#windowBytes;
    const more = Math.min(this.#windowBytes, room);
    if (fast && more > 0 && grow(more)) {
      this.#windowBytes += more;
      credit += more;
    }
    this.#owedBytes = 0;
    this.#leftBytes += credit;
    return credit;
  }
}
