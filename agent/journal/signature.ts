/**
 * Ed25519 signatures of batches over raw keys. What is signed is the hash of the batch behind a
 * domain of its own, so that a signature on a batch never passes for one on anything else.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { blake3, blake3Of, domainHash } from '../../protocol/hash.ts';

const batchDomain = 'peervault v1 batch';
const signatureDomain = 'peervault v1 batch signature';

/** DER of a SubjectPublicKeyInfo with an Ed25519 key (RFC 8410), up to the 32 bytes of the key. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const keysCachedMax = 256;
const keys = new Map<string, KeyObject>();

/** BLAKE3(BLAKE3(domain), BLAKE3(header), BLAKE3(sealed)): 32 bytes. */
export function hashOfBatch(header: Uint8Array, sealed: Uint8Array): Buffer {
  return blake3Of(batchDomain, blake3(header), blake3(sealed));
}

/** The bytes that the device signs: 64. */
export function signedBytes(hash: Uint8Array): Buffer {
  return Buffer.concat([domainHash(signatureDomain), hash]);
}

/** Whether `signature` was made by the holder of `signKey` (32 bytes) over the batch of this hash. */
export function signatureIsRight(
  signKey: Uint8Array,
  hash: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signKey.length !== 32) return false;
  return verify(undefined, signedBytes(hash), publicKey(signKey), signature);
}

/** Parsing a key costs more than using it, and there are few devices. */
function publicKey(signKey: Uint8Array): KeyObject {
  const name = Buffer.from(signKey).toString('hex');
  let key = keys.get(name);
  if (key === undefined) {
    if (keys.size >= keysCachedMax) keys.clear();
    const der = Buffer.concat([spkiPrefix, signKey]);
    key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    keys.set(name, key);
  }
  return key;
}
