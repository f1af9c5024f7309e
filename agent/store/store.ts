/**
 * The contract of everything durable: sealed chunks, journals and the membership log. Two
 * implementations pass one suite: `memory-store.ts` (also the simulator's naive twin) and
 * `disk-store.ts` (segments and journals over the Disk port, with a disposable Index).
 *
 * Order of writes, which no caller may weaken (agent/DESIGN.md, "Order of writes"): a chunk MUST be
 * durable before a batch that names it is appended; a batch MUST be durable before it is answered,
 * shown or sent. The store keeps bytes; it knows no keys and no peers.
 */
import type { BatchHash, ChunkId, JournalId } from '../../protocol/ids.ts';
import type { Index, LentBytes } from '../ports.ts';

export interface Store {
  readonly chunks: ChunkStore;
  readonly journals: JournalStore;
  readonly statements: StatementLog;
  /** Proofs that journals forked, one record each; in the order in which they came. */
  readonly forks: StatementLog;
  /** What recovery did and what is wrong now; for status, doctor and events. */
  report(): StoreReport;
  /**
   * Whether so many bytes may be written beside the store, on its disk; undefined: at once. Absent where
   * there is no disk. @throws VaultError `disk-full`
   */
  admit?(bytes: number): Promise<void> | undefined;
  /** Resolves when nothing is in flight and all files are closed. */
  close(): Promise<void>;
}

/** A store whose index has room for other layers: `indexSpace` gives each its own part. */
export interface IndexedStore extends Store {
  /** Open as long as the store. When `report().indexRebuilt` says so it began empty. */
  readonly index: Index;
}

export interface SealedChunk {
  readonly id: ChunkId;
  readonly body: Uint8Array;
}

export interface ReadOptions {
  readonly verify?: boolean;
}

/** What was new of the chunks that were to be written. */
export interface WrittenChunks {
  readonly chunks: number;
  readonly bytes: number;
  /** Which ones; the caller's own. */
  readonly fresh: Set<ChunkId>;
}

export interface ChunkStore {
  /** Whether the chunk is here and durable or about to be (written, not yet committed). */
  has(id: ChunkId): boolean;
  /** Sealed length of a chunk that is here. */
  lengthOf(id: ChunkId): number | undefined;
  /**
   * Accepts chunks; those that are here already cost nothing. The caller has checked that each id is
   * the BLAKE3 of its body. Durable only after `commit`. The bodies may be reused once this resolves.
   * @throws VaultError `disk-full` (nothing that was durable is lost), `io`
   */
  write(chunks: readonly SealedChunk[]): Promise<WrittenChunks>;
  /** Makes everything written before the call durable; concurrent callers share one sync. */
  commit(): Promise<void>;
  /**
   * The whole sealed body, checked against its id.
   * @param options.verify false leaves the check to the caller, who MUST make it @default true
   * @throws VaultError `chunk-missing`; `damaged` when the body does not match: the record is then
   * quarantined and the chunk counts as missing from there on
   */
  read(id: ChunkId, options?: ReadOptions): Promise<Buffer>;
  /** Like `read`, for many bodies that are used and forgotten: in memory that the caller gives back. */
  readLent(id: ChunkId, options?: ReadOptions): Promise<LentBytes>;
  /**
   * The bodies of many, unchecked, with one read for those that stand side by side; undefined in the place of
   * one that `readLent` is to be asked for, which also says what is wrong. Absent where reads cost nothing.
   */
  readManyLent?(ids: readonly ChunkId[]): Promise<readonly (LentBytes | undefined)[]>;
  /** Part of a sealed body, unchecked: for segments that carry their own tag. */
  readPart(id: ChunkId, offset: number, length: number): Promise<Buffer>;
  /**
   * The same at once, of a segment or less; undefined when `readPart` is to be asked, which also says what
   * is wrong. Absent where nothing is at hand.
   */
  readPartNow?(id: ChunkId, offset: number, length: number): Buffer | undefined;
  /** The caller found a body to be wrong that `read` gave unverified. */
  quarantine(id: ChunkId, reason: string): Promise<void>;
  /** Whether a copy of it that was here was found to be bad; a good one may have come since. */
  wasDamaged(id: ChunkId): boolean;
  /** Every chunk that is here, in no order. */
  list(): AsyncIterable<{ id: ChunkId; length: number }>;
  /**
   * Nobody needs these any more: they count as absent from now on. Their bytes stay, and can be read by
   * who is about it, until `collect`.
   * @returns how many were here
   */
  drop(ids: readonly ChunkId[]): { chunks: number; bytes: number };
  /** These are needed after all: they are here again, as far as their bytes are still there. */
  revive(ids: readonly ChunkId[]): Promise<void>;
  /**
   * One pass that gives space back: it copies what is not dead out of mostly dead files, and removes
   * the files that an earlier pass emptied.
   * @throws VaultError `damaged`, `io` when something that is not dead cannot be read; `disk-full`
   */
  collect(options: CollectOptions): Promise<CollectResult>;
}

