/**
 * Frames inside sealed records over a stream of bytes: what a connection is after its handshake. Each
 * send makes as few records as it takes and hands them to the stream at once; each receive gives what
 * one record carried.
 */
import { VaultError } from '../../protocol/errors.ts';
import { freeBytes } from '../../protocol/free-bytes.ts';
import { CipherState } from '../../protocol/noise/cipher-state.ts';
import { recordLength, recordPlainBytesMax, RecordReader } from '../../protocol/noise/record.ts';
import { KiB, wire } from '../../protocol/limits.ts';
import type { FrameLink } from '../../protocol/rpc/rpc.ts';
import type { ByteStream } from '../ports.ts';

export interface RecordKeys {
  readonly sendKey: Buffer;
  readonly receiveKey: Buffer;
}

/** Records up to this are put together in one piece. */
const joinedBytesMax = 8 * KiB;

export class RecordLink implements FrameLink {
  readonly #stream: ByteStream;
  readonly #sender: CipherState;
  readonly #receiver: CipherState;
  readonly #reader = new RecordReader();

  /** @param early bytes that came right behind the handshake */
  constructor(stream: ByteStream, keys: RecordKeys, early: Buffer) {
    this.#stream = stream;
    this.#sender = new CipherState(keys.sendKey);
    this.#receiver = new CipherState(keys.receiveKey);
    if (early.length > 0) this.#reader.push(early);
  }

  async send(parts: readonly Uint8Array[]): Promise<void> {
    const out: Uint8Array[] = [];
    let record: Uint8Array[] = [];
    let bytes = 0;
    for (const part of parts) {
      for (let at = 0; at < part.length;) {
        const piece = part.subarray(at, at + recordPlainBytesMax - bytes);
        record.push(piece);
        bytes += piece.length;
        at += piece.length;
        if (bytes < recordPlainBytesMax) continue;
        this.#seal(record, bytes, out);
        record = [];
        bytes = 0;
      }
    }
    if (bytes > 0) this.#seal(record, bytes, out);
    await this.#stream.send(out);
    for (const piece of out) freeBytes(piece);
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
      return message === undefined ? undefined : this.#receiver.open(message);
    } catch (error) {
      // Nothing after a record that does not open can be believed.
      this.#stream.destroy();
      throw error;
    }
  }

  #seal(record: readonly Uint8Array[], bytes: number, out: Uint8Array[]): void {
    const length = recordLength(bytes + wire.noiseTagBytes);
    // For few bytes it is the calls that cost, for many the copies.
    if (bytes > joinedBytesMax) out.push(length, ...this.#sender.seal(record));
    else out.push(Buffer.concat([length, ...this.#sender.seal([Buffer.concat(record)])]));
  }
}
