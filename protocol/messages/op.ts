/**
 * Operations as the agent thinks of them. `op-wire.ts` turns them into journal.proto and back and is
 * the only place that does. The meaning of each is in SPEC.md, "Namespace".
 */
import type {
  BatchHash,
  ChunkId,
  DeviceId,
  EntryId,
  EpochId,
  JournalId,
  NodeId,
  PlainId,
  StatementId,
} from '../ids.ts';

export type NodeKind = 'file' | 'directory' | 'symlink';

/** Names one operation for ever: the `index`-th of a batch. */
export interface OpId {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly index: number;
}

/** Hybrid logical clock; compared as (wallMs, counter), then the operation's id. */
export interface Stamp {
  readonly wallMs: number;
  readonly counter: number;
}

export type Op =
  | MakeOp
  | WriteOp
  | SetAttributesOp
  | LinkOp
  | MoveOp
  | UnlinkOp
  | RemoveDirectoryOp
  | TakeSnapshotOp
  | DropSnapshotOp
  | NoteOp
  /** Made by a newer version: kept, counted, without effect here. */
  | { readonly type: 'unknown' };

export interface MakeOp {
  readonly type: 'make';
  readonly node: NodeId;
  readonly kind: NodeKind;
  readonly entry: EntryId;
  readonly parent: NodeId;
  readonly name: Buffer;
  readonly attributes: Attributes;
  /** Of a file; absent for the others. */
  readonly content?: Content | undefined;
  /** Of a symlink. */
  readonly target?: Buffer | undefined;
  readonly over?: Replaced | undefined;
}

export interface WriteOp {
  readonly type: 'write';
  readonly node: NodeId;
  readonly supersedes: readonly OpId[];
  readonly content: Content;
  readonly attributes: Attributes;
  readonly replaces: readonly OpId[];
}

export interface SetAttributesOp {
  readonly type: 'set-attributes';
  readonly node: NodeId;
  readonly replaces: readonly OpId[];
  readonly attributes: Attributes;
}

export interface LinkOp {
  readonly type: 'link';
  readonly entry: EntryId;
  readonly parent: NodeId;
  readonly name: Buffer;
  readonly node: NodeId;
  readonly over?: Replaced | undefined;
}

export interface MoveOp {
  readonly type: 'move';
  readonly entry: EntryId;
  readonly node: NodeId;
  readonly parent: NodeId;
  readonly name: Buffer;
  readonly replaces: readonly OpId[];
  readonly over?: Replaced | undefined;
}

export interface UnlinkOp {
  readonly type: 'unlink';
  readonly entry: EntryId;
  readonly node: NodeId;
  readonly heads: readonly OpId[];
}

export interface RemoveDirectoryOp {
  readonly type: 'remove-directory';
  readonly node: NodeId;
  readonly replaces: readonly OpId[];
}

export interface TakeSnapshotOp {
  readonly type: 'take-snapshot';
  readonly id: string;
  readonly name: string;
  readonly vector: readonly Seen[];
}

export interface DropSnapshotOp {
  readonly type: 'drop-snapshot';
  readonly id: string;
}

/** A short message: open to all readers, with `text`; or sealed, with `to`. */
export interface NoteOp {
  readonly type: 'note';
  /** 32 hex digits. */
  readonly id: string;
  /** What an open one is pinned to. */
  readonly about?: NodeId | undefined;
  readonly text?: string | undefined;
  readonly to?: DeviceId | undefined;
  /** To `to` and to the author; empty when it is open. */
  readonly sealed: readonly NoteSealing[];
}

/** The text of a note for one device. */
export interface NoteSealing {
  readonly recipient: DeviceId;
  /** 32 bytes: the ephemeral public key. */
  readonly encapsulated: Buffer;
  readonly ciphertext: Buffer;
}

/** The entry that had the name before. */
export interface Replaced {
  readonly entry: EntryId;
  readonly node: NodeId;
  readonly heads: readonly OpId[];
}

export interface Attributes {
  /** Permission bits, 0..0o7777. */
  readonly mode?: number | undefined;
  readonly mtime?: FileTime | undefined;
  /** value undefined: removed. Name is latin1 of its bytes. */
  readonly xattrs?: ReadonlyMap<string, Buffer | undefined> | undefined;
}

export interface FileTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export type Content =
  | { readonly type: 'empty' }
  | { readonly type: 'small'; readonly size: number; readonly small: SmallRef }
  | { readonly type: 'chunk'; readonly size: number; readonly chunk: ChunkRef }
  | { readonly type: 'manifest'; readonly size: number; readonly manifest: ChunkRef };

export interface SmallRef {
  readonly record: ChunkId;
  /** 32 bytes. */
  readonly salt: Buffer;
  /** 32 bytes: BLAKE3 of salt and content behind the domain name. */
  readonly hash: Buffer;
  readonly epoch: EpochId;
}

export interface ChunkRef {
  readonly cid: ChunkId;
  readonly pid: PlainId;
  readonly epoch: EpochId;
  readonly format: number;
  readonly plainLength: number;
  readonly sealedLength: number;
}

/** How far a journal has been seen. */
export interface Seen {
  readonly journal: JournalId;
  readonly sequence: number;
}

/** A chunk that a batch names, with its sealed length, so that a receiver knows before it asks. */
export interface NamedChunk {
  readonly id: ChunkId;
  readonly length: number;
}

/** What every device can read of a batch. */
export interface BatchHeader {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly previous: BatchHash | undefined;
  readonly membershipHeads: readonly string[];
  readonly epoch: EpochId;
  /** 32 bytes. */
  readonly salt: Buffer;
  readonly chunksAdded: readonly NamedChunk[];
  readonly chunksReused: readonly NamedChunk[];
  readonly smallRecords: readonly NamedChunk[];
  /** Releases: what the author needs of their chunks, it has named in batches up to this one. */
  readonly acknowledges?: readonly StatementId[] | undefined;
}

/** What holders of the epoch can read. */
export interface BatchBody {
  /** Of operation 0; operation i has counter + i. */
  readonly stamp: Stamp;
  readonly lamport: number;
  readonly seen: readonly Seen[];
  readonly ops: readonly Op[];
  /** What these operations say again. */
  readonly reissued?: readonly Reissued[];
}

/** Operations of a batch that its own device says again, because that batch may not count. */
export interface Reissued {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly hash: BatchHash;
  /** The first of its operations, and how many. */
  readonly first: number;
  readonly count: number;
  /** Where what stands for them begins. */
  readonly at: number;
}
