/**
 * The state of an empty tree, and how it comes to rest after operations were registered: what changed
 * is listed where it belongs now, once for all operations that came together.
 */
import type { JournalId } from '../../protocol/ids.ts';
import { FrozenNodes, type FrozenOptions } from './frozen/frozen-nodes.ts';
import type { PackContext } from './frozen/pack-context.ts';
import { settleDirectory, settleNode, unlistDirectory } from './listing.ts';
import { MoveLog } from './move-log.ts';
import { NoteRegister } from './notes.ts';
import type { NodeRecord } from './records.ts';
import { SnapshotRegister } from './snapshots.ts';
import { newRoot, type TreeState } from './state.ts';

/** An empty tree. */
export function newState(context: PackContext, { pageNodesMax, seed }: FrozenOptions): TreeState {
  const root = newRoot();
  return {
    nodes: new Map([[root.id, root]]),
    frozen: new FrozenNodes(context, { pageNodesMax, seed }),
    touched: new Set(),
    unsaved: new Set([root]),
    root,
    moves: new MoveLog(root),
    snapshots: new SnapshotRegister(),
    notes: new NoteRegister(),
    totals: { files: 0, directories: 0, symlinks: 0, bytes: 0 },
    vector: new Map(),
    lastBatches: new Map(),
    now: { journal: '' as JournalId, sequence: 0, index: 0 },
    unsettled: new Set(),
    stirred: new Set(),
    changedDirectories: new Set(),
    changedNodes: new Set(),
    forgetsHashes: false,
    epoch: 0,
    rejected: 0,
  };
}

/** Lists everything that changed where it belongs now: directories first, then what is in them. */
export function settle(state: TreeState): void {
  settleMoved(state);
  for (const node of state.unsettled) settleNode(state, node);
  for (const node of state.stirred) settleDirectory(state, node);
  state.unsettled.clear();
  state.stirred.clear();
  if (state.forgetsHashes) forgetHashes(state);
  state.forgetsHashes = false;
}

function settleMoved(state: TreeState): void {
  const moved = state.moves.settle();
  const parents = new Set<NodeRecord>();
  // All leave before any arrives, so that the index never holds a circle.
  for (const node of moved.keys()) {
    const parent = node.directory?.listed?.parent;
    if (parent === undefined) continue;
    parents.add(parent);
    unlistDirectory(state, node);
  }
  for (const node of moved.keys()) {
    settleDirectory(state, node);
    state.changedNodes.add(node.id);
  }
  for (const node of parents) settleDirectory(state, node);
}

function forgetHashes(state: TreeState): void {
  state.epoch += 1;
  for (const node of state.nodes.values()) {
    if (node.directory?.hash === undefined) continue;
    node.directory.hash = undefined;
    state.unsaved.add(node);
  }
}
