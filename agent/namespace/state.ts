/**
 * The records of one tree and what is known of the batches that made them, with the few questions
 * that every rule asks: which node, which entry, has this operation come already.
 */
import { rootNodeId, type EntryId, type JournalId, type NodeId } from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import type { MoveLog } from './move-log.ts';
import { newDirectory, newEntry, newNode, type EntryRecord, type NodeRecord } from './records.ts';

export interface TreeState {
  readonly nodes: Map<NodeId, NodeRecord>;
  readonly entries: Map<EntryId, EntryRecord>;
  readonly root: NodeRecord;
  readonly moves: MoveLog;
  readonly totals: Totals;
  /** Whole batches applied, per journal. */
  readonly vector: Map<JournalId, number>;
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
  /** Grows with every change. */
  version: number;
  rejected: number;
}

/** Of what is listed; a file counts once for every version that is shown. */
export interface Totals {
  files: number;
  directories: number;
  symlinks: number;
  bytes: number;
}

export function nodeOf(state: TreeState, id: NodeId): NodeRecord {
  let node = state.nodes.get(id);
  if (node === undefined) {
    node = newNode(id);
    state.nodes.set(id, node);
  }
  return node;
}

/** An entry is named by its id and its node together. */
export function entryOf(state: TreeState, id: EntryId, node: NodeRecord): EntryRecord {
  const first = state.entries.get(id);
  for (let entry = first; entry !== undefined; entry = entry.twin) {
    if (entry.node === node) return entry;
  }
  const entry = newEntry(id, node);
  entry.twin = first;
  state.entries.set(id, entry);
  return entry;
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
  forgetHash(directory);
}

/** A directory without a hash has no ancestor with one, so the walk stops early. */
export function forgetHash(directory: NodeRecord): void {
  let at: NodeRecord | undefined = directory;
  while (at?.directory?.hash !== undefined) {
    at.directory.hash = undefined;
    at = at.directory.listed?.parent;
  }
}
