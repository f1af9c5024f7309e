/**
 * Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with
 * PURBs", PETS 2019, algorithm 1): a length of n bits of magnitude keeps only log2(n) + 1 significant
 * bits, so that few distinct lengths are seen and at most 12 % are wasted (3 % from 64 KiB on).
 */
import assert from 'node:assert/strict';
import { chunk } from '../../protocol/limits.ts';

/** The padded length of `length` bytes, 1 .. 2^30. */
export function padme(length: number): number {
  assert(Number.isInteger(length) && length >= 1 && length <= 2 ** 30);
  if (length === 1) return 1;
  const magnitude = 31 - Math.clz32(length);
  const significant = 32 - Math.clz32(magnitude);
  const step = 2 ** Math.max(0, magnitude - significant);
  return Math.ceil(length / step) * step;
}

/** At least the padding of any chunk. */
export const zeros = Buffer.alloc(chunk.plainBytesMax / 32);

/** Whether bytes `from` up to the end are all zero. */
export function endsInZeros(bytes: Uint8Array, from: number): boolean {
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset + from, bytes.length - from);
  return tail.equals(zeros.subarray(0, tail.length));
}
