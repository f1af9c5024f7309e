/**
 * Statements of the membership log as the agent thinks of them; `statement-wire.ts` turns them into
 * members.proto and back and is the only place that does. What each kind means, and when it counts,
 * is in SPEC.md, "Members".
 */
import type {
  BatchHash,
  ChunkId,
  DeviceId,
  EpochId,
  IncarnationId,
  StatementId,
  TicketId,
  VaultId,
} from '../ids.ts';
import type { NamedChunk } from './op.ts';

/** What is hashed and signed of a statement stands behind this name. */
export const statementDomain = 'peervault/1/statement';

/** What an issuer says; `statement-wire.ts` makes the bytes that are signed. */
export interface StatementContent {
  /** undefined in the genesis, whose id is the vault's id. */
  readonly vault: VaultId | undefined;
  /** Ed25519 public key, 64 hex digits: the owner, the recovery key or a device. */
  readonly issuer: string;
  /** Of this issuer, from 1, no gaps. */
  readonly sequence: number;
  /** The issuer's statement before; undefined when `sequence` is 1. */
  readonly previous: StatementId | undefined;
  /** The newest statements of others that the issuer had seen. */
  readonly heads: readonly StatementId[];
  readonly kind: StatementKind;
}

export interface Statement extends StatementContent {
  readonly id: StatementId;
}

/** A statement with the bytes that prove it. */
export interface SignedStatement {
  readonly statement: Statement;
  /** The exact bytes under the id and the signature. */
  readonly body: Buffer;
  /** 64 bytes. */
  readonly signature: Buffer;
  /** body and signature as they travel and rest. */
  readonly bytes: Buffer;
}

export type StatementKind =
  | Genesis
  | Grant
  | Revoke
  | Epoch
  | MemberKey
  | Recover
  | ChooseBranch
  | Checkpoint
  | Release
  | PlacementMap
  /** Made by a newer version: kept and passed on, without effect here. */
  | { readonly type: 'unknown' };

export interface Genesis {
  readonly type: 'genesis';
  /** 32 bytes, Ed25519. */
  readonly owner: Buffer;
  /** 32 bytes, Ed25519, from the recovery words. */
  readonly recoverySign: Buffer;
  /** 32 bytes, X25519, from the recovery words. */
  readonly recoverySeal: Buffer;
  /** 32 bytes. */
  readonly salt: Buffer;
  readonly chunking: Chunking;
}

export interface Chunking {
  /** 1: keyed gear, FastCDC level 2. */
  readonly chunker: number;
  readonly minBytes: number;
  readonly averageBytes: number;
  readonly maxBytes: number;
}

export interface Certificate {
  readonly device: DeviceId;
  /** 32 bytes, Ed25519. */
  readonly signKey: Buffer;
  /** 32 bytes, X25519. */
  readonly noiseKey: Buffer;
  readonly capabilities: number;
  /** 0: no limit. */
  readonly quotaBytes: number;
  readonly sealedLabel: Buffer;
}

export interface Grant {
  readonly type: 'grant';
  readonly certificate: Certificate;
  /** Absent where a MemberKey statement is sealed to the device already. */
  readonly memberKey: SealedKey | undefined;
  readonly epochs: readonly SealedKey[];
  readonly ticket: TicketId | undefined;
  /** Of a device that may not write any more: per journal, up to where what it wrote still counts. */
  readonly lastBatches: readonly Cutoff[];
}

export interface SealedKey {
  /** The statement that made the key; undefined: the one that holds this. */
  readonly subject: StatementId | undefined;
  /** undefined: the recovery key. */
  readonly recipient: DeviceId | undefined;
  /** 32 bytes. */
  readonly encapsulated: Buffer;
  readonly ciphertext: Buffer;
}

export interface Revoke {
  readonly type: 'revoke';
  readonly device: DeviceId;
  /** Per journal of the device; a journal that is not listed does not count at all. */
  readonly lastBatches: readonly Cutoff[];
  /** The device's last statement that counts; undefined: none does. */
  readonly lastStatement: StatementId | undefined;
  readonly reason: RevokeReason | undefined;
}

export const revokeReasons = { lost: 1, replaced: 2, left: 3, misbehaved: 4 } as const;
export type RevokeReason = keyof typeof revokeReasons;

export interface Cutoff {
  readonly incarnation: IncarnationId;
  readonly sequence: number;
  readonly hash: BatchHash;
}

export interface Epoch {
  readonly type: 'epoch';
  readonly parents: readonly EpochId[];
  readonly sealed: readonly SealedKey[];
  readonly wrappedParents: readonly WrappedSecret[];
  /** 32 bytes. */
  readonly nonce: Buffer;
}

export interface WrappedSecret {
  readonly epoch: EpochId;
  /** 12 bytes. */
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
}

export interface MemberKey {
  readonly type: 'member-key';
  /** From 1. */
  readonly generation: number;
  readonly sealed: readonly SealedKey[];
  /** Earlier generations, for devices that join later: labels are sealed under them. */
  readonly wrappedPrevious: readonly WrappedMemberKey[];
}

/** The key of an earlier generation, sealed under a later one. */
export interface WrappedMemberKey {
  /** The statement that made it. */
  readonly statement: StatementId;
  /** 12 bytes. */
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
}

export interface Recover {
  readonly type: 'recover';
  /** 32 bytes, Ed25519: the new owner. */
  readonly owner: Buffer;
  /** 32 bytes: the owner that it takes the place of. */
  readonly replaces: Buffer;
  /** The old owner's last statement that counts; undefined: only the genesis. */
  readonly lastStatement: StatementId | undefined;
}

export interface ChooseBranch extends Cutoff {
  readonly type: 'choose-branch';
  readonly device: DeviceId;
}

export interface Checkpoint {
  readonly type: 'checkpoint';
  readonly vector: readonly JournalPosition[];
  /** 32 bytes. */
  readonly stateRoot: Buffer;
  readonly excluded: readonly JournalPosition[];
  /** Bodies of these batches may go: all have agreed to a checkpoint of this vector and root. */
  readonly fold?: Fold;
}

/** Where the state is that stands for folded batches. */
export interface Fold {
  /** Sealed pages of the state, in order: chunks. */
  readonly pages: readonly NamedChunk[];
  /** Whose operation key seals them. */
  readonly epoch: EpochId;
}

export interface JournalPosition extends Cutoff {
  readonly device: DeviceId;
}

export interface Release {
  readonly type: 'release';
  readonly chunks: readonly ChunkId[];
  readonly vector: readonly JournalPosition[];
}

export interface PlacementMap {
  readonly type: 'placement-map';
  readonly generation: number;
  readonly placements: readonly Placement[];
}

export interface Placement {
  readonly device: DeviceId;
  readonly weight: number;
  /** Devices of one domain fail together. */
  readonly domain: number;
}
