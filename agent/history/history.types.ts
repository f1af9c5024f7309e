/**
 * The past of every node: which operations made it what it is. The tree keeps only what holds now;
 * this keeps what held before, from the same journals, in the index that can be thrown away.
 */
import type { BatchHash, DeviceId, JournalId, NodeId } from '../../protocol/ids.ts';
import type { Op, OpId, Stamp } from '../../protocol/messages/op.ts';
import type { OpenedBatch } from '../journal/batch.ts';

/** One operation, with what its batch says about it. */
export interface Change {
  readonly op: OpId;
  readonly author: DeviceId;
  readonly stamp: Stamp;
  readonly body: Op;
  /** The state of what was folded says so: of what led there nothing is known. `gone`: it was deleted there. */
  readonly folded?: 'here' | 'gone';
}

export interface History {
  /** Takes in batches that are durable and in the tree. One that is known changes nothing. */
  observe(batches: readonly OpenedBatch[]): void;
  /** Everything that was done to a node and to its entries, by stamp, oldest first. */
  changesOf(node: NodeId): Promise<readonly Change[]>;
  /** One operation by its name; undefined when no journal here has it. */
  change(op: OpId): Promise<Change | undefined>;
  /** Removals and renames that took an entry out of this directory, by stamp, oldest first. */
  departuresFrom(directory: NodeId): Promise<readonly Change[]>;
  /** Nodes that made way for this one or one of those, itself first: they have one history. */
  lineageOf(node: NodeId): Promise<readonly NodeId[]>;
}

/** What is known of before the journals begin, where old history was folded. */
export interface FoldedHistory {
  /** Where a node was and the versions that it had. */
  changesOf(node: NodeId): Promise<readonly Change[]>;
  /** What was in a directory. */
  arrivalsIn(directory: NodeId): Promise<readonly Note[]>;
  change(op: OpId): Promise<Change | undefined>;
}

/** An operation as the index knows it: its name, when it was said, and the node that it is about. */
export interface Note {
  readonly op: OpId;
  readonly wallMs: number;
  readonly node: NodeId;
}

/** `replace`: its name went to another node. */
export type DepartureKind = 'unlink' | 'remove-directory' | 'move' | 'replace';

export interface DepartureNote extends Note {
  readonly kind: DepartureKind;
}

/** What lists and searches ask: notes first, and the operations themselves only of what is shown. */
export interface Chronicle extends History {
  /** What brought entries into a directory, by time, oldest first: the latest `notesMax` of them. */
  arrivalsIn(directory: NodeId): Promise<readonly Note[]>;
  /** All that took a name from one of `nodes`, by time, oldest first. */
  departuresOf(nodes: NodeSet): AsyncIterable<DepartureNote>;
  /** All that took a name from anything in the vault, by time, oldest first. */
  departures(): AsyncIterable<DepartureNote>;
}

/** A set that may say yes to a node that is not in it: what is found has to be looked at. */
export interface NodeSet {
  mayHave(node: NodeId): boolean;
}

export interface JournalEnd {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly hash: BatchHash;
}

/** The journals, opened. */
export interface BatchSource {
  /** How far each journal goes here. */
  tips(): readonly JournalEnd[];
  /** The last batch of a journal that was folded away: what is read begins behind it. */
  beginningOf?(journal: JournalId): Omit<JournalEnd, 'journal'> | undefined;
  /** Batches after a number, in order; it ends before the first one that cannot be opened yet. */
  read(journal: JournalId, afterSequence: number): AsyncIterable<OpenedBatch>;
}
