/**
 * What the tree remembers, as plain mutable records that only this folder touches. There may be a
 * million of each, so a record holds pointers and small numbers, shares what can be shared, and puts
 * what few nodes need behind one pointer (`rare`). Names are latin1 strings: one byte a character,
 * compared and sorted as bytes.
 */
import type { EntryId, JournalId, NodeId } from '../../protocol/ids.ts';
import type { Attributes, Content, NodeKind, OpId } from '../../protocol/messages/op.ts';
import type { PageList } from './frozen/page.ts';
import type { OneOrMany } from './one-or-many.ts';

/** An operation that some register still holds. One Make is one record in four registers. */
export interface OpRecord {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly index: number;
  readonly wallMs: number;
  readonly counter: number;
  /** Of operations that give a position. */
  readonly parent: NodeRecord | undefined;
  readonly name: string;
  readonly attributes: Attributes;
  readonly content: Content | undefined;
}

export interface NodeRecord {
  readonly id: NodeId;
  /** undefined before its Make is known; `void` when two Makes disagree: then it is never shown. */
  kind: NodeKind | 'void' | undefined;
  /** Attribute operations that still hold a key; a record here may hold fewer keys than its op. */
  attributes: OneOrMany<OpRecord>;
  /** Versions that no other version supersedes. */
  heads: OneOrMany<OpRecord>;
  /** Signs of life that nothing covers; only directories live by them. */
  signs: OneOrMany<OpRecord>;
  entries: OneOrMany<EntryRecord>;
  /** What packed records call it that stand in it; 0 while none does. */
  ordinal: number;
  /** Present as soon as a Make says that it is a directory. */
  directory: DirectoryPart | undefined;
  rare: NodeRare | undefined;
}

export interface DirectoryPart {
  /** Positions that Makes give; one, but for ops that were issued again. */
  makes: OneOrMany<OpRecord>;
  /** Moves of this directory that are in the log; only a count, to know whether there are any. */
  moves: number;
  /** Where it is, whether or not it is alive. */
  place: OpRecord | undefined;
  /** Lowest id of a cycle of Makes: stands below the root instead. */
  broken: boolean;
  /** The position under which its parent lists it; undefined when it is not listed. */
  listed: OpRecord | undefined;
  /** Live entries and live directories that are placed in it. */
  liveChildren: number;
  /** Those that do not rest; `pages` has the others. */
  files: Map<string, OneOrMany<EntryRecord>> | undefined;
  /** Files that rest here, each alone under its name (`frozen/frozen-nodes.ts`). */
  pages: PageList | undefined;
  folders: Map<string, OneOrMany<NodeRecord>> | undefined;
  /** Hash of what it shows; undefined when it has to be computed again. */
  hash: Buffer | undefined;
  /** Labels of devices were among what was hashed. */
  showsLabels: boolean;
  /** Grows with every change of what it shows. */
  version: number;
}

export interface EntryRecord {
  readonly id: EntryId;
  readonly node: NodeRecord;
  /** Position operations that no other one replaces, of files and symlinks. */
  positions: OneOrMany<OpRecord>;
  /** The position under which its parent lists it; undefined when it is not listed. */
  listed: OpRecord | undefined;
  /** Its latest tombstone. */
  deleted: OpRecord | undefined;
  /** Names of position operations that have not come yet and are replaced already. */
  replaced: Set<string> | undefined;
}

/** A position operation that waits until the kind of its node, or its parent, is known. */
export interface WaitingPosition {
  readonly entry: EntryRecord;
  readonly record: OpRecord;
  readonly replaces: readonly OpId[];
  readonly order: BatchOrder;
  readonly by: 'make' | 'link' | 'move';
}

export interface NodeRare {
  /** Positions of this node that came before its Make. */
  early: WaitingPosition[] | undefined;
  /** Positions below this node that came before it was known to be a directory. */
  waiting: WaitingPosition[] | undefined;
  /** Names in tombstones: heads that a deletion saw. */
  buried: Set<string> | undefined;
  /** Names of heads that have not come yet and are superseded already. */
  superseded: Set<string> | undefined;
  /** Names of signs that have not come yet and are covered already. */
  covered: Set<string> | undefined;
  /** Names of attribute operations that have not come yet, with what replaces them. */
  outdated: Map<string, Attributes[]> | undefined;
  /** Of a symlink, with the Make that says so. */
  target: { readonly value: Buffer; readonly by: OpRecord } | undefined;
  /** Union-find over "made way for": nodes with one history. */
  lineage: NodeId | undefined;
  /** Others point here with `lineage`. */
  hasKin: boolean;
  /** Positions that wait elsewhere and point to this very record. */
  pins: number;
}

/** Order of a batch among all; `lamport` may be lowered when what the batch has seen becomes known. */
export interface BatchOrder {
  readonly journal: JournalId;
  readonly sequence: number;
  lamport: number;
}

export function newNode(id: NodeId): NodeRecord {
  return {
    id,
    kind: undefined,
    attributes: undefined,
    heads: undefined,
    signs: undefined,
    entries: undefined,
    ordinal: 0,
    directory: undefined,
    rare: undefined,
  };
}

export function newDirectory(): DirectoryPart {
  return {
    makes: undefined,
    moves: 0,
    place: undefined,
    broken: false,
    listed: undefined,
    liveChildren: 0,
    files: undefined,
    pages: undefined,
    folders: undefined,
    hash: undefined,
    showsLabels: false,
    version: 0,
  };
}

export function newEntry(id: EntryId, node: NodeRecord): EntryRecord {
  return {
    id,
    node,
    positions: undefined,
    listed: undefined,
    deleted: undefined,
    replaced: undefined,
  };
}

export function rareOf(node: NodeRecord): NodeRare {
  node.rare ??= {
    early: undefined,
    waiting: undefined,
    buried: undefined,
    superseded: undefined,
    covered: undefined,
    outdated: undefined,
    target: undefined,
    lineage: undefined,
    hasKin: false,
    pins: 0,
  };
  return node.rare;
}

/** Later stamp is greater; the operation's name decides between equal ones. */
export function compareStamps(a: OpRecord, b: OpRecord): number {
  return a.wallMs - b.wallMs || a.counter - b.counter || compareOps(a, b);
}

/** By journal, sequence and index. */
export function compareOps(a: OpId, b: OpId): number {
  if (a.journal !== b.journal) return a.journal < b.journal ? -1 : 1;
  return a.sequence - b.sequence || a.index - b.index;
}

export function isSameOp(a: OpId, b: OpId): boolean {
  return a.index === b.index && a.sequence === b.sequence && a.journal === b.journal;
}

/** The name of an operation as a key of sets. */
export function opKey(op: OpId): string {
  return `${op.journal}/${String(op.sequence)}/${String(op.index)}`;
}

/** The name of an operation as the outside knows it. */
export function opIdOf(record: OpRecord): OpId {
  return { journal: record.journal, sequence: record.sequence, index: record.index };
}

export function isNamed(op: OpId, names: readonly OpId[]): boolean {
  for (const name of names) if (isSameOp(op, name)) return true;
  return false;
}
