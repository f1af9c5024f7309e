/**
 * Keeps the tree at exactly the batches that count. When more of them do, they are applied; when some
 * that are in it do not count any more, it is made anew, all at once. One look at a time: whoever asks
 * while one runs gets another one after it.
 */
import type { OpKeyLookup, VerifiedBatch } from '../journal/batch.ts';
import type { JournaledTree } from '../namespace/tree.ts';
import type { CountingJournals } from './counting-journals.ts';
import { applyBatches, loadTree } from './load-tree.ts';

export interface CountingTreeParts {
  readonly tree: JournaledTree;
  readonly counting: CountingJournals;
  readonly opKeyOf: OpKeyLookup;
  /** Makes the tree anew out of what `fill` applies. */
  readonly rebuildTree: (fill: (tree: JournaledTree) => Promise<unknown>) => Promise<void>;
  /** Whether a tree lacks what the journals do not say any more, and it is here. @default never */
  readonly lacksBase?: (tree: JournaledTree) => boolean;
  /** After every look. */
  readonly onSettled: (rebuilt: boolean) => void;
  readonly onTrouble: (error: unknown) => void;
}

export class CountingTree {
  readonly #parts: CountingTreeParts;
  #running: Promise<void> | undefined;
  #isAsked = false;

  constructor(parts: CountingTreeParts) {
    this.#parts = parts;
  }

  /** Batches came that are durable now, of any branch. */
  took(batches: readonly VerifiedBatch[]): void {
    const { tree, counting, opKeyOf } = this.#parts;
    const plain = batches.filter(({ header }) => counting.countsWhole(header.journal));
    applyBatches(tree, plain, opKeyOf);
    if (plain.length < batches.length) void this.refresh();
  }

  /** What counts may have changed. Resolves when the tree is right. Never rejects. */
  refresh(): Promise<void> {
    this.#isAsked = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isAsked) {
      this.#isAsked = false;
      try {
        this.#parts.onSettled(await this.#look());
      } catch (error) {
        this.#parts.onTrouble(error);
      }
    }
  }

  async #look(): Promise<boolean> {
    const { tree, counting, opKeyOf } = this.#parts;
    await counting.refresh();
    const isWrong = (this.#parts.lacksBase?.(tree) ?? false) || (await this.#holdsOthers());
    if (isWrong) {
      await this.#parts.rebuildTree((anew) => loadTree(anew, counting, opKeyOf));
    }
    await loadTree(tree, counting, opKeyOf);
    return isWrong;
  }

  /** Whether a batch is in the tree that does not count. */
  async #holdsOthers(): Promise<boolean> {
    const { tree, counting } = this.#parts;
    for (const [journal, sequence] of tree.vector()) {
      // One that has become doubtful since the last look is looked at by the next.
      if (counting.prefixOf(journal) === undefined) continue;
      const counts = await counting.hashAt(journal, sequence);
      if (counts === undefined || counts !== tree.lastBatch(journal)) return true;
    }
    return false;
  }
}
