/**
 * A passphrase made into a key: scrypt (RFC 7914), slow and large on purpose. It stands with the jobs
 * because it would hold up the loop for half a second.
 */
import { scryptSync } from 'node:crypto';

export interface StretchInput {
  /** Its bytes are overwritten when the key is made. */
  readonly passphrase: Uint8Array;
  readonly salt: Uint8Array;
  /** Cost: 2^logN blocks of 128 * r bytes. */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 32 bytes. */
export function runStretch(input: StretchInput): Uint8Array {
  const { passphrase, salt, logN, r, p } = input;
  const blockBytes = 128 * r;
  try {
    return scryptSync(passphrase, salt, 32, {
      N: 2 ** logN,
      r,
      p,
      maxmem: blockBytes * (2 ** logN + p + 2) + 1024,
    });
  } finally {
    passphrase.fill(0);
  }
}
