/**
 * Journals and chunks between the store and the peers: what everybody else has, what we lack, and
 * getting it. It verifies whatever arrives before the store sees it, and tells the vault above by
 * events only.
 */
import type { ChunkId, DeviceId, JournalId } from '../../protocol/ids.ts';
import type { NamedChunk } from '../../protocol/messages/op.ts';
import type { Membership } from '../members/membership.ts';
import type { VerifiedBatch } from '../journal/batch.ts';
import type { LentBytes } from '../ports.ts';
import type { Flow } from './flow.ts';
import type { DamagedChunks } from './lost-chunks.ts';

export interface ReplicationEvents {
  /** Verified and durable batches of other devices, in the order of their journals. */
  onBatches(batches: readonly VerifiedBatch[]): void;
  /** New statements were added and are durable. */
  onStatements(): void;
  /** A device has told everything that it had when it was asked. */
  onCaughtUp?(device: DeviceId): void;
  /** Bytes of wanted chunks that arrived, for progress and events. */
  onChunks(arrived: { device: DeviceId; chunks: number; bytes: number }): void;
  /** A device sent something wrong and was dropped. */
  onMisbehaviour(device: DeviceId, reason: string): void;
}

/** What replication asks of the members above it; `assemble` connects the two. */
export interface MembershipPort {
  current(): Membership;
  /** Signed statements, each after what it names. */
  statements(): readonly Uint8Array[];
  /**
   * Adds statements that a peer sent: verifies, stores, evaluates again. Returns how many were new.
   * @throws VaultError `peer-misbehaved` when one is forged or malformed
   */
  learn(signed: readonly Uint8Array[]): Promise<number>;
}

export interface Replication {
  /** Limits, and transfers that wait. */
  readonly flow: Flow;
  /** A batch of our own is durable: pass it on. */
  announce(): void;
  /**
   * The chunk, from here or from whoever has it. For readers, so in front of everything else. Others may read
   * the same memory.
   */
  fetch(
    id: ChunkId,
    options: { length: number; signal?: AbortSignal | undefined; timeoutMs: number },
  ): Promise<LentBytes>;
  /**
   * Chunks that come before others.
   * @param haste `read`: readers are about to need them, which goes before everything @default read
   */
  prefetch(chunks: readonly NamedChunk[], haste?: 'first' | 'read'): void;
  /**
   * Sealed bytes that each device lacks of what this one holds: of whole changes, as far as it has said
   * which of them it has. Devices that have said nothing since the start are left out.
   */
  lackedBytes(): Promise<ReadonlyMap<DeviceId, number>>;
  state(): ReplicationState;
  close(): Promise<void>;
}

export interface ReplicationState {
  /** Named by a journal here, not stored here. */
  readonly missingChunks: number;
  readonly missingBytes: number;
  /** Among them: those that were here and are damaged. */
  readonly damaged: DamagedChunks;
  /** Batches that a peer is known to have and we lack. */
  readonly behindOps: number;
  readonly transfers: readonly TransferRow[];
  /** Per device: journals applied there, and up to where it holds every chunk. */
  readonly holdings: ReadonlyMap<
    DeviceId,
    {
      applied: ReadonlyMap<JournalId, number>;
      complete: ReadonlyMap<JournalId, number>;
      freeBytes: number;
    }
  >;
}

export interface TransferRow {
  readonly device: DeviceId;
  readonly direction: 'in' | 'out';
  readonly chunksDone: number;
  readonly bytesDone: number;
  readonly bytesQueued: number;
  readonly bytesPerSecond: number;
}
