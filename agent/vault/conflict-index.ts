/**
 * Which directories show something in conflict. The whole tree is walked once, at the first question,
 * in short slices; after that only directories that changed are looked at, and only when somebody
 * asks. Nothing of it is saved, so nothing of it can be wrong.
 */
import type { NodeId } from '../../protocol/ids.ts';
import type { EntryView, Tree, TreeChange } from '../namespace/tree.types.ts';
import type { Clock } from '../ports.ts';

/** So long the event loop may be held. */
const sliceMs = 2;
/** A glance may take this part of the time. */
const glanceShare = 1 / 50;
/** Of a larger tree nobody is made to wait for a first walk; `vault conflicts` begins it. */
const glanceEntriesMax = 100_000;

export class ConflictIndex {
  readonly #clock: Clock;
  /** The tree that was walked, or is being walked. */
  #tree: Tree | undefined;
  /** Each with all that are shown as one with it. */
  readonly #directories = new Map<NodeId, readonly NodeId[]>();
  /** Directories to look at; true: with all that is below them. */
  readonly #waiting = new Map<NodeId, boolean>();
  /** Directories whose own row may show something else. */
  readonly #stirred = new Set<NodeId>();
  #looking: Promise<void> = Promise.resolve();
  /** The tree that was walked to its end. */
  #walked: Tree | undefined;
  #glancing: Promise<void> | undefined;
  #glanceAtMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Hears of every change of the tree. Before the first question there is nothing to remember. */
  note({ directories, nodes }: TreeChange): void {
    const tree = this.#tree;
    if (tree === undefined) return;
    for (const directory of directories) this.#want(directory, false);
    for (const node of nodes) if (tree.node(node)?.kind === 'directory') this.#stirred.add(node);
  }

  /**
   * Directories that show something in conflict, each by the lowest id of those that it merges.
   * A first question about a large tree takes as long as listing all of it.
   */
  async directories(tree: Tree): Promise<readonly NodeId[]> {
    // One look at a time; one that failed is no reason not to look again.
    this.#looking = this.#looking.catch(() => undefined).then(() => this.#lookAtAll(tree));
    await this.#looking;
    return [...this.#directories.keys()];
  }

  /**
   * For those who ask again and again: looks at what has changed, unless that has just been done, and takes
   * no more than a small part of the time. It never fails.
   */
  glance(tree: Tree): Promise<void> {
    if (this.#glancing !== undefined) return this.#glancing;
    const startMs = this.#clock.monotonicMs();
    if (startMs < this.#glanceAtMs || !this.#isCheap(tree)) return Promise.resolve();
    const rest = () => {
      const nowMs = this.#clock.monotonicMs();
      this.#glanceAtMs = nowMs + (nowMs - startMs) / glanceShare;
      this.#glancing = undefined;
    };
    this.#glancing = this.directories(tree).then(rest, rest);
    return this.#glancing;
  }

  /** What the latest look has found; undefined: the whole tree was not looked at yet. */
  known(tree: Tree): readonly NodeId[] | undefined {
    return this.#walked === tree ? [...this.#directories.keys()] : undefined;
  }

  #isCheap(tree: Tree): boolean {
    if (this.#walked === tree) return true;
    const { files, directories, symlinks } = tree.totals();
    return files + directories + symlinks <= glanceEntriesMax;
  }

  async #lookAtAll(tree: Tree): Promise<void> {
    if (this.#tree !== tree) this.#beginAnew(tree);
    // A directory may have left or joined others of its name without a change of what is in it.
    for (const member of [...this.#directories.values()].flat()) this.#want(member, false);
    for (const directory of this.#stirred) this.#wantParent(tree, directory);
    this.#stirred.clear();
    let startMs = this.#clock.monotonicMs();
    for (const [directory, whole] of this.#waiting) {
      this.#waiting.delete(directory);
      this.#look(tree, directory, whole);
      if (this.#clock.monotonicMs() - startMs < sliceMs) continue;
      await new Promise<void>((resolve) => void this.#clock.after(0, resolve));
      startMs = this.#clock.monotonicMs();
    }
    this.#walked = tree;
  }

  #beginAnew(tree: Tree): void {
    this.#tree = tree;
    this.#directories.clear();
    this.#waiting.clear();
    this.#stirred.clear();
    this.#want(tree.root().id, true);
  }

  #want(directory: NodeId, whole: boolean): void {
    this.#waiting.set(directory, whole || this.#waiting.get(directory) === true);
  }

  #wantParent(tree: Tree, directory: NodeId): void {
    const above = tree.pathOf(directory)?.slice(0, -1);
    if (above === undefined) return;
    const parent = above.length === 0 ? tree.root() : tree.resolve(above)?.node;
    if (parent !== undefined) this.#want(parent.id, false);
  }

  #look(tree: Tree, directory: NodeId, whole: boolean): void {
    this.#directories.delete(directory);
    // The root merges with nothing, and what is gone lists nothing.
    const members = tree.mergedWith(directory).map(({ node }) => node);
    const lowest = members[0] ?? directory;
    let holds = false;
    for (const row of tree.list(lowest) ?? []) {
      holds ||= isInConflict(tree, row);
      if (row.node.kind !== 'directory') continue;
      // Where directories merge, what is in them clashes without a change of theirs.
      if (whole || tree.mergedWith(row.node.id).length > 1) this.#want(row.node.id, whole);
    }
    if (holds) this.#directories.set(lowest, members.length === 0 ? [lowest] : members);
    else this.#directories.delete(lowest);
  }
}

/** Whether a person may want to look at this row and decide. */
export function isInConflict(tree: Tree, row: EntryView): boolean {
  if (row.conflict) return true;
  if (row.node.kind !== 'directory') return tree.isShownAgain(row.entry, row.node.id);
  return !tree.mergedWith(row.node.id).some(({ node }) => tree.isWanted(node));
}
