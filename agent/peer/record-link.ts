/**
 * Frames inside sealed records over a stream of bytes: what a connection is after its handshake. Each
 * send makes a record of each group, all in one piece of memory, and hands them to the stream at once; each
 * receive gives what one record carried.
 */
import { copyBytes } from '../../protocol/copy-bytes.ts';
import { VaultError } from '../../protocol/errors.ts';
import { freeBytes } from '../../protocol/free-bytes.ts';
import { CipherState } from '../../protocol/noise/cipher-state.ts';
import { recordBytes, RecordReader, writeRecordLength } from '../../protocol/noise/record.ts';
import { KiB } from '../../protocol/limits.ts';
import type { FrameLink } from '../../protocol/rpc/rpc.ts';
import type { ByteStream } from '../ports.ts';

export interface RecordKeys {
  readonly sendKey: Buffer;
  readonly receiveKey: Buffer;
}

/** What is sent together in less than this gets memory for this once. */
const smallBytesMax = 8 * KiB;
/** Less is not worth keeping. */
const spareBytesMin = 32 * KiB;
/** Whoever keeps a body keeps no more than this beside it. */
const slackBytesMax = 2 * KiB;
const nothing = Buffer.alloc(0);

export class RecordLink implements FrameLink {
  readonly #stream: ByteStream;
  readonly #sender: CipherState;
  readonly #receiver: CipherState;
  readonly #reader: RecordReader;
  /** For large sends, one after the other; made with the first: who says nothing costs nothing. */
  #kept: Buffer = nothing;
  /** For the next large record that is opened. */
  #spare: Buffer | undefined;

  /** @param early bytes that came right behind the handshake */
  constructor(stream: ByteStream, keys: RecordKeys, early: Buffer) {
    this.#stream = stream;
    this.#reader = new RecordReader((piece) => {
      if (stream.giveBack?.(piece) !== true) freeBytes(piece);
    });
    this.#sender = new CipherState(keys.sendKey);
    this.#receiver = new CipherState(keys.receiveKey);
    if (early.length > 0) this.#reader.push(early);
  }

  async send(groups: readonly (readonly Uint8Array[])[]): Promise<void> {
    const lengths = groups.map((pieces) => pieces.reduce((sum, { length }) => sum + length, 0));
    const bytes = lengths.reduce((sum, length) => sum + recordBytes(length), 0);
    const room = this.#room(bytes);
    const out = room.subarray(0, bytes);
    let at = 0;
    for (const [index, pieces] of groups.entries()) {
      const end = at + recordBytes(lengths[index] ?? 0);
      this.#seal(pieces, out.subarray(at, end));
      at = end;
    }
    await this.#stream.send([out]);
    if (bytes > smallBytesMax) this.#kept = room;
  }

  receiveNow(): Buffer | undefined {
    return this.#next();
  }

  giveBack(piece: Buffer): void {
    const { buffer, length } = piece;
    const isLarge = length >= spareBytesMin && length > (this.#spare?.length ?? 0);
    if (isLarge && buffer.byteLength - length <= slackBytesMax) this.#spare = Buffer.from(buffer);
    else freeBytes(piece);
  }

  async receive(): Promise<Buffer | undefined> {
    for (;;) {
      const record = this.#next();
      if (record !== undefined) return record;
      const piece = await this.#stream.receive();
      if (piece !== undefined) {
        this.#reader.push(piece);
        continue;
      }
      if (!this.#reader.midRecord) return undefined;
      const detail = 'cut off in the middle of a record';
      throw new VaultError('closed', { op: 'peer.receive', subject: this.#stream.remote, detail });
    }
  }

  end(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #next(): Buffer | undefined {
    try {
      const message = this.#reader.next();
      return message === undefined ? undefined : this.#receiver.open(message, this.#memory);
    } catch (error) {
      // Nothing after a record that does not open can be believed.
      this.#stream.destroy();
      throw error;
    }
  }

  /** What was given back last, where it is hardly larger: it is still in the processor's cache. */
  readonly #memory = (bytes: number): Buffer => {
    const spare = this.#spare;
    if (spare === undefined || spare.length < bytes || spare.length - bytes > slackBytesMax) {
      return Buffer.allocUnsafeSlow(bytes);
    }
    this.#spare = undefined;
    return spare.subarray(0, bytes);
  };

  /** Memory of at least so many bytes for records on their way. */
  #room(bytes: number): Buffer {
    if (bytes <= smallBytesMax) return Buffer.allocUnsafe(bytes);
    const kept = this.#kept;
    this.#kept = nothing;
    return kept.length >= bytes ? kept : Buffer.allocUnsafeSlow(bytes);
  }

  #seal(pieces: readonly Uint8Array[], record: Buffer): void {
    const message = writeRecordLength(record);
    let at = 0;
    for (const piece of pieces) {
      copyBytes(message, at, piece);
      at += piece.length;
    }
    this.#sender.seal(message);
  }
}
