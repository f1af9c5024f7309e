/**
 * Nodes to look for among all that left: 48 bits of each, as a number, because there may be a hundred
 * thousand of them and a wrong yes is found out by whoever reads the operation.
 */
import type { NodeId } from '../../protocol/ids.ts';
import type { NodeSet } from './history.types.ts';

const digits = 12;

export function nodeSetOf(nodes: Iterable<NodeId>): NodeSet & { readonly size: number } {
  const beginnings = new Set<number>();
  for (const node of nodes) beginnings.add(beginningOf(node));
  return {
    mayHave: (node) => beginnings.has(beginningOf(node)),
    get size() {
      return beginnings.size;
    },
  };
}

function beginningOf(node: NodeId): number {
  return Number.parseInt(node.slice(0, digits), 16);
}
