/**
 * ChaCha20-Poly1305 over memory that is there already: one message of a Noise transport, sealed or opened
 * under one key. Twice, byte for byte the same. libsodium does it in one call, which for records of 64 KiB
 * takes two thirds of the time of Node's cipher objects; but only on x64 it has vector code for it, and
 * elsewhere OpenSSL is faster.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type CipherChaCha20Poly1305Options,
} from 'node:crypto';
import { arch } from 'node:process';
import { wire } from '../limits.ts';
import { libraryCipher } from './noise-library.ts';

/** A nonce is 4 bytes of zero and a counter of 8. */
export const nonceBytes = 12;
const counterOffset = 4;

export interface RecordCipher {
  /** Seals in place: `message` holds the plain bytes and room for the tag. */
  seal(nonce: Buffer, message: Buffer): void;
  /** Opens into `plain`, which has exactly the room. @throws when the message is not one of this key and nonce */
  open(nonce: Buffer, message: Buffer, plain: Buffer): void;
}

/** @param key 32 bytes; it belongs to the cipher from now on */
export type MakeRecordCipher = (key: Buffer) => RecordCipher;

export const makeSodiumCipher: MakeRecordCipher = (key) => {
  const library = libraryCipher();
  return {
    seal(nonce, message) {
      const plain = message.subarray(0, message.length - wire.noiseTagBytes);
      library.encrypt(message, key, nonce.subarray(counterOffset), undefined, plain);
    },
    open(nonce, message, plain) {
      library.decrypt(plain, key, nonce.subarray(counterOffset), undefined, message);
    },
  };
};

export const makeOpensslCipher: MakeRecordCipher = (key) => {
  const algorithm = 'chacha20-poly1305';
  const options: CipherChaCha20Poly1305Options = { authTagLength: wire.noiseTagBytes };
  // As an object: with raw bytes OpenSSL sets the cipher up anew each time, which costs more than it does.
  const keyObject = createSecretKey(key);
  return {
    seal(nonce, message) {
      const end = message.length - wire.noiseTagBytes;
      const cipher = createCipheriv(algorithm, keyObject, nonce, options);
      cipher.update(message.subarray(0, end)).copy(message);
      cipher.final();
      cipher.getAuthTag().copy(message, end);
    },
    open(nonce, message, plain) {
      const end = message.length - wire.noiseTagBytes;
      const decipher = createDecipheriv(algorithm, keyObject, nonce, options);
      decipher.setAuthTag(message.subarray(end));
      const opened = decipher.update(message.subarray(0, end));
      decipher.final();
      opened.copy(plain);
    },
  };
};

/** The faster one here. */
export const makeRecordCipher: MakeRecordCipher =
  arch === 'x64' ? makeSodiumCipher : makeOpensslCipher;
