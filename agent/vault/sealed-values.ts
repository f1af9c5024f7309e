/**
 * Values of the index that reveal names, sealed under a key of this device: AES-256-GCM, a random nonce
 * of 12 bytes before the ciphertext, a tag of 16 bytes behind it. The key that a value stands under is
 * authenticated with it: a value that comes back under another key does not open.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const cipherName = 'aes-256-gcm';
export const sealNonceBytes = 12;
const tagBytes = 16;

/** @param nonce 12 bytes, fresh */
export function sealValue(
  secret: Uint8Array,
  { key, value, nonce }: { key: Uint8Array; value: readonly Buffer[]; nonce: Uint8Array },
): Buffer {
  const cipher = createCipheriv(cipherName, secret, nonce);
  cipher.setAAD(key);
  const pieces = value.map((piece) => cipher.update(piece));
  return Buffer.concat([nonce, ...pieces, cipher.final(), cipher.getAuthTag()]);
}

/** undefined when it is not what this device sealed under this key. */
export function openValue(secret: Uint8Array, key: Uint8Array, sealed: Buffer): Buffer | undefined {
  const end = sealed.length - tagBytes;
  if (end < sealNonceBytes) return undefined;
  const decipher = createDecipheriv(cipherName, secret, sealed.subarray(0, sealNonceBytes));
  decipher.setAAD(key);
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(sealNonceBytes, end));
  try {
    decipher.final();
    return plain;
  } catch {
    // It only says that the tag does not fit.
    return undefined;
  }
}
