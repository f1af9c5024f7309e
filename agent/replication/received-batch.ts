/**
 * One batch as a peer sent it: what can be said about it without knowing any other batch. Form,
 * signature, the small records that travel with it, and whether its author may write.
 */
import { blake3 } from '../../protocol/hash.ts';
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import { idFromBytes, splitJournalId, type DeviceId, type JournalId } from '../../protocol/ids.ts';
import { journal as journalLimits } from '../../protocol/limits.ts';
import type { VerifiedBatch } from '../journal/batch.ts';
import { verifyBatch } from '../journal/verify.ts';
import { capabilities, type Membership } from '../members/membership.ts';
import type { SmallRecord, StoredBatch } from '../store/store.ts';

export interface ReceivedBatch {
  readonly from: DeviceId;
  readonly small: readonly Buffer[];
  readonly bytes: Buffer;
}

/** A received batch that may be appended when it is the next of its journal. */
export interface AdmittedBatch {
  readonly from: DeviceId;
  readonly verified: VerifiedBatch;
  /** Some of those that the header names: who sent it may have dropped or lost the others. */
  readonly small: readonly SmallRecord[];
}

/** What becomes of a received batch by itself. */
export type Admission =
  | { readonly type: 'admitted'; readonly batch: AdmittedBatch }
  /** The author is nobody yet; statements on their way may change that. */
  | { readonly type: 'unknown-author' }
  /** Nobody's fault, but it does not enter: see `reason`. */
  | { readonly type: 'refused'; readonly reason: string };

/**
 * Checks one batch.
 * @throws VaultError `peer-misbehaved` when the sender cannot have got it from an honest device
 */
export function admitBatch(received: ReceivedBatch, membership: Membership): Admission {
  const verified = verify(received, membership);
  if ('type' in verified) return verified;
  const refusal = whyMayNotWrite(verified, membership);
  if (refusal !== undefined) return { type: 'refused', reason: refusal };
  const small = matchSmallRecords(received, verified);
  return { type: 'admitted', batch: { from: received.from, verified, small } };
}

/** The batch in the form in which the store files it, on one of the lines of its journal. */
export function toStoredBatch({ verified, small }: AdmittedBatch, line: JournalId): StoredBatch {
  const { header, hash, bytes } = verified;
  const { sequence, previous } = header;
  return { journal: line, sequence, hash, previous, bytes, small };
}

function verify(
  received: ReceivedBatch,
  membership: Membership,
): VerifiedBatch | Exclude<Admission, { type: 'admitted' }> {
  if (received.bytes.length > journalLimits.batchBytesMax) throw misbehaved('a batch too large');
  try {
    return verifyBatch(received.bytes, {
      vault: membership.vault,
      memberOf: (device) => membership.members.get(device)?.signKey,
    });
  } catch (error) {
    if (isVaultError(error, 'not-member')) return { type: 'unknown-author' };
    if (isVaultError(error, 'protocol-version')) {
      return { type: 'refused', reason: 'it was written by a newer version' };
    }
    if (isVaultError(error)) throw misbehaved(error.detail ?? error.message, error);
    throw error;
  }
}

function whyMayNotWrite(batch: VerifiedBatch, membership: Membership): string | undefined {
  if (!membership.members.has(batch.author)) return 'its author is not a member';
  const { journal, sequence } = batch.header;
  const isFolded = sequence <= (membership.fold?.places.get(journal) ?? 0);
  if (isFolded) return undefined;
  if (batch.isBare === true) return 'its body is gone, and no fold that counts says so';
  return mayHaveWritten(batch.author, membership) ? undefined : 'its author may not write';
}

/** Whether batches of this device are taken in at all. */
export function mayHaveWritten(author: DeviceId, { members, cutoffs }: Membership): boolean {
  // What a device wrote beyond the line that was drawn for it is kept: the line may be moved.
  if (((members.get(author)?.capabilities ?? 0) & capabilities.write) !== 0) return true;
  return members.has(author) && (cutoffs.get(author)?.lastBatches.length ?? 0) > 0;
}

/** Those of the records that the header names that came, in any order: others were released, or lost. */
function matchSmallRecords(received: ReceivedBatch, verified: VerifiedBatch): SmallRecord[] {
  const named = new Map(verified.header.smallRecords.map(({ id, length }) => [id, length]));
  const records = received.small.map((body) => ({ id: idFromBytes('chunk', blake3(body)), body }));
  for (const { id, body } of records) {
    if (named.get(id) !== body.length) {
      const { device } = splitJournalId(verified.header.journal);
      throw misbehaved(`a small record that the batch of ${device} does not name`);
    }
  }
  return [...new Map(records.map((record) => [record.id, record])).values()];
}

function misbehaved(detail: string, cause?: unknown): VaultError {
  return new VaultError('peer-misbehaved', {
    op: 'replication.admitBatch',
    detail: `sent ${detail}`,
    cause,
  });
}
