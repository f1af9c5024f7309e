/** What was saved of a tree, in a map, and everything that can be asked of a tree, as plain values. */
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import type { TreeOptions, JournaledTree } from '../../agent/namespace/tree.ts';
import { createTree } from '../../agent/namespace/tree.ts';
import type { EntryId, NodeId } from '../../protocol/ids.ts';

export class SavedTree {
  /** By the hex digits of the key. */
  readonly values = new Map<string, Buffer>();

  /** Writes what differs. */
  save(tree: JournaledTree, labels = ''): number {
    const values = tree.takeUnsaved(labels);
    for (const { key, value } of values) {
      if (value === undefined) this.values.delete(key.toString('hex'));
      else this.values.set(key.toString('hex'), Buffer.concat(value));
    }
    return values.length;
  }

  /** @throws RangeError when it is not whole */
  load(options: TreeOptions): JournaledTree {
    const tree = createTree(options);
    const loader = tree.load();
    for (const key of [...this.values.keys()].sort()) {
      loader.add(Buffer.from(key, 'hex'), Buffer.from(this.values.get(key)!));
    }
    loader.finish();
    return tree;
  }
}

/** Everything that the interface of a tree says about every node and entry that batches name. */
export function registersOf(tree: JournaledTree, batches: readonly OpenedBatch[]): unknown {
  const { nodes, pairs } = namedIn(batches);
  return {
    hash: tree.treeHash().toString('hex'),
    totals: tree.totals(),
    rejected: tree.rejected,
    vector: [...tree.vector()].sort(),
    lamport: tree.lamport(),
    stamp: tree.latestStamp(Date.UTC(2026, 10, 22)),
    snapshots: tree.snapshots(),
    notes: tree.notes(),
    nodes: nodes.map((id) => [
      id,
      tree.node(id),
      tree.pathOf(id),
      byName(tree.headsOf(id)),
      byName(tree.attributeOpsOf(id)),
      byName(tree.livenessOpsOf(id)),
      tree.isWanted(id),
      tree.versionsOf(id),
      tree.list(id),
      tree.mergedWith(id),
    ]),
    entries: pairs.map(([entry, node]) => [
      byName(tree.positionOpsOf(entry, node)),
      tree.isShownAgain(entry, node),
    ]),
  };
}

/** Registers that hold several operations hold them in the order of their arrival. */
function byName(ops: readonly unknown[]): string[] {
  return ops.map((op) => JSON.stringify(op)).sort();
}

function namedIn(batches: readonly OpenedBatch[]): {
  readonly nodes: readonly NodeId[];
  readonly pairs: readonly (readonly [EntryId, NodeId])[];
} {
  const nodes = new Set<NodeId>();
  const pairs = new Map<string, readonly [EntryId, NodeId]>();
  const pair = (entry: EntryId, node: NodeId): void => {
    pairs.set(entry + node, [entry, node]);
  };
  for (const op of batches.flatMap(({ body }) => body.ops)) {
    if ('node' in op) nodes.add(op.node);
    if ('parent' in op) nodes.add(op.parent);
    if ('entry' in op) pair(op.entry, op.node);
    if (!('over' in op) || op.over === undefined) continue;
    nodes.add(op.over.node);
    pair(op.over.entry, op.over.node);
  }
  return { nodes: [...nodes], pairs: [...pairs.values()] };
}
