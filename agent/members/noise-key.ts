/**
 * X25519 (RFC 7748) with raw 32-byte keys over OpenSSL: for the keys that connections are made with,
 * and that secrets are sealed to.
 */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { VaultError } from '../../protocol/errors.ts';

/** 32 bytes each. */
export interface NoiseKey {
  readonly publicKey: Buffer;
  readonly secretKey: Buffer;
}

const privateKeyPrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicKeyPrefix = Buffer.from('302a300506032b656e032100', 'hex');

/** The pair of a secret key. @param secretKey 32 bytes */
export function noiseKeyFromSecret(secretKey: Uint8Array): NoiseKey {
  const publicDer = createPublicKey(privateObject(secretKey)).export({
    format: 'der',
    type: 'spki',
  });
  return {
    publicKey: Buffer.from(publicDer.subarray(publicKeyPrefix.length)),
    secretKey: Buffer.from(secretKey),
  };
}

/**
 * The shared secret of two keys: 32 bytes.
 * @throws VaultError `malformed` for a public key of small order, which would give all zeros
 */
export function agree(secretKey: Uint8Array, publicKey: Uint8Array): Buffer {
  try {
    return diffieHellman({
      privateKey: privateObject(secretKey),
      publicKey: createPublicKey({
        key: Buffer.concat([publicKeyPrefix, publicKey]),
        format: 'der',
        type: 'spki',
      }),
    });
  } catch (error) {
    throw new VaultError('malformed', {
      op: 'members.agree',
      subject: 'X25519 public key',
      cause: error,
    });
  }
}

function privateObject(secretKey: Uint8Array): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([privateKeyPrefix, secretKey]),
    format: 'der',
    type: 'pkcs8',
  });
}
