/**
 * One side of a Noise_XX_25519_ChaChaPoly_BLAKE2b handshake (Noise Protocol Framework, revision 34).
 * Both sides look the same from outside: write and read in turn, three messages in all, then `finish`.
 * The first message that is wrong ends it for good.
 */
import assert from 'node:assert/strict';
import { VaultError } from '../errors.ts';
import { wire } from '../limits.ts';
import {
  forget,
  handshakeHashOf,
  readMessage,
  startXX,
  writeMessage,
  type LibrarySplit,
  type LibraryState,
} from './noise-library.ts';
import { x25519Bytes } from './x25519.ts';

export type HandshakeRole = 'initiator' | 'responder';

export interface HandshakeOptions {
  readonly role: HandshakeRole;
  /** Both sides have to give the same. */
  readonly prologue: Uint8Array;
  /** X25519 key pair of this device, 32 bytes each. */
  readonly staticKey: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
  /** Fresh random bytes, for the ephemeral key. */
  readonly randomBytes: (count: number) => Buffer;
}

export interface HandshakeResult {
  /** 64 bytes, the same on both sides and nowhere else: for channel binding (revision 34, 11.2). */
  readonly handshakeHash: Buffer;
  /** 32 bytes: the static key that the other side has proven to hold. */
  readonly remoteStaticKey: Buffer;
  /** 32 bytes each. */
  readonly sendKey: Buffer;
  readonly receiveKey: Buffer;
}

/** What each message takes beyond its payload: e; e, ee, s, es; s, se. */
export const handshakeOverheadBytes = [
  x25519Bytes,
  x25519Bytes + x25519Bytes + 2 * wire.noiseTagBytes,
  x25519Bytes + 2 * wire.noiseTagBytes,
] as const;

export class Handshake {
  readonly #options: HandshakeOptions;
  #state: LibraryState | undefined;
  #split: LibrarySplit | undefined;
  #count = 0;

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#state = startXX(options.role === 'initiator', options.prologue, options.staticKey);
  }

  /**
   * The next message, which carries `payload`. (Of message 1 the payload is readable by everybody.)
   * @throws VaultError `peer-misbehaved` when the other side's key is one that nobody can agree with
   */
  write(payload: Uint8Array): Buffer {
    const state = this.#turn('initiator');
    const draw = this.#options.randomBytes;
    return this.#act('cannot be answered', () => {
      const out = Buffer.alloc((handshakeOverheadBytes[this.#count] ?? 0) + payload.length);
      return { out, ...writeMessage(state, payload, { out, draw }) };
    });
  }

  /**
   * The payload of the other side's next message.
   * @throws VaultError `peer-misbehaved`; the handshake is dead then
   */
  read(message: Uint8Array): Buffer {
    const state = this.#turn('responder');
    const overhead = handshakeOverheadBytes[this.#count] ?? 0;
    return this.#act('does not open', () => {
      assert(message.length >= overhead, 'too short');
      const out = Buffer.alloc(message.length - overhead);
      return { out, ...readMessage(state, message, out) };
    });
  }

  /** The other side's static key: known to the initiator after message 2, to the responder after 3. */
  get remoteStaticKey(): Buffer | undefined {
    const key = this.#state?.rs;
    return key === undefined || key === null ? undefined : Buffer.from(key);
  }

  /** What came out, after the third message. The handshake is over and its keys are wiped. */
  finish(): HandshakeResult {
    const split = this.#split;
    const remoteStaticKey = this.remoteStaticKey;
    assert(
      this.#state !== undefined && split !== undefined && remoteStaticKey !== undefined,
      'after the third message',
    );
    const result = {
      handshakeHash: handshakeHashOf(this.#state),
      remoteStaticKey,
      sendKey: Buffer.from(split.tx.subarray(0, x25519Bytes)),
      receiveKey: Buffer.from(split.rx.subarray(0, x25519Bytes)),
    };
    this.destroy();
    return result;
  }

  /** Wipes the keys. */
  destroy(): void {
    if (this.#state !== undefined) forget(this.#state);
    this.#state = undefined;
    this.#split?.tx.fill(0);
    this.#split?.rx.fill(0);
    this.#split = undefined;
  }

  /** Takes one step, or ends the handshake. */
  #act(
    failure: string,
    step: () => { out: Buffer; bytes: number; split: LibrarySplit | undefined },
  ): Buffer {
    try {
      const { out, bytes, split } = step();
      assert.equal(bytes, out.length);
      this.#count += 1;
      this.#split = split;
      return out;
    } catch (cause) {
      this.destroy();
      const detail = `handshake message ${String(this.#count + 1)} ${failure}`;
      throw new VaultError('peer-misbehaved', { op: 'noise.handshake', detail, cause });
    }
  }

  /** Checks whose turn it is: whoever is `evenRole` acts on messages 1 and 3. */
  #turn(evenRole: HandshakeRole): LibraryState {
    const acts = this.#options.role === evenRole ? this.#count % 2 === 0 : this.#count % 2 === 1;
    assert(this.#state !== undefined && this.#count < 3 && acts, 'not its turn');
    return this.#state;
  }
}
