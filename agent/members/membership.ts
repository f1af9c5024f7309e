/**
 * Who belongs to the vault, as a pure function of the set of statements (protocol/SPEC.md, "Members").
 */
import type {
  ChunkId,
  DeviceId,
  EpochId,
  JournalId,
  StatementId,
  TicketId,
  VaultId,
  BatchHash,
} from '../../protocol/ids.ts';
import type { Cutoff, Fold, RevokeReason } from '../../protocol/messages/statement.ts';
import type { BranchChoices } from './choices.ts';

export const capabilities = { store: 1, receive: 2, write: 4, admin: 8 } as const;

export type Role = 'blind' | 'reader' | 'writer' | 'admin';

export const roleCapabilities = {
  blind: capabilities.store,
  reader: capabilities.store | capabilities.receive,
  writer: capabilities.store | capabilities.receive | capabilities.write,
  admin: capabilities.store | capabilities.receive | capabilities.write | capabilities.admin,
} as const satisfies Record<Role, number>;

export interface Member {
  readonly device: DeviceId;
  /** 32 bytes, Ed25519. */
  readonly signKey: Buffer;
  /** 32 bytes, X25519. */
  readonly noiseKey: Buffer;
  readonly capabilities: number;
  readonly role: Role;
  /** Sealed under memberKey; open with `openLabel`. */
  readonly sealedLabel: Buffer;
  readonly quotaBytes: number;
  readonly grant: StatementId;
  /** False once revoked. Its batches up to the cut-off still count. */
  readonly active: boolean;
}

/** Whether what it writes from now on counts. */
export function mayWrite({ active, capabilities: bits }: Member): boolean {
  return active && (bits & capabilities.write) !== 0;
}

export interface Membership {
  readonly vault: VaultId;
  /** 32 bytes, Ed25519. */
  readonly owner: Buffer;
  /** In the order in which the log first names them: the device that made the vault comes first. */
  readonly members: ReadonlyMap<DeviceId, Member>;
  /** Statements that no other statement names: what a new statement or batch refers to. */
  readonly heads: readonly StatementId[];
  readonly currentEpoch: EpochId;
  readonly ticketsUsed: ReadonlySet<TicketId>;
  /** Issuers with two statements of one sequence number: proof of a cloned key. */
  readonly frozenIssuers: readonly string[];
  /** What still counts of each device that was sent away, or may not write any more. */
  readonly cutoffs: ReadonlyMap<DeviceId, DeviceCutoff>;
  /** Branches of forked journals that were named. */
  readonly choices: BranchChoices;
  /** Chunks that may go, as owner and admins said. */
  readonly releases: readonly CountedRelease[];
  /** Up to where old history is to be folded, as owner and admins said last; undefined: nobody did. */
  readonly checkpoint: CountedCheckpoint | undefined;
  /** What is folded: no revocation, choice or fork changes anything below it; undefined: nothing is. */
  readonly fold: CountedFold | undefined;
  /** All that count: devices may begin at earlier ones still. */
  readonly folds: readonly CountedFold[];
}

/** A place in a journal, and the batch that stands there. */
export interface HashedPlace {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly hash: BatchHash;
}

/** A checkpoint that counts. */
export interface CountedCheckpoint {
  readonly id: StatementId;
  /** Batches beyond it are not folded. */
  readonly vector: readonly HashedPlace[];
  /** The same without the hashes. */
  readonly places: ReadonlyMap<JournalId, number>;
  /** 32 bytes: what the batches up to the vector amount to. */
  readonly stateRoot: Buffer;
  /** Whether it leaves journals out: this version agrees to no such. */
  readonly leavesOut: boolean;
}

/** A checkpoint that all have agreed to, and where the state is that stands for what goes. */
export interface CountedFold extends CountedCheckpoint, Fold {}

/** A release of chunks and small records that counts. */
export interface CountedRelease {
  readonly id: StatementId;
  readonly chunks: readonly ChunkId[];
  /** Batches beyond it are not covered. */
  readonly vector: readonly HashedPlace[];
}

/** Where a revocation, or a grant without the right to write, drew the line. */
export interface DeviceCutoff {
  readonly statement: StatementId;
  readonly reason: RevokeReason | undefined;
  /** The last batch that counts of each journal; of a journal that is not here, none does. */
  readonly lastBatches: readonly Cutoff[];
}

/** What `currentEpoch` is in a log that opens none: no key belongs to it. */
export const noEpoch = '0'.repeat(64) as EpochId;

/** Secrets that this device could open. */
export interface Keyring {
  /** Newest first: 32 bytes each. For prefaces and labels. */
  readonly memberKeys: readonly Buffer[];
  /** undefined on a blind device. */
  readonly vault: VaultKeys | undefined;
  epoch(id: EpochId): EpochKeys | undefined;
}

/** They live as long as the vault. 32 bytes each. */
export interface VaultKeys {
  readonly dedupKey: Buffer;
  readonly gearKey: Buffer;
}

/** 32 bytes each. */
export interface EpochKeys {
  readonly id: EpochId;
  readonly chunkKey: Buffer;
  readonly opKey: Buffer;
}

/** The devices whose acknowledgement a release or a checkpoint waits for. */
export function writersOf({ members }: Membership): readonly DeviceId[] {
  return [...members.values()].filter(mayWrite).map(({ device }) => device);
}
