/**
 * Buffers for chunk bodies on their way from a peer to the store, used again and again: fresh memory
 * for every body costs more than receiving it. Bounded; what is lent out and never given back is
 * simply garbage.
 */
import { KiB, MiB } from '../../protocol/limits.ts';
import type { LentBytes } from '../ports.ts';

const slabStepBytes = 64 * KiB;
const keptBytesMax = 16 * MiB;

export class BodyPool {
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #ours = new WeakSet<ArrayBufferLike>();
  /** How many hold it beside whoever took it. */
  readonly #holders = new WeakMap<ArrayBufferLike, number>();
  #keptBytes = 0;

  /** A buffer of exactly `length` bytes, with anything in it. */
  take(length: number): Buffer {
    const slabBytes = Math.max(1, Math.ceil(length / slabStepBytes)) * slabStepBytes;
    const kept = this.#free.get(slabBytes)?.pop();
    if (kept !== undefined) {
      this.#keptBytes -= slabBytes;
      return Buffer.from(kept, 0, length);
    }
    const slab = Buffer.allocUnsafeSlow(slabBytes);
    this.#ours.add(slab.buffer);
    return slab.subarray(0, length);
  }

  /** Somebody else reads it too: it goes round again when both have given it back. */
  lend(body: Buffer): LentBytes {
    const slab = body.buffer;
    this.#holders.set(slab, (this.#holders.get(slab) ?? 0) + 1);
    let isLent = true;
    return {
      bytes: body,
      release: () => {
        if (isLent) this.give(body);
        isLent = false;
      },
    };
  }

  /** One who used it does so no more. Buffers from elsewhere are ignored. */
  give(body: Buffer): void {
    const slab = body.buffer as ArrayBuffer;
    const others = this.#holders.get(slab) ?? 0;
    if (others > 0) {
      this.#holders.set(slab, others - 1);
      return;
    }
    if (!this.#ours.has(slab) || this.#keptBytes + slab.byteLength > keptBytesMax) return;
    const free = this.#free.get(slab.byteLength) ?? [];
    free.push(slab);
    this.#free.set(slab.byteLength, free);
    this.#keptBytes += slab.byteLength;
  }
}
