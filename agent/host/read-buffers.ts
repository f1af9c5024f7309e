/**
 * Memory that a socket reads into: one large piece where Node would make one of 64 KiB for each read, so
 * that a busy connection is read with a fourth of the calls. What came little is copied out of it; what
 * came much is handed out as it stands, and comes back when it is used up.
 */
import { KiB } from '../../protocol/limits.ts';

const bufferBytes = 256 * KiB;
/** Less than this is not worth holding a buffer for. */
const copiedBytesMax = 64 * KiB;
const keptMax = 2;

export class ReadBuffers {
  #current: Buffer | undefined;
  readonly #free: Buffer[] = [];
  readonly #ours = new WeakSet<ArrayBufferLike>();

  /** What the next read goes into. */
  next(): Buffer {
    this.#current ??= this.#free.pop() ?? this.#make();
    return this.#current;
  }

  /** So many bytes stand in what `next` gave. @returns a piece that belongs to the caller */
  filled(bytes: number): Buffer {
    const piece = this.next().subarray(0, bytes);
    if (bytes < copiedBytesMax) return Buffer.from(piece);
    this.#current = undefined;
    return piece;
  }

  /** What of memory stays for a piece that `filled` gave, until it is given back. */
  heldBytes({ buffer, length }: Buffer): number {
    return this.#ours.has(buffer) ? buffer.byteLength : length;
  }

  /** Nobody looks at the piece any more. @returns false for one that is not from here */
  giveBack({ buffer }: Buffer): boolean {
    if (!this.#ours.has(buffer)) return false;
    if (this.#free.length < keptMax) this.#free.push(Buffer.from(buffer));
    return true;
  }

  #make(): Buffer {
    const made = Buffer.allocUnsafeSlow(bufferBytes);
    this.#ours.add(made.buffer);
    return made;
  }
}
