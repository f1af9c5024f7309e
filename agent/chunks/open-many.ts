/**
 * The job that opens whole chunks into one buffer. A chunk that does not open is reported and leaves
 * zeros; the others are not held up by it.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { HashFunction } from '../../protocol/hash.ts';
import { chunk } from '../../protocol/limits.ts';
import type { OpenFailure, OpenOutput, OpenRequest, WorkInput } from './jobs.ts';
import { openChunk } from './open.ts';
import { memoryOf } from './split-seal.ts';

/**
 * @param keyedHash given, each message is also checked against its pid
 * @throws VaultError `too-large` when a request asks for more than a chunk can hold
 */
export function runOpen(
  { requests, recycled }: WorkInput<'open'>,
  keyedHash: HashFunction | undefined,
): OpenOutput {
  const plain = memoryOf(plainBytesOf(requests), recycled);
  const failed: { index: number; reason: OpenFailure }[] = [];
  let offset = 0;
  for (const [index, request] of requests.entries()) {
    const target = Buffer.from(plain, offset, request.plainLength);
    offset += request.plainLength;
    const reason = openChunk(request, target, keyedHash);
    if (reason === undefined) continue;
    target.fill(0);
    failed.push({ index, reason });
  }
  return { plain, failed };
}

function plainBytesOf(requests: readonly OpenRequest[]): number {
  let bytes = 0;
  for (const { plainLength } of requests) {
    if (!Number.isInteger(plainLength) || plainLength < 0 || plainLength > chunk.plainBytesMax) {
      throw new VaultError('too-large', {
        op: 'chunks.open',
        detail: `${String(plainLength)} bytes in one chunk`,
      });
    }
    bytes += plainLength;
  }
  return bytes;
}
