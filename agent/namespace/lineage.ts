/**
 * Nodes that made way for each other have one history: an editor that writes a temporary file and
 * renames it over the old one goes on with the old one's history, and two devices that do so at once
 * have made two versions, not two strangers. Union-find with path halving; the root of a class is its
 * node of lowest id, so the class looks the same wherever it grew.
 */
import { rareOf, type NodeRecord } from './records.ts';

export function lineageOf(node: NodeRecord): NodeRecord {
  let at = node;
  for (;;) {
    const next = at.rare?.lineage;
    if (next === undefined) return at;
    const beyond = next.rare?.lineage;
    if (beyond !== undefined) rareOf(at).lineage = beyond;
    at = next;
  }
}

/**
 * Makes one class of two. True when both had several members already: then directories that neither
 * node is in may show their clashes in another way.
 */
export function joinLineages(a: NodeRecord, b: NodeRecord): boolean {
  const first = lineageOf(a);
  const second = lineageOf(b);
  if (first === second) return false;
  const bothHaveKin = first.rare?.hasKin === true && second.rare?.hasKin === true;
  const [lower, higher] = first.id < second.id ? [first, second] : [second, first];
  rareOf(higher).lineage = lower;
  rareOf(lower).hasKin = true;
  rareOf(higher).hasKin = true;
  return bothHaveKin;
}
