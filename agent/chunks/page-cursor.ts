/** Reads the bytes of a manifest page from front to back and never beyond their end. */
import { VaultError } from '../../protocol/errors.ts';

export class PageCursor {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u8(): number {
    return this.take(1).readUInt8(0);
  }

  u32(): number {
    return this.take(4).readUInt32BE(0);
  }

  u64(): number {
    const value = this.take(8).readBigUInt64BE(0);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('a length is out of range');
    return Number(value);
  }

  take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw malformed('it ends too early');
    const bytes = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return bytes;
  }

  version(known: number): void {
    const version = this.u8();
    if (version === known) return;
    throw new VaultError('not-supported', {
      op: 'chunks.decodePage',
      subject: `manifest page of version ${String(version)}`,
      detail: 'made by a newer version',
      next: 'update this device',
    });
  }

  end(): void {
    if (this.#offset !== this.#bytes.length) throw malformed('bytes follow its end');
  }
}

export function malformed(detail: string): VaultError {
  return new VaultError('malformed', { op: 'chunks.decodePage', subject: 'manifest page', detail });
}
