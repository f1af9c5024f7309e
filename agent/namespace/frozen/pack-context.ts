/**
 * What packed records say by number: journals, epochs, and the nodes that others stand in. The numbers
 * belong to one tree and are saved with it.
 */
import type { EpochId, JournalId } from '../../../protocol/ids.ts';
import type { NodeRecord } from '../records.ts';
import { Numbered } from './numbered.ts';

export class PackContext {
  journals = new Numbered<JournalId>();
  epochs = new Numbered<EpochId>();
  /** By ordinal; 0 is nobody's. A node that has one is never packed away. */
  readonly #parents: (NodeRecord | undefined)[] = [undefined];
  /** Nodes that have got an ordinal since somebody took this. */
  readonly newParents = new Set<NodeRecord>();

  ordinalOf(node: NodeRecord): number {
    if (node.ordinal === 0) {
      node.ordinal = this.#parents.length;
      this.#parents.push(node);
      this.newParents.add(node);
    }
    return node.ordinal;
  }

  /** @throws RangeError when there is no such node */
  nodeAt(ordinal: number): NodeRecord {
    const node = this.#parents[ordinal];
    if (node === undefined) throw new RangeError('an ordinal without a node');
    return node;
  }

  /** Puts back what was saved. @throws RangeError when two nodes have one ordinal */
  restoreParent(node: NodeRecord): void {
    if (this.#parents[node.ordinal] !== undefined) throw new RangeError('an ordinal of two nodes');
    this.#parents[node.ordinal] = node;
  }
}
