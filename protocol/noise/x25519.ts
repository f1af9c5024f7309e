/**
 * X25519 (RFC 7748) over OpenSSL with raw 32-byte keys: the one key agreement of the handshake.
 */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

export const x25519Bytes = 32;

const secretKeyPrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicKeyPrefix = Buffer.from('302a300506032b656e032100', 'hex');

/** The public key of a secret one. */
export function x25519PublicKey(secretKey: Uint8Array): Buffer {
  const der = createPublicKey(secretObject(secretKey)).export({ format: 'der', type: 'spki' });
  return der.subarray(publicKeyPrefix.length);
}

/** The shared secret. @throws for a public key of low order, whose secret would be zero */
export function x25519(secretKey: Uint8Array, publicKey: Uint8Array): Buffer {
  const der = Buffer.concat([publicKeyPrefix, publicKey]);
  return diffieHellman({
    privateKey: secretObject(secretKey),
    publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }),
  });
}

function secretObject(secretKey: Uint8Array): KeyObject {
  const der = Buffer.concat([secretKeyPrefix, secretKey]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}
