/**
 * How many bytes may be read ahead of whoever does not take them: one budget for all clients and peers
 * of this process. Each client or peer has a share, each of its calls an account.
 *
 * - What a call needs to go on (its next piece) it gets as long as anything is free. When nothing is,
 *   a share of which no call holds anything still gets one piece: so whoever stalls holds up only
 *   itself. Everybody else waits until something is given back.
 * - What goes beyond that a call gets only up to a part of what is still free. So a few calls read far
 *   ahead, many calls a little, and there is always room left for the next one.
 *
 * A share may have a bound of its own: then its calls wait for each other.
 *
 * Nobody waits while holding something, so nobody waits for ever because of somebody else. Pure.
 */
import assert from 'node:assert/strict';
import { VaultError } from '../../protocol/errors.ts';
import { readAhead as limits } from '../../protocol/limits.ts';

interface Waiter {
  readonly share: ReadShare;
  readonly bytes: number;
  readonly granted: () => void;
}

export class ReadBudget {
  readonly #totalBytes: number;
  #freeBytes: number;
  readonly #waiting = new Set<Waiter>();

  constructor(totalBytes: number = limits.processBytesMax) {
    this.#totalBytes = totalBytes;
    this.#freeBytes = totalBytes;
  }

  /**
   * Of one client or peer. It needs no closing: it holds what its accounts hold.
   * @param bytesMax of all its calls together, beside the one piece that it may always have
   */
  share(bytesMax: number = this.#totalBytes): ReadShare {
    return new ReadShare(this, bytesMax);
  }

  /** Below 0 by what was given to shares that held nothing when nothing was free. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Calls should read small pieces. */
  get scarce(): boolean {
    return this.#freeBytes * 2 < this.#totalBytes;
  }

  /** @internal */
  take(bytes: number): void {
    this.#freeBytes -= bytes;
  }

  /** @internal */
  giveBack(bytes: number): void {
    this.#freeBytes += bytes;
    for (const waiter of this.#waiting) {
      if (!this.#mayBegin(waiter.share, waiter.bytes)) continue;
      this.#waiting.delete(waiter);
      waiter.granted();
    }
  }

  /** @internal Takes one piece, now or in its turn; whoever came first is looked at first. */
  async begin(account: ReadAccount, bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const { share } = account;
    if (this.#mayBegin(share, bytes)) {
      account.hold(bytes);
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiter: Waiter = {
      share,
      bytes,
      granted() {
        account.hold(bytes);
        resolve(undefined);
      },
    };
    const onAbort = (): void => {
      if (this.#waiting.delete(waiter)) reject(cancelled(signal));
    };
    if (signal?.aborted === true) throw cancelled(signal);
    this.#waiting.add(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #mayBegin(share: ReadShare, bytes: number): boolean {
    if (share.heldBytes === 0) return true;
    return bytes <= this.#freeBytes && share.covers(bytes);
  }
}

export class ReadShare {
  readonly budget: ReadBudget;
  /** What all accounts of it hold. */
  heldBytes = 0;

  readonly #bytesMax: number;

  /** Use `ReadBudget.share`. */
  constructor(budget: ReadBudget, bytesMax: number) {
    this.budget = budget;
    this.#bytesMax = bytesMax;
  }

  /** Whether so much more is within what it may hold. */
  covers(bytes: number): boolean {
    return this.heldBytes + bytes <= this.#bytesMax;
  }

  /** For one call; whoever opens it closes it. */
  open(): ReadAccount {
    return new ReadAccount(this);
  }
}

export class ReadAccount {
  readonly share: ReadShare;
  #heldBytes = 0;
  /** Held, but not in use: memory that goes round. */
  #spareBytes = 0;

  /** Use `ReadShare.open`. */
  constructor(share: ReadShare) {
    this.share = share;
  }

  /** Whether to read small pieces. */
  get scarce(): boolean {
    return this.share.budget.scarce;
  }

  /**
   * Room for the next piece, when nothing is in use. Waits for it, and gives spare memory up meanwhile.
   * @throws VaultError `cancelled`, or the reason of the signal
   */
  async begin(bytes: number, signal?: AbortSignal): Promise<void> {
    if (this.more(bytes)) return;
    assert(this.#heldBytes === this.#spareBytes, 'nobody waits while holding something');
    this.giveBack(this.#spareBytes);
    this.#spareBytes = 0;
    await this.share.budget.begin(this, bytes, signal);
  }

  /** Room for one piece more, when there is plenty; false otherwise. */
  more(bytes: number): boolean {
    const missing = Math.max(0, bytes - this.#spareBytes);
    const fair = this.share.budget.freeBytes * limits.callFraction;
    if (missing > 0 && this.#heldBytes + missing > fair) return false;
    if (missing > 0 && !this.share.covers(missing)) return false;
    this.#spareBytes -= bytes - missing;
    this.hold(missing);
    return true;
  }

  /** A piece is used up; its memory serves the next one. */
  keep(bytes: number): void {
    this.#spareBytes += bytes;
  }

  /** A piece is used up, and its memory is gone. */
  giveBack(bytes: number): void {
    this.#heldBytes -= bytes;
    this.share.heldBytes -= bytes;
    this.share.budget.giveBack(bytes);
  }

  close(): void {
    this.#spareBytes = 0;
    this.giveBack(this.#heldBytes);
  }

  /** @internal */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.share.heldBytes += bytes;
    this.share.budget.take(bytes);
  }
}

function cancelled(signal: AbortSignal | undefined): VaultError {
  const reason: unknown = signal?.reason;
  return reason instanceof VaultError
    ? reason
    : new VaultError('cancelled', { op: 'store.readAhead', cause: reason });
}
