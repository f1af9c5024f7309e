/** Makes batches of this device: encodes, seals, signs and hashes. Everything random is given. */
import assert from 'node:assert/strict';
import { VaultError } from '../../protocol/errors.ts';
import { idFromBytes, splitJournalId } from '../../protocol/ids.ts';
import { journal } from '../../protocol/limits.ts';
import {
  encodeBatch,
  encodeBatchBody,
  encodeBatchHeader,
} from '../../protocol/messages/batch-wire.ts';
import type { BatchBody, BatchHeader } from '../../protocol/messages/op.ts';
import type { BatchAuthor, OpenedBatch } from './batch.ts';
import { sealBody } from './seal-body.ts';
import { hashOfBatch, signedBytes } from './signature.ts';

export interface NewBatch {
  readonly author: BatchAuthor;
  /** With the salt (32 fresh random bytes), and everything that the chain asks for. */
  readonly header: BatchHeader;
  readonly body: BatchBody;
  /** opKey of the header's epoch, 32 bytes. */
  readonly opKey: Uint8Array;
}

/**
 * A batch that is ready to be stored, applied and sent.
 * @throws VaultError `too-large` when it exceeds the bounds of a batch: the caller splits its ops
 */
export function authorBatch({ author, header, body, opKey }: NewBatch): OpenedBatch {
  const { device } = splitJournalId(header.journal);
  assert.equal(device, author.device, 'a device writes its own journals only');
  assert.equal(header.salt.length, 32);
  assert.equal(header.sequence === 1, header.previous === undefined);
  checkBounds(header, body);
  const headerBytes = encodeBatchHeader(author.vault, header);
  const sealed =
    body.ops.length === 0 && body.reissued === undefined
      ? Buffer.alloc(0)
      : sealBody({ opKey, device, salt: header.salt }, headerBytes, encodeBatchBody(body, header));
  const hash = hashOfBatch(headerBytes, sealed);
  const bytes = encodeBatch({
    header: headerBytes,
    sealed,
    signature: author.sign(signedBytes(hash)),
  });
  if (bytes.length > journal.batchBytesMax) throw tooLarge(`${String(bytes.length)} bytes`);
  return {
    header,
    author: device,
    hash: idFromBytes('batch', hash),
    bytes,
    headerBytes,
    sealed,
    body,
  };
}

function checkBounds(header: BatchHeader, body: BatchBody): void {
  const { chunksAdded, chunksReused, smallRecords, membershipHeads } = header;
  const ids = chunksAdded.length + chunksReused.length + smallRecords.length;
  if (ids > journal.idsPerBatchMax) throw tooLarge(`${String(ids)} chunk ids`);
  if (membershipHeads.length > journal.membershipHeadsMax) throw tooLarge('membership heads');
  if (body.ops.length > journal.opsPerBatchMax) throw tooLarge(`${String(body.ops.length)} ops`);
  if (body.seen.length > journal.seenMax)
    throw tooLarge(`${String(body.seen.length)} seen journals`);
}

function tooLarge(detail: string): VaultError {
  return new VaultError('too-large', { op: 'journal.authorBatch', subject: 'batch', detail });
}
