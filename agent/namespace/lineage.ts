/**
 * Nodes that made way for each other have one history: an editor that writes a temporary file and
 * renames it over the old one goes on with the old one's history, and two devices that do so at once
 * have made two versions, not two strangers. Union-find with path halving; the root of a class is its
 * node of lowest id, so the class looks the same wherever it grew.
 */
import type { NodeId } from '../../protocol/ids.ts';
import { rareOf, type NodeRecord } from './records.ts';
import { nodeOf, peekNode, type TreeState } from './state.ts';

/** The id that stands for the class of a node. */
export function lineageOf(state: TreeState, node: NodeRecord): NodeId {
  let at = node;
  for (;;) {
    const next = at.rare?.lineage;
    if (next === undefined) return at.id;
    const nextNode = peekNode(state, next);
    if (nextNode === undefined) return next;
    const beyond = nextNode.rare?.lineage;
    if (beyond !== undefined) rareOf(at).lineage = beyond;
    at = nextNode;
  }
}

/**
 * Makes one class of two. True when both had several members already: then directories that neither
 * node is in may show their clashes in another way.
 */
export function joinLineages(state: TreeState, a: NodeRecord, b: NodeRecord): boolean {
  const firstId = lineageOf(state, a);
  const secondId = lineageOf(state, b);
  if (firstId === secondId) return false;
  const first = nodeOf(state, firstId);
  const second = nodeOf(state, secondId);
  const bothHaveKin = first.rare?.hasKin === true && second.rare?.hasKin === true;
  const [lower, higher] = first.id < second.id ? [first, second] : [second, first];
  rareOf(higher).lineage = lower.id;
  rareOf(lower).hasKin = true;
  rareOf(higher).hasKin = true;
  return bothHaveKin;
}
