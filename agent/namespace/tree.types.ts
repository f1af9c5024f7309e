/**
 * The tree that the ops make: what the vault asks of it. State is a pure function of the set of
 * valid operations, whatever their order of arrival (protocol/SPEC.md, "Namespace"; DESIGN.md).
 */
import type { EntryId, JournalId, NodeId } from '../../protocol/ids.ts';
import type {
  Attributes,
  Content,
  FileTime,
  NodeKind,
  OpId,
  Replaced,
  Stamp,
} from '../../protocol/messages/op.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import type { NoteRef } from './notes.ts';
import type { Snapshot } from './snapshots.ts';

/** One row of a directory as a person sees it: conflicts, merges and suffixes already resolved. */
export interface EntryView {
  /** As shown: the real name, or one with a conflict suffix. */
  readonly name: Buffer;
  /** The entry behind it. For merged directories the one whose node has the lowest id. */
  readonly entry: EntryId;
  readonly parent: NodeId;
  readonly node: NodeView;
  /** For a file: the version shown under this name. */
  readonly version: VersionView | undefined;
  /** Shown under a suffix because of a conflict or a clash of names. */
  readonly conflict: boolean;
  /** The name that it asks for, where a conflict name is shown in its place. */
  readonly wanted?: Buffer | undefined;
}

export interface NodeView {
  readonly id: NodeId;
  readonly kind: NodeKind;
  readonly mode: number;
  readonly mtime: FileTime;
  readonly xattrs: ReadonlyMap<string, Buffer>;
  /** Symlinks. */
  readonly target: Buffer | undefined;
  /** How many live entries name it. */
  readonly links: number;
}

export interface VersionView {
  readonly op: OpId;
  readonly stamp: Stamp;
  readonly content: Content;
  readonly mtime: FileTime;
  readonly mode: number;
}

/** Where a node is, or was when it went. */
export interface Placement {
  readonly entry: EntryId;
  readonly parent: NodeId;
  /** The name that it asks for. */
  readonly name: Buffer;
  /** Whether it is listed there now. */
  readonly isListed: boolean;
  /** When it came there, by the stamp of the operation. */
  readonly sinceMs: number;
}

/** What one batch changed, so that listeners can look again. */
export interface TreeChange {
  /** Directories whose listing may differ. */
  readonly directories: ReadonlySet<NodeId>;
  /** Nodes whose content or attributes may differ. */
  readonly nodes: ReadonlySet<NodeId>;
}

export interface Tree {
  /**
   * Takes in a verified and opened batch. Batches of one journal come in order; journals may come in
   * any order. Ops that break a rule have no effect, and `rejected` counts them.
   */
  apply(batch: OpenedBatch): TreeChange;
  /** The same for several; what they do to the tree is settled once. */
  applyAll(batches: readonly OpenedBatch[]): TreeChange;

  /** The entry at a path of names; undefined when there is none. The root is `root()`. */
  resolve(path: readonly Buffer[]): EntryView | undefined;
  /** The entry of a name in a directory; undefined when there is none, or no such directory. */
  child(directory: NodeId, name: Buffer): EntryView | undefined;
  root(): NodeView;
  /** Rows of a directory, by bytes of the name. `undefined` when the node is no live directory. */
  list(directory: NodeId): readonly EntryView[] | undefined;
  node(id: NodeId): NodeView | undefined;
  /** One for each entry that ever had a place, whether it lives or not. */
  placesOf(node: NodeId): readonly Placement[];
  /** Path of a node by its first live entry; undefined when it is not reachable. */
  pathOf(node: NodeId): readonly Buffer[] | undefined;

  /** Counted over live entries. */
  totals(): { files: number; directories: number; symlinks: number; bytes: number };
  /** 32 bytes that are equal exactly when two trees show the same: names, kinds, attributes, content, conflicts. */
  treeHash(): Buffer;
  /** Every content reference that is live (current versions and conflict heads). */
  contents(): Iterable<{ node: NodeId; content: Content }>;

  /** What an op of ours has to name so that it counts as later than what we see. */
  headsOf(node: NodeId): readonly OpId[];
  positionOpsOf(entry: EntryId, node: NodeId): readonly OpId[];
  /** With `keys` only those that hold one of these keys. */
  attributeOpsOf(node: NodeId, keys?: Attributes): readonly OpId[];
  livenessOpsOf(directory: NodeId): readonly OpId[];
  replacedBy(view: EntryView): Replaced;
  /** Concurrent versions of a file, the one that keeps the name first. */
  versionsOf(node: NodeId): readonly VersionView[];
  /** All heads, also those that a deletion has seen: what would be shown if the file came back. */
  everyHeadOf(node: NodeId): readonly VersionView[];
  /** A head and those of the very same content, which share its row: what an op on the row names. */
  versionsLike(node: NodeId, head: OpId): readonly OpId[];
  /** Directories that are shown as one with this one, itself included, lowest id first. */
  mergedWith(directory: NodeId): readonly { readonly node: NodeId; readonly entry: EntryId }[];
  /** Whether a directory lives by itself; one that does not goes with the last thing in it. */
  isWanted(directory: NodeId): boolean;
  /** Whether an entry was deleted and is shown for the sake of an edit that the deletion did not see. */
  isShownAgain(entry: EntryId, node: NodeId): boolean;

  /** Those that were taken and not dropped, the oldest first. */
  snapshots(): readonly Snapshot[];
  /** Those that count, the oldest first. */
  notes(): readonly NoteRef[];

  /** Applied so far, per journal. */
  vector(): ReadonlyMap<JournalId, number>;
  /** Greatest lamport of all applied batches. */
  lamport(): number;
  /** Greatest stamp that the clock may adopt, given its own time. */
  latestStamp(nowMs: number): Stamp;
  readonly rejected: number;
}

export type { Attributes };
