/**
 * Buffers for chunk bodies on their way from a peer to the store, used again and again: fresh memory
 * for every body costs more than receiving it. Bounded; what is lent out and never given back is
 * simply garbage.
 */
import { KiB, MiB } from '../../protocol/limits.ts';

const slabStepBytes = 64 * KiB;
const keptBytesMax = 16 * MiB;

export class BodyPool {
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #ours = new WeakSet<ArrayBufferLike>();
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

  /** Nobody uses it any more. Buffers from elsewhere are ignored. */
  give(body: Buffer): void {
    const slab = body.buffer as ArrayBuffer;
    if (!this.#ours.has(slab) || this.#keptBytes + slab.byteLength > keptBytesMax) return;
    const free = this.#free.get(slab.byteLength) ?? [];
    free.push(slab);
    this.#free.set(slab.byteLength, free);
    this.#keptBytes += slab.byteLength;
  }
}
