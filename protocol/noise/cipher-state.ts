/**
 * One direction of a connection after the handshake: ChaCha20-Poly1305 with a counted nonce (Noise,
 * revision 34, 5.1 and 12.3), over OpenSSL. After every 2^16 records the key is replaced by
 * `REKEY(key)`; both sides count, nothing is said. The counter goes on over a rekey. The first record
 * that does not open ends it: nothing after that can be trusted to be in order.
 */
import assert from 'node:assert/strict';
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type CipherChaCha20Poly1305Options,
  type KeyObject,
} from 'node:crypto';
import { VaultError } from '../errors.ts';
import { wire } from '../limits.ts';

const algorithm = 'chacha20-poly1305';
const keyBytes = 32;
const nonceBytes = 12;
const options: CipherChaCha20Poly1305Options = { authTagLength: wire.noiseTagBytes };

export class CipherState {
  /** As an object: with raw bytes OpenSSL sets the cipher up anew each time, which costs more than it does. */
  #key: KeyObject;
  readonly #rekeyRecords: number;
  readonly #nonce = Buffer.alloc(nonceBytes);
  #count = 0;
  #dead = false;

  /** @param key 32 bytes */
  constructor(key: Uint8Array, rekeyRecords: number = wire.rekeyRecords) {
    assert.equal(key.length, keyBytes);
    this.#key = createSecretKey(key);
    this.#rekeyRecords = rekeyRecords;
  }

  /** Records so far. */
  get count(): number {
    return this.#count;
  }

  /** The ciphertext of the parts as one record: pieces in order, the tag last. */
  seal(parts: readonly Uint8Array[]): Buffer[] {
    // The nonce first: it may bring a new key.
    const nonce = this.#nextNonce();
    const cipher = createCipheriv(algorithm, this.#key, nonce, options);
    const pieces: Buffer[] = [];
    for (const part of parts) pieces.push(cipher.update(part));
    cipher.final();
    pieces.push(cipher.getAuthTag());
    return pieces;
  }

  /**
   * The plaintext of a record, tag included in `ciphertext`.
   * @throws VaultError `peer-misbehaved`, this time and from then on
   */
  open(ciphertext: Buffer): Buffer {
    if (this.#dead || ciphertext.length < wire.noiseTagBytes) return this.#fail();
    const end = ciphertext.length - wire.noiseTagBytes;
    const nonce = this.#nextNonce();
    const decipher = createDecipheriv(algorithm, this.#key, nonce, options);
    decipher.setAuthTag(ciphertext.subarray(end));
    const plaintext = decipher.update(ciphertext.subarray(0, end));
    try {
      decipher.final();
    } catch (cause) {
      return this.#fail(cause);
    }
    return plaintext;
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
    const next = createCipheriv(algorithm, this.#key, nonce, options).update(
      Buffer.alloc(keyBytes),
    );
    this.#key = createSecretKey(next);
    next.fill(0);
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