export interface CollectOptions {
  /** Whether a chunk may go; asked again and again, and believed only for chunks that were dropped. */
  readonly isDead: (id: ChunkId) => boolean;
  /** Files are emptied from this part of dead bytes on: 0 to 1. */
  readonly deadFractionMin: number;
  /** Called between two steps of a few MiB. Whatever it throws ends the pass. */
  readonly pace: () => Promise<void>;
}

export interface CollectSmallOptions extends CollectOptions {
  /** The small records that may go. */
  readonly ids: readonly ChunkId[];
}

export interface SlimOptions {
  readonly journal: JournalId;
  readonly upTo: number;
  /** Another encoding of the same batch. */
  readonly slim: (bytes: Uint8Array) => Uint8Array;
  /** Called between two steps of a few MiB. Whatever it throws ends it. */
  readonly pace: () => Promise<void>;
}

export interface CollectResult {
  /** Of files that are gone. */
  readonly freedBytes: number;
  readonly copiedBytes: number;
  /** Files that the next pass can remove. */
  readonly segmentsLeft: number;
  /** Dead bytes that are still in files. */
  readonly deadBytes: number;
}

export interface SmallRecord {
  readonly id: ChunkId;
  readonly body: Uint8Array;
}

/** A batch as bytes, with what the store needs to file it. The caller has verified it. */
export interface StoredBatch {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly hash: BatchHash;
  readonly previous: BatchHash | undefined;
  /** An encoded journal.Batch. */
  readonly bytes: Uint8Array;
  /** Small sealed records that travel right before it. */
  readonly small: readonly SmallRecord[];
}

export interface JournalTip {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly hash: BatchHash;
}

export interface JournalStore {
  /** One tip a journal, in no order; branches are not among them. */
  tips(): readonly JournalTip[];
  /**
   * One tip a branch, in no order: stretches beside the journals that forked. A branch has a name of its
   * own (`isBranchName`) and may begin with any number; for everything else it is a journal.
   */
  branches(): readonly JournalTip[];
  tip(journal: JournalId): JournalTip | undefined;
  /**
   * Appends batches, each the next of its journal; durable when this resolves; concurrent callers
   * share one sync. A batch that is here already (same hash) is skipped.
   * @throws VaultError `conflict` when the sequence is taken by another hash (a fork) or leaves a gap
   */
  append(batches: readonly StoredBatch[]): Promise<void>;
  /** Batches of one journal after `afterSequence`, in order, checked against their records' CRC. */
  read(journal: JournalId, afterSequence: number): AsyncIterable<StoredBatch>;
  /** A small sealed record, checked against its id. @throws VaultError `chunk-missing`, `damaged` */
  readSmall(id: ChunkId): Promise<Buffer>;
  hasSmall(id: ChunkId): boolean;
  /** The same for many, in their order, away from the event loop. */
  haveSmall(ids: readonly ChunkId[]): Promise<readonly boolean[]>;
  /** Sealed length of a small record that is here. */
  smallLength(id: ChunkId): number | undefined;
  /** How many bytes `collectSmall` would find in files that are worth it. */
  smallWorth(options: Pick<CollectSmallOptions, 'ids' | 'deadFractionMin'>): number;
  /**
   * Gives the space of small records back that nobody needs: files of journals that hold enough of them
   * are written anew without. The batches stay, and `read` gives them without those records.
   * @throws VaultError `io`, `disk-full`: then nothing is lost
   */
  collectSmall(
    options: CollectSmallOptions,
  ): Promise<Pick<CollectResult, 'freedBytes' | 'copiedBytes'>>;
  /**
   * Writes the batches of a journal up to `upTo` anew as `slim` gives them; small records stay. Their hashes
   * are what they were: the caller vouches for it.
   * @returns bytes that the files have less
   * @throws VaultError `io`, `disk-full`: then nothing is lost
   */
  slim(options: SlimOptions): Promise<number>;
  /** Journals whose tail was cut or that hold an unreadable batch: their device opens a new incarnation. */
  damaged(): readonly JournalId[];
}

/**
 * The membership log as signed statements. Each comes after what it names, except where damage was
 * healed.
 */
export interface StatementLog {
  all(): readonly Uint8Array[];
  /** Durable when this resolves. */
  append(signed: readonly Uint8Array[]): Promise<void>;
}

export interface StoreReport {
  readonly segments: number;
  readonly chunks: number;
  readonly storedBytes: number;
  readonly journalBytes: number;
  /** Writes are refused at the moment, and why. */
  readonly full: boolean;
  readonly indexRebuilt: boolean;
  readonly events: readonly StoreEvent[];
}

/** Something that a person should hear of. */
export interface StoreEvent {
  readonly type:
    | 'tail-cut'
    | 'record-quarantined'
    | 'index-failed'
    | 'index-reopened'
    | 'index-rebuilt'
    | 'sync-failed'
    | 'full'
    | 'space-back';
  readonly file: string;
  readonly offset?: number | undefined;
  readonly bytes?: number | undefined;
  /** The chunk that is not here any more because of it. */
  readonly chunk?: { readonly id: ChunkId; readonly length: number } | undefined;
  readonly reason: string;
}

/** How news leaves the store: it calls nobody above it. */
export type StoreListener = (event: StoreEvent) => void;
