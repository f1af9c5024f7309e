/**
 * Batches whose author is nobody yet. Statements travel before the batches that need them, so they
 * wait here for a moment only; when the author is still unknown after it, the sender is at fault.
 */
import type { DeviceId } from '../../protocol/ids.ts';
import { replication as limits } from '../../protocol/limits.ts';
import type { Clock, Timer } from '../ports.ts';
import type { ReceivedBatch } from './received-batch.ts';

const holdMs = 5_000;

export class HeldBatches {
  readonly #clock: Clock;
  readonly #onExpired: (from: DeviceId) => void;
  #batches: ReceivedBatch[] = [];
  #bytes = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, onExpired: (from: DeviceId) => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** Keeps one; false when there is no room for it. */
  hold(batch: ReceivedBatch): boolean {
    const bytes = sizeOf(batch);
    const isFull =
      this.#batches.length >= limits.heldBatchesMax ||
      this.#bytes + bytes > limits.heldBatchesBytesMax;
    // One always fits: it is bounded by itself.
    if (isFull && this.#batches.length > 0) return false;
    this.#batches.push(batch);
    this.#bytes += bytes;
    this.#timer ??= this.#clock.after(holdMs, () => {
      this.#expire();
    });
    return true;
  }

  /** Statements came: all of them, in the order in which they arrived. */
  release(): ReceivedBatch[] {
    const batches = this.#batches;
    this.#clear();
    return batches;
  }

  /** Forgets what one peer sent. */
  forget(from: DeviceId): void {
    this.#batches = this.#batches.filter((batch) => batch.from !== from);
    this.#bytes = this.#batches.reduce((sum, batch) => sum + sizeOf(batch), 0);
    if (this.#batches.length === 0) this.#clear();
  }

  #expire(): void {
    const senders = new Set(this.#batches.map(({ from }) => from));
    this.#clear();
    for (const sender of senders) this.#onExpired(sender);
  }

  #clear(): void {
    this.#batches = [];
    this.#bytes = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

function sizeOf(batch: ReceivedBatch): number {
  return batch.small.reduce((sum, body) => sum + body.length, batch.bytes.length);
}
