/** Small things sealed under a long-lived key: AES-256-GCM with a fresh random nonce of 12 bytes. */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

export const aeadNonceBytes = 12;
export const aeadTagBytes = 16;

/** Cipher text and tag. */
export function aeadSeal(
  key: Uint8Array,
  plain: Uint8Array,
  { nonce, aad }: { readonly nonce: Uint8Array; readonly aad: Uint8Array },
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: aeadTagBytes });
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The plain text, or undefined when it was changed or sealed under another key. */
export function aeadOpen(
  key: Uint8Array | KeyObject,
  sealed: Uint8Array,
  { nonce, aad }: { readonly nonce: Uint8Array; readonly aad: Uint8Array },
): Buffer | undefined {
  const cut = sealed.length - aeadTagBytes;
  if (cut < 0 || nonce.length !== aeadNonceBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: aeadTagBytes });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(cut));
  const head = decipher.update(sealed.subarray(0, cut));
  try {
    return Buffer.concat([head, decipher.final()]);
  } catch {
    // The tag is wrong; that is the only way in which the end of a GCM decryption fails.
    return undefined;
  }
}
