/**
 * Reports about members and keys, in the manner of `reports.ts`: what the agent answers and what `--json`
 * prints unchanged.
 */
import type { Role, Timestamp } from './reports.ts';

/** Answer of `revoke` and `role`. */
export interface MemberChangeReport {
  readonly deviceId: string;
  readonly name: string;
  readonly role: Role;
  readonly state: 'active' | 'revoked';
  /** Of a revocation: `lost`, `replaced`, `left`, `misbehaved`, or null. */
  readonly reason: string | null;
  /** What counts of what the device wrote, journal by journal. */
  readonly journals: readonly CutJournal[];
  /** The epoch that was opened with the change; null: none had to be. */
  readonly epoch: string | null;
  /** The generation of the member key that was made with the change; null: none had to be. */
  readonly memberKeyGeneration: number | null;
}

export interface CutJournal {
  /** `DEVICE/INCARNATION`. */
  readonly journal: string;
  /** Number of the last batch that counts; 0: none does. */
  readonly counts: number;
  /** Batches that are kept here, and hidden. */
  readonly hidden: number;
}

/** Answer of `keys` and `keysRotate`. */
export interface KeysReport {
  /** The epoch that is written with. */
  readonly currentEpoch: string;
  readonly epochs: readonly EpochRow[];
  readonly memberKeys: readonly MemberKeyRow[];
  /** Seconds after which this device opens a new epoch; null: never, or it is not its business. */
  readonly rotateAfterS: number | null;
  /** When that will be. */
  readonly rotatesAt: Timestamp | null;
}

export interface EpochRow {
  readonly epoch: string;
  readonly current: boolean;
  /** Whether this device has its key. */
  readonly readable: boolean;
  /** Device that opened it; null: the owner's key. */
  readonly openedBy: string | null;
  /** When this device heard of it first; null for those that were there before it began to note that. */
  readonly since: Timestamp | null;
  readonly parents: readonly string[];
  /** Names of devices that it is sealed to and that may still read. */
  readonly readers: readonly string[];
  /** Names of devices that it is sealed to and that may not read any more. */
  readonly formerReaders: readonly string[];
}

export interface MemberKeyRow {
  readonly generation: number;
  readonly current: boolean;
  readonly readable: boolean;
  readonly devices: readonly string[];
  readonly formerDevices: readonly string[];
}

/** One row of the answer of `approvals`. */
export interface ApprovalRow {
  readonly deviceId: string;
  /** As the newcomer calls itself. */
  readonly name: string;
  readonly role: Role;
  /** Six words that both sides show. */
  readonly fingerprint: string;
  /** Where it came from. */
  readonly address: string;
  readonly since: Timestamp;
  /** Until when it may be approved. */
  readonly expires: Timestamp;
}

/** Answer of `approve`. */
export interface ApprovedReport extends ApprovalRow {
  readonly decision: 'approved' | 'rejected';
}

/** Answer of `recoverCheck` and `recoverRestore`. */
export interface RecoverReport {
  readonly vaultId: string;
  /** Whether the words are those of this vault. */
  readonly matches: boolean;
  /** Whether this device has the present owner's key. */
  readonly owner: boolean;
  /** Whether the present owner's key was used twice: proof that it was cloned. */
  readonly ownerFrozen: boolean;
  /** Whether this device became the owner now. */
  readonly restored: boolean;
  /** Devices that the owner before had admitted as admins and that still are. */
  readonly admins: readonly string[];
}
