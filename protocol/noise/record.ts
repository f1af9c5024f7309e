/**
 * Records: `[length u16]` and a Noise transport message (Noise, revision 34, 13). The reader gives
 * whole messages from any cuts; one that lies whole in a piece is not copied.
 */
import assert from 'node:assert/strict';
import { copyBytes } from '../copy-bytes.ts';
import { VaultError } from '../errors.ts';
import { freeBytes } from '../free-bytes.ts';
import { wire } from '../limits.ts';

const lengthBytes = 2;
/** A record carries at least one byte. */
const messageBytesMin = wire.noiseTagBytes + 1;

/** What a record takes whose plain bytes are so many. */
export function recordBytes(plainBytes: number): number {
  return lengthBytes + plainBytes + wire.noiseTagBytes;
}

/** Writes the length of the message into the record. @returns the place of the message */
export function writeRecordLength(record: Buffer): Buffer {
  const message = record.subarray(lengthBytes);
  assert(message.length >= messageBytesMin && message.length <= wire.noiseMessageBytesMax);
  record.writeUInt16BE(message.length);
  return message;
}

export class RecordReader {
  readonly #onUsed: (piece: Buffer) => void;
  /** What is left of it. */
  #piece: Buffer = Buffer.alloc(0);
  #wholePiece: Buffer = this.#piece;
  /** A record that began in an earlier piece; used again for the next such one. */
  #partial: Buffer | undefined;
  #partialBytes = 0;

  /** @param onUsed gets each piece when the reader looks at it no more @default frees its memory */
  constructor(onUsed: (piece: Buffer) => void = freeBytes) {
    this.#onUsed = onUsed;
  }

  /**
   * Hands in the next piece, which belongs to the reader from now on. Call `next` until it gives nothing
   * before the next one.
   */
  push(piece: Buffer): void {
    assert.equal(this.#piece.length, 0);
    this.#onUsed(this.#wholePiece);
    this.#wholePiece = piece;
    this.#piece = piece;
  }

  /**
   * The next whole message, valid until the call after; undefined when the piece is used up.
   * @throws VaultError `peer-misbehaved` for a length that cannot be
   */
  next(): Buffer | undefined {
    if (this.#partialBytes > 0) return this.#nextPartial();
    const { length } = this.#piece;
    if (length >= lengthBytes) {
      const end = lengthBytes + checkLength(this.#piece.readUInt16BE(0));
      if (length >= end) {
        const message = this.#piece.subarray(lengthBytes, end);
        this.#piece = this.#piece.subarray(end);
        return message;
      }
    }
    return length === 0 ? undefined : this.#nextPartial();
  }

  /** Whether the bytes so far end inside a record. */
  get midRecord(): boolean {
    return this.#partialBytes > 0 || this.#piece.length > 0;
  }

  #nextPartial(): Buffer | undefined {
    // Made when a record first comes in two pieces: a connection that says nothing costs nothing.
    this.#partial ??= Buffer.allocUnsafeSlow(lengthBytes + wire.noiseMessageBytesMax);
    if (!this.#fill(this.#partial, lengthBytes)) return undefined;
    const end = lengthBytes + checkLength(this.#partial.readUInt16BE(0));
    if (!this.#fill(this.#partial, end)) return undefined;
    this.#partialBytes = 0;
    return this.#partial.subarray(lengthBytes, end);
  }

  /** Moves bytes of the piece to the partial record until it has `end` of them. */
  #fill(partial: Buffer, end: number): boolean {
    const count = Math.min(Math.max(0, end - this.#partialBytes), this.#piece.length);
    copyBytes(partial, this.#partialBytes, this.#piece.subarray(0, count));
    this.#piece = this.#piece.subarray(count);
    this.#partialBytes += count;
    return this.#partialBytes >= end;
  }
}

function checkLength(length: number): number {
  if (length >= messageBytesMin) return length;
  const detail = `a record of ${String(length)} bytes`;
  throw new VaultError('peer-misbehaved', { op: 'record.read', detail });
}
