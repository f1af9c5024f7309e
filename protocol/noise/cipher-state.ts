/**
 * One direction of a connection after the handshake: ChaCha20-Poly1305 with a counted nonce (Noise,
 * revision 34, 5.1 and 12.3). After every 2^16 records the key is replaced by `REKEY(key)`; both sides
 * count, nothing is said. The counter goes on over a rekey. The first record that does not open ends it:
 * nothing after that can be trusted to be in order.
 */
import assert from 'node:assert/strict';
import { VaultError } from '../errors.ts';
import { wire } from '../limits.ts';
import { makeRecordCipher, nonceBytes, type RecordCipher } from './record-cipher.ts';

const keyBytes = 32;

export class CipherState {
  /** What the cipher was made with. */
  #key: Buffer;
  #cipher: RecordCipher;
  readonly #rekeyRecords: number;
  readonly #nonce = Buffer.alloc(nonceBytes);
  #count = 0;
  #dead = false;

  /** @param key 32 bytes */
  constructor(key: Uint8Array, rekeyRecords: number = wire.rekeyRecords) {
    assert.equal(key.length, keyBytes);
    this.#key = Buffer.from(key);
    this.#cipher = makeRecordCipher(this.#key);
    this.#rekeyRecords = rekeyRecords;
  }

  /** Records so far. */
  get count(): number {
    return this.#count;
  }

  /** Seals a record in place: `message` holds its plain bytes and room for the tag. */
  seal(message: Buffer): void {
    // The nonce first: it may bring a new key.
    const nonce = this.#nextNonce();
    this.#cipher.seal(nonce, message);
  }

  /**
   * The plaintext of a record; the tag is included in `message`.
   * @param memory gives room for exactly so many bytes @default memory of its own
   * @throws VaultError `peer-misbehaved`, this time and from then on
   */
  open(message: Buffer, memory: (bytes: number) => Buffer = Buffer.allocUnsafeSlow): Buffer {
    if (this.#dead || message.length < wire.noiseTagBytes) return this.#fail();
    const nonce = this.#nextNonce();
    const plain = memory(message.length - wire.noiseTagBytes);
    try {
      this.#cipher.open(nonce, message, plain);
    } catch (cause) {
      return this.#fail(cause);
    }
    return plain;
  }

  #nextNonce(): Buffer {
    if (this.#count > 0 && this.#count % this.#rekeyRecords === 0) this.#rekey();
    assert(Number.isSafeInteger(this.#count + 1), 'a nonce is never used twice');
    writeCounter(this.#nonce, this.#count);
    this.#count += 1;
    return this.#nonce;
  }

  #rekey(): void {
    const nonce = Buffer.alloc(nonceBytes, 0xff);
    nonce.fill(0, 0, nonceBytes - 8);
    const sealed = Buffer.alloc(keyBytes + wire.noiseTagBytes);
    this.#cipher.seal(nonce, sealed);
    const next = Buffer.from(sealed.subarray(0, keyBytes));
    sealed.fill(0);
    this.#key.fill(0);
    this.#key = next;
    this.#cipher = makeRecordCipher(next);
  }

  #fail(cause?: unknown): never {
    this.#dead = true;
    const detail = 'a record does not open';
    throw new VaultError('peer-misbehaved', { op: 'noise.open', detail, cause });
  }
}

/** 32 zero bits, then the counter as 64 bits, least significant byte first. */
function writeCounter(nonce: Buffer, count: number): void {
  nonce.writeUInt32LE(count % 0x1_0000_0000, 4);
  nonce.writeUInt32LE(Math.floor(count / 0x1_0000_0000), 8);
}
