/**
 * AES-256-GCM of one segment, from memory to memory. Node's cipher does it everywhere; a thread that seals
 * and opens much may be given another one (`useSegmentCipher`), which writes the same bytes.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { chunk } from '../../protocol/limits.ts';
import { moveInto } from './warm-memory.ts';

const tagBytes = chunk.segmentTagBytes;
const algorithm = 'aes-256-gcm';
const options = { authTagLength: tagBytes };

export interface CipherKey {
  /** For one message only. */
  readonly key: KeyObject;
  /** Authenticated with every segment. */
  readonly header: Uint8Array;
}

export interface SegmentCipher {
  /**
   * Writes the sealed segment, its tag behind it, to `target`, which has exactly that length.
   * @param nonce 12 bytes, which this key has never seen
   */
  seal(
    cipherKey: CipherKey,
    nonce: Uint8Array,
    plain: readonly Uint8Array[],
    target: Uint8Array,
  ): void;
  /**
   * Writes the plain bytes to `target`, which is shorter than `sealed` by a tag and not empty.
   * @returns whether the tag is right; if not, `target` means nothing
   */
  open(cipherKey: CipherKey, nonce: Uint8Array, sealed: Uint8Array, target: Uint8Array): boolean;
}

export const nodeCipher: SegmentCipher = {
  seal({ key, header }, nonce, plain, target) {
    const cipher = createCipheriv(algorithm, key, nonce, options);
    cipher.setAAD(header);
    let written = 0;
    for (const part of plain) {
      moveInto(target, written, cipher.update(part));
      written += part.length;
    }
    cipher.final();
    target.set(cipher.getAuthTag(), written);
  },
  open(cipherKey, nonce, sealed, target) {
    const opened = openApart(cipherKey, nonce, sealed);
    if (opened === undefined) return false;
    moveInto(target, 0, opened);
    return true;
  },
};

let current = nodeCipher;

/** What seals and opens from now on, in this thread. */
export function useSegmentCipher(cipher: SegmentCipher): void {
  current = cipher;
}

export function segmentCipher(): SegmentCipher {
  return current;
}

/** Opens a segment into memory of its own, into which nothing is copied; undefined when it does not open. */
export function openApart(
  { key, header }: CipherKey,
  nonce: Uint8Array,
  sealed: Uint8Array,
): Buffer | undefined {
  const length = sealed.length - tagBytes;
  if (length < 1) return undefined;
  const decipher = createDecipheriv(algorithm, key, nonce, options);
  decipher.setAAD(header);
  decipher.setAuthTag(sealed.subarray(length));
  const opened = decipher.update(sealed.subarray(0, length));
  try {
    decipher.final();
  } catch {
    // The one thing that `final` checks is the tag.
    return undefined;
  }
  return opened;
}
