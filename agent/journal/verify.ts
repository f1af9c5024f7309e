/**
 * The door for batches that others wrote. `verifyBatch` is what every device can check, also one
 * without keys; `openBatch` is what readers do afterwards. Whether the author may write at all, and
 * up to which batch, is decided by the membership, not here.
 */
import { VaultError } from '../../protocol/errors.ts';
import { idFromBytes, splitJournalId, type DeviceId, type VaultId } from '../../protocol/ids.ts';
import {
  decodeBatch,
  decodeBatchBody,
  decodeBatchHeader,
} from '../../protocol/messages/batch-wire.ts';
import type { BatchBody } from '../../protocol/messages/op.ts';
import type { OpenedBatch, OpKeyLookup, VerifiedBatch } from './batch.ts';
import { openBody } from './seal-body.ts';
import { hashOfParts, signatureIsRight } from './signature.ts';

export interface BatchVerifier {
  readonly vault: VaultId;
  /** Ed25519 key (32 bytes) of a device that is or was a member; undefined for a stranger. */
  memberOf(device: DeviceId): Uint8Array | undefined;
}

/**
 * Checks form, limits, vault and signature of an encoded batch.
 * @throws VaultError `malformed` (also for a wrong signature), `too-large`, `protocol-version`,
 * `wrong-vault`, `not-member`
 */
export function verifyBatch(bytes: Uint8Array, verifier: BatchVerifier): VerifiedBatch {
  const parts = decodeBatch(bytes);
  const { vault, header } = decodeBatchHeader(parts.header);
  const { device } = splitJournalId(header.journal);
  if (vault !== verifier.vault) throw refused('wrong-vault', device, 'a batch of another vault');
  const signKey = verifier.memberOf(device);
  if (signKey === undefined) throw refused('not-member', device, 'it wrote a batch');
  const hash = hashOfParts(parts);
  if (!signatureIsRight(signKey, hash, parts.signature)) {
    throw refused('malformed', device, 'the signature of its batch is wrong');
  }
  return {
    header,
    author: device,
    hash: idFromBytes('batch', hash),
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    headerBytes: parts.header,
    sealed: parts.sealed,
    ...(parts.sealedHash !== undefined && { isBare: true }),
  };
}

const emptyBody: BatchBody = { stamp: { wallMs: 0, counter: 0 }, lamport: 0, seen: [], ops: [] };

/** A batch without operations, or one whose body nobody can read: it keeps the journal's count. */
export function withoutOps(batch: VerifiedBatch): OpenedBatch {
  return { ...batch, body: emptyBody };
}

/**
 * Opens the body of a verified batch.
 * @throws VaultError `chunk-missing` for a bare one; `no-key` when this device does not have the epoch;
 * `damaged` when the body does not open; `malformed` when its author sealed something that is no body
 * (apply `withoutOps` then: every reader comes to the same result)
 */
export function openBatch(batch: VerifiedBatch, opKeyOf: OpKeyLookup): OpenedBatch {
  if (batch.isBare === true) {
    const subject = `batch ${String(batch.header.sequence)} of journal ${batch.header.journal}`;
    throw new VaultError('chunk-missing', {
      op: 'journal.openBatch',
      subject,
      detail: 'it was folded away',
    });
  }
  if (batch.sealed.length === 0) return withoutOps(batch);
  const { header, author } = batch;
  const opKey = opKeyOf(header.epoch);
  if (opKey === undefined) {
    throw new VaultError('no-key', { op: 'journal.openBatch', subject: `epoch ${header.epoch}` });
  }
  const plain = openBody(
    { opKey, device: author, salt: header.salt },
    batch.headerBytes,
    batch.sealed,
  );
  return { ...batch, body: decodeBatchBody(plain, header) };
}

function refused(
  code: 'wrong-vault' | 'not-member' | 'malformed',
  device: DeviceId,
  detail: string,
): VaultError {
  return new VaultError(code, { op: 'journal.verifyBatch', subject: `device ${device}`, detail });
}
