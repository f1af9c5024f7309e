/** Checks of what callers ask for: both stores refuse the same requests with the same words. */
import { VaultError } from '../../protocol/errors.ts';
import { chunk as limits } from '../../protocol/limits.ts';
import type { SealedChunk } from './store.ts';

/** @throws VaultError `too-large` when no chunk is that long */
export function checkChunkSize({ id, body }: SealedChunk): void {
  if (body.length <= limits.sealedBytesMax) return;
  const detail = `${String(body.length)} bytes`;
  throw new VaultError('too-large', { op: 'chunks.write', subject: id, detail });
}

/**
 * Checks that `length` bytes from `offset` lie within `total` bytes.
 * @throws VaultError `malformed` when they do not
 */
export function sliceOf(
  whole: { readonly op: string; readonly subject: string; readonly total: number },
  offset: number,
  length: number,
): void {
  const fine =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset + length <= whole.total;
  if (fine) return;
  throw new VaultError('malformed', {
    op: whole.op,
    subject: whole.subject,
    detail: `${String(length)} bytes from ${String(offset)} of ${String(whole.total)}`,
  });
}
