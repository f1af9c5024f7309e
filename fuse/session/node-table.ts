/**
 * The numbers that the kernel knows nodes by, and how often it was told each: what it forgets is counted
 * down exactly. A number is made of the node's id and a small count, one for each version of it that the
 * kernel knows at a time, so that an agent that is started anew finds the node again.
 */
import { rootNodeId } from '../protocol/constants.ts';
import type { Inode } from '../operations/inode.ts';

const versionStep = 2 ** 49;
const versionsMax = 16;

interface Known {
  readonly inode: Inode;
  lookups: number;
}

export class NodeTable {
  readonly #byNode = new Map<number, Known>();
  readonly #byInode = new Map<Inode, number>();

  constructor(root: Inode) {
    this.#byNode.set(rootNodeId, { inode: root, lookups: 1 });
    this.#byInode.set(root, rootNodeId);
    root.isKnown = true;
  }

  get size(): number {
    return this.#byNode.size;
  }

  inode(node: number): Inode | undefined {
    return this.#byNode.get(node)?.inode;
  }

  /** The number of an inode that the kernel knows. */
  nodeOf(inode: Inode): number | undefined {
    return this.#byInode.get(inode);
  }

  /** The kernel is told about the inode once more. undefined: too many versions are known at a time. */
  remember(inode: Inode): number | undefined {
    const node = this.#byInode.get(inode) ?? this.#free(inode);
    if (node === undefined) return undefined;
    const known = this.#byNode.get(node);
    if (known === undefined) this.#add(node, inode, 1);
    else known.lookups += 1;
    return node;
  }

  /** After a restart: the kernel knows this number, how often nobody knows any more. */
  revive(node: number, inode: Inode): void {
    if (!this.#byNode.has(node)) this.#add(node, inode, Infinity);
  }

  /** @returns the inode that the kernel does not know any more after that */
  forget(node: number, count: number): Inode | undefined {
    const known = this.#byNode.get(node);
    if (known === undefined || node === rootNodeId) return undefined;
    known.lookups -= count;
    // Of a revived one the count is not known; it goes at the first word about it.
    if (known.lookups > 0 && known.lookups !== Infinity) return undefined;
    this.#byNode.delete(node);
    if (this.#byInode.get(known.inode) === node) this.#byInode.delete(known.inode);
    return known.inode;
  }

  *inodes(): Generator<Inode> {
    for (const { inode } of this.#byNode.values()) yield inode;
  }

  #add(node: number, inode: Inode, lookups: number): void {
    this.#byNode.set(node, { inode, lookups });
    this.#byInode.set(inode, node);
    inode.isKnown = true;
  }

  #free(inode: Inode): number | undefined {
    for (let count = 0; count < versionsMax; count += 1) {
      const node = inode.number + count * versionStep;
      if (!this.#byNode.has(node) && node !== rootNodeId) return node;
    }
    return undefined;
  }
}

/** The number of the inode behind a number of the kernel. */
export function inodeNumberOf(node: number): number {
  return node % versionStep;
}
