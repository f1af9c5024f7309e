/**
 * Reads exact counts of bytes from a stream that gives pieces, for the few messages at the beginning
 * of a connection. What is left over belongs to whoever reads on.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { ByteStream } from '../ports.ts';

export class ByteReader {
  readonly #stream: ByteStream;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /** Resolves when at least one byte is here. @throws VaultError `closed` */
  async waitForBytes(): Promise<void> {
    await this.#fill(1);
  }

  /** Exactly `count` bytes. @throws VaultError `closed` when the stream ends before */
  async read(count: number): Promise<Buffer> {
    await this.#fill(count);
    const all = this.rest();
    this.#pieces = [all.subarray(count)];
    this.#bytes = all.length - count;
    return all.subarray(0, count);
  }

  /** Up to `count` bytes, fewer when the stream ends before. */
  async readUpTo(count: number): Promise<Buffer> {
    while (this.#bytes < count && (await this.#receive()));
    return this.rest().subarray(0, count);
  }

  /** What was received and not read; it is taken out. */
  rest(): Buffer {
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    return all;
  }

  async #fill(count: number): Promise<void> {
    while (this.#bytes < count) {
      if (await this.#receive()) continue;
      const detail = 'the other side closed in the middle of the handshake';
      throw new VaultError('closed', { op: 'peer.read', subject: this.#stream.remote, detail });
    }
  }

  async #receive(): Promise<boolean> {
    const piece = await this.#stream.receive();
    if (piece === undefined) return false;
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    return true;
  }
}
