/**
 * The records of one tree and what is known of the batches that made them, with the few questions
 * that every rule asks: which node, which entry, has this operation come already. Rules that change a
 * node take it with `nodeOf`; whoever only looks takes it with `peekNode`, and changes nothing.
 */
import {
  rootNodeId,
  type BatchHash,
  type EntryId,
  type JournalId,
  type NodeId,
} from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import type { FrozenNodes } from './frozen/frozen-nodes.ts';
import type { MoveLog } from './move-log.ts';
import type { NoteRegister } from './notes.ts';
import { valuesOf, withValue } from './one-or-many.ts';
import type { SnapshotRegister } from './snapshots.ts';
import { newDirectory, newEntry, newNode, type EntryRecord, type NodeRecord } from './records.ts';

export interface TreeState {
  /** Nodes that do not rest: directories, and the few that are not simple (`resting.ts`). */
  readonly nodes: Map<NodeId, NodeRecord>;
  /** All others. */
  readonly frozen: FrozenNodes;
  /** Nodes that were taken to be changed, until the tree has settled. */
  readonly touched: Set<NodeRecord>;
  /** Nodes that do not rest and differ from what was saved of them. */
  readonly unsaved: Set<NodeRecord>;
  readonly root: NodeRecord;
  readonly moves: MoveLog;
  readonly snapshots: SnapshotRegister;
  readonly notes: NoteRegister;
  readonly totals: Totals;
  /** Whole batches applied, per journal. */
  readonly vector: Map<JournalId, number>;
  /** The last of them. */
  readonly lastBatches: Map<JournalId, BatchHash>;
  /** The operation that is being applied. */
  now: OpId;
  /** Nodes of files and symlinks whose listing is taken back until `settle`. */
  readonly unsettled: Set<NodeRecord>;
  /** Directories whose signs of life changed. */
  readonly stirred: Set<NodeRecord>;
  readonly changedDirectories: Set<NodeId>;
  readonly changedNodes: Set<NodeId>;
  /** Every hash has to be computed again. */
  forgetsHashes: boolean;
  /** Grows when any directory may show something else than before. */
  epoch: number;
  rejected: number;
}

/** Of what is listed; a file counts once for every version that is shown. */
export interface Totals {
  files: number;
  directories: number;
  symlinks: number;
  bytes: number;
}

/** A node, to be changed. One that nobody has named before is made. */
export function nodeOf(state: TreeState, id: NodeId): NodeRecord {
  let node = state.nodes.get(id);
  if (node === undefined) {
    node = thawNode(state, id) ?? newNode(id);
    state.nodes.set(id, node);
  }
  state.touched.add(node);
  return node;
}

/** A node to look at; undefined when nobody has named it. */
export function peekNode(state: TreeState, id: NodeId): NodeRecord | undefined {
  return state.nodes.get(id) ?? state.frozen.peek(id);
}

/** What rests under a name wakes up: something else may want the name. */
export function thawName(state: TreeState, directory: NodeRecord, name: string): void {
  const id = state.frozen.idAtName(directory, name);
  if (id !== undefined) nodeOf(state, id);
}

/** An entry is named by its id and its node together. */
export function entryOf(state: TreeState, node: NodeRecord, id: EntryId): EntryRecord {
  const known = valuesOf(node.entries).find((entry) => entry.id === id);
  if (known !== undefined) return known;
  const entry = newEntry(id, node);
  node.entries = withValue(node.entries, entry);
  // A directory shows the lowest of its entries.
  touchDirectory(state, node.directory?.listed?.parent);
  return entry;
}

function thawNode(state: TreeState, id: NodeId): NodeRecord | undefined {
  const node = state.frozen.thaw(id);
  for (const entry of valuesOf(node?.entries)) {
    const { parent, name } = entry.listed ?? {};
    if (parent?.directory === undefined || name === undefined) continue;
    const files = (parent.directory.files ??= new Map());
    files.set(name, withValue(files.get(name), entry));
  }
  return node;
}

/** Whether the operation has been applied before the one that is being applied now. */
export function hasCome(state: TreeState, op: OpId): boolean {
  const { now } = state;
  if (op.journal === now.journal && op.sequence === now.sequence) return op.index < now.index;
  return op.sequence <= (state.vector.get(op.journal) ?? 0);
}

export function newRoot(): NodeRecord {
  const root = newNode(rootNodeId);
  root.kind = 'directory';
  root.directory = newDirectory();
  return root;
}

/** What a directory shows has changed: hashes are computed again from here to the root. */
export function touchDirectory(state: TreeState, directory: NodeRecord | undefined): void {
  if (directory === undefined) return;
  state.changedDirectories.add(directory.id);
  if (directory.directory !== undefined) directory.directory.version += 1;
  forgetHash(state, directory);
}

/** A directory without a hash has no ancestor with one, so the walk stops early. */
export function forgetHash(state: TreeState, directory: NodeRecord): void {
  let at: NodeRecord | undefined = directory;
  while (at?.directory?.hash !== undefined) {
    at.directory.hash = undefined;
    state.unsaved.add(at);
    at = at.directory.listed?.parent;
  }
}

/** Those that rest, too; of them records that nobody may change. */
export function* allNodes(state: TreeState): Generator<NodeRecord> {
  yield* state.nodes.values();
  yield* state.frozen.all();
}
