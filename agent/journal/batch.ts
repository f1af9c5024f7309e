/**
 * A batch on its way between the vault and the journals: authored (sealed, signed, hashed) by its
 * device, verified by everybody, opened by readers. Pure; the keys come as arguments.
 */
import type { BatchHash, DeviceId, EpochId, VaultId } from '../../protocol/ids.ts';
import type { BatchBody, BatchHeader } from '../../protocol/messages/op.ts';

/** A batch whose form and signature have been checked against its author's certificate. */
export interface VerifiedBatch {
  readonly header: BatchHeader;
  readonly author: DeviceId;
  readonly hash: BatchHash;
  /** An encoded journal.Batch. */
  readonly bytes: Buffer;
  readonly headerBytes: Buffer;
  readonly sealed: Buffer;
  /** Its body was folded away: nobody can open it. */
  readonly isBare?: boolean;
}

/** A verified batch that a reader has opened. */
export interface OpenedBatch extends VerifiedBatch {
  readonly body: BatchBody;
}

/** What authoring needs to know about its author. */
export interface BatchAuthor {
  readonly vault: VaultId;
  readonly device: DeviceId;
  /** Signs with the device's Ed25519 key: 64 bytes. */
  sign(bytes: Uint8Array): Buffer;
}

/** opKey of an epoch, 32 bytes; undefined when this device does not have it. */
export type OpKeyLookup = (epoch: EpochId) => Uint8Array | undefined;
