/**
 * The one door to the `noise-protocol` package: its state machine for XX, put together with a key
 * agreement of our own, so that ephemeral keys come from the random bytes that we are given. It has no
 * types; they are written down here, as far as we use it.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { x25519, x25519Bytes, x25519PublicKey } from './x25519.ts';

export interface LibraryKeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** Opaque but for what the handshake has to read from it. */
export interface LibraryState {
  readonly symmetricState: Uint8Array;
  /** The other side's static key, once it is known. */
  readonly rs: Uint8Array | null;
}

/** Two cipher states: 32 bytes of key, 8 of nonce. */
export interface LibrarySplit {
  readonly tx: Uint8Array;
  readonly rx: Uint8Array;
}

interface WithBytes {
  /** How many bytes the last call wrote. */
  readonly bytes: number;
}

interface HandshakeModule {
  initialize(
    pattern: 'XX',
    initiator: boolean,
    prologue: Uint8Array,
    staticKey: LibraryKeyPair,
  ): LibraryState;
  readonly writeMessage: WithBytes &
    ((state: LibraryState, payload: Uint8Array, message: Uint8Array) => LibrarySplit | undefined);
  readonly readMessage: WithBytes &
    ((state: LibraryState, message: Uint8Array, payload: Uint8Array) => LibrarySplit | undefined);
  destroy(state: LibraryState): void;
}

/** ChaCha20-Poly1305 of libsodium; nonces have 8 bytes, the 4 zeros in front are the library's business. */
export interface LibraryCipher {
  /** @param out as long as the plain bytes and the tag; it may begin where they do */
  encrypt(
    out: Uint8Array,
    key: Uint8Array,
    nonce: Uint8Array,
    data: undefined,
    plain: Uint8Array,
  ): void;
  /** @param out as long as the message without its tag @throws when it does not open */
  decrypt(
    out: Uint8Array,
    key: Uint8Array,
    nonce: Uint8Array,
    data: undefined,
    message: Uint8Array,
  ): void;
}

interface SymmetricModule {
  getHandshakeHash(state: Uint8Array, out: Uint8Array): void;
}

/** Set for the length of one write: where the ephemeral secret key comes from. */
let drawEphemeral: ((count: number) => Buffer) | undefined;

const dh = {
  DHLEN: x25519Bytes,
  PKLEN: x25519Bytes,
  SKLEN: x25519Bytes,
  SEEDLEN: x25519Bytes,
  ALG: '25519',
  generateKeypair(publicKey: Uint8Array, secretKey: Uint8Array): void {
    assert(drawEphemeral !== undefined, 'an ephemeral key is made only while a message is written');
    secretKey.set(drawEphemeral(x25519Bytes));
    publicKey.set(x25519PublicKey(secretKey));
  },
  dh(output: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): void {
    output.set(x25519(secretKey, publicKey));
  },
};

interface Library {
  readonly cipher: LibraryCipher;
  readonly symmetricState: SymmetricModule;
  readonly handshakeState: HandshakeModule;
}

let loaded: Library | undefined;

/** With the first handshake: it brings a library of its own into memory. */
function library(): Library {
  return (loaded ??= load());
}

type Factory = (parts: object) => object;

function load(): Library {
  const outside = createRequire(import.meta.url);
  const hash = (outside('noise-protocol/hash.js') as Factory)({ dh });
  const cipher = (outside('noise-protocol/cipher.js') as () => LibraryCipher)();
  const cipherState = (outside('noise-protocol/cipher-state.js') as Factory)({ cipher });
  const symmetricState = (outside('noise-protocol/symmetric-state.js') as Factory)({
    hash,
    cipherState,
  }) as SymmetricModule;
  const handshakeState = (outside('noise-protocol/handshake-state.js') as Factory)({
    dh,
    hash,
    cipher,
    cipherState,
    symmetricState,
  }) as HandshakeModule;
  return { cipher, symmetricState, handshakeState };
}

export function libraryCipher(): LibraryCipher {
  return library().cipher;
}

export const handshakeHashBytes = 64;

export function startXX(
  initiator: boolean,
  prologue: Uint8Array,
  staticKey: LibraryKeyPair,
): LibraryState {
  return library().handshakeState.initialize('XX', initiator, prologue, staticKey);
}

/**
 * Writes the next message.
 * @param io `out` has room for the message; `draw` gives the ephemeral secret key
 */
export function writeMessage(
  state: LibraryState,
  payload: Uint8Array,
  io: { readonly out: Uint8Array; readonly draw: (count: number) => Buffer },
): { readonly bytes: number; readonly split: LibrarySplit | undefined } {
  const { handshakeState } = library();
  drawEphemeral = io.draw;
  try {
    const split = handshakeState.writeMessage(state, payload, io.out);
    return { bytes: handshakeState.writeMessage.bytes, split };
  } finally {
    drawEphemeral = undefined;
  }
}

/** Reads the next message; `out` has room for its payload. @throws when it does not open */
export function readMessage(
  state: LibraryState,
  message: Uint8Array,
  out: Uint8Array,
): { readonly bytes: number; readonly split: LibrarySplit | undefined } {
  const { handshakeState } = library();
  const split = handshakeState.readMessage(state, message, out);
  return { bytes: handshakeState.readMessage.bytes, split };
}

/** The hash over all that was said: 64 bytes. To be read before `forget`. */
export function handshakeHashOf(state: LibraryState): Buffer {
  const out = Buffer.alloc(handshakeHashBytes);
  library().symmetricState.getHandshakeHash(state.symmetricState, out);
  return out;
}

/** Wipes all keys of the handshake. */
export function forget(state: LibraryState): void {
  library().handshakeState.destroy(state);
}
