/**
 * Ed25519 signatures of batches. What is signed is the hash of the batch behind a
 * domain of its own, so that a signature on a batch never passes for one on anything else.
 */
import type { BatchParts } from '../../protocol/messages/batch-wire.ts';
import { blake3, blake3Of, domainHash } from '../../protocol/hash.ts';
import { verifySignature } from '../members/sign-key.ts';

const batchDomain = 'peervault v1 batch';
const signatureDomain = 'peervault v1 batch signature';

/** BLAKE3(BLAKE3(domain), BLAKE3(header), BLAKE3(sealed)): 32 bytes. */
export function hashOfBatch(header: Uint8Array, sealed: Uint8Array): Buffer {
  return hashOfSealed(header, blake3(sealed));
}

/** The same for a body of which only the BLAKE3 is here (32 bytes). */
export function hashOfSealed(header: Uint8Array, sealedHash: Uint8Array): Buffer {
  return blake3Of(batchDomain, blake3(header), sealedHash);
}

/** Of an encoded batch that was taken apart, bare or not: 32 bytes. */
export function hashOfParts({ header, sealed, sealedHash }: BatchParts): Buffer {
  return hashOfSealed(header, sealedHash ?? blake3(sealed));
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
  return verifySignature(signKey, signedBytes(hash), signature);
}
