/**
 * What stands for folded batches, as the agent thinks of it: items in a fixed order, of which pages are
 * made (SPEC.md, "State pages"). `state-wire.ts` turns them into state.proto and back. Names are latin1
 * strings of bytes here, as in the tree.
 */
import type { BatchHash, EntryId, JournalId, NodeId } from '../ids.ts';
import type { Attributes, Content, FileTime, NodeKind, NoteOp, OpId, Seen, Stamp } from './op.ts';

export type StateItem =
  StateHead | StateJournal | StateCounters | StateSnapshot | StateDropped | StateNote | StateNode;

export interface StateHead {
  readonly type: 'head';
  /** Operations that broke a rule. */
  readonly rejected: number;
}

export interface StateJournal {
  readonly type: 'journal';
  readonly journal: JournalId;
  readonly sequence: number;
  /** undefined only in trees of tests. */
  readonly hash: BatchHash | undefined;
}

/** Of the next batches of a journal. */
export interface StateCounters {
  readonly type: 'counters';
  readonly journal: JournalId;
  /** What each claims, less the claim before, less 1. */
  readonly leaps: readonly number[];
  readonly lowered: readonly LoweredBatch[];
}

/** A batch whose Lamport counter is not what it claims, or may still change. */
export interface LoweredBatch {
  readonly sequence: number;
  readonly lamport: number;
  readonly seen: readonly Seen[];
}

export interface StateSnapshot {
  readonly type: 'snapshot';
  /** 32 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly vector: ReadonlyMap<JournalId, number>;
  readonly op: OpId;
  readonly stamp: Stamp;
}

export interface StateDropped {
  readonly type: 'dropped';
  readonly ids: readonly string[];
}

export interface StateNote {
  readonly type: 'note';
  readonly op: OpId;
  readonly stamp: Stamp;
  readonly note: NoteOp;
}

/** A node, or more of it: the fields before `ops` stand in its first item only. */
export interface StateNode {
  readonly type: 'node';
  readonly id: NodeId;
  readonly kind: NodeKind | 'void' | undefined;
  readonly isDirectory: boolean;
  readonly lineage: NodeId | undefined;
  readonly hasKin: boolean;
  readonly target: StateTarget | undefined;
  readonly ops: readonly StateOp[];
  readonly entries: readonly StateEntry[];
  readonly waiting: readonly StateWaiting[];
  readonly buried: readonly OpId[];
  readonly superseded: readonly OpId[];
  readonly covered: readonly OpId[];
  readonly outdated: readonly StateOutdated[];
}

export interface StateTarget {
  readonly value: Buffer;
  readonly by: OpId;
}

export interface StampedOp {
  readonly op: OpId;
  readonly stamp: Stamp;
}

/** An operation of which some register of the node still holds something. */
export interface StateOp extends StampedOp {
  readonly place: StatePlace | undefined;
  /** Keys that it still holds; undefined for none. */
  readonly attributes: Attributes | undefined;
  readonly content: Content | undefined;
  /** Of that version, where `attributes` does not hold the same. */
  readonly own: VersionAttributes | undefined;
  readonly isSign: boolean;
}

export interface VersionAttributes {
  readonly mode?: number | undefined;
  readonly mtime?: FileTime | undefined;
}

export interface StatePlace {
  /** undefined for directories. */
  readonly entry: EntryId | undefined;
  readonly parent: NodeId;
  readonly name: string;
  /** Of a directory: a move; else a Make. */
  readonly isMove: boolean;
}

export interface StateEntry {
  readonly id: EntryId;
  readonly deleted: StampedOp | undefined;
  readonly replaced: readonly OpId[];
}

export interface StateWaiting extends StampedOp {
  readonly place: StatePlace & { readonly entry: EntryId };
  readonly by: 'make' | 'link' | 'move';
  readonly replaces: readonly OpId[];
}

export interface StateOutdated {
  readonly op: OpId;
  readonly mode: boolean;
  readonly mtime: boolean;
  readonly xattrs: readonly string[];
}
