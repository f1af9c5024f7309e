/**
 * What of a tree has to be written so that what is saved is the tree as it is now: only what differs
 * from the save before. Images and pages say in which save they were written, and the head knows the
 * sum of all, so that a save of which a part is missing, or came back older than the rest, is not
 * believed.
 */
import type { NodeId } from '../../protocol/ids.ts';
import { ByteSink } from './frozen/byte-sink.ts';
import { packOp } from './frozen/op-codec.ts';
import type { PackContext } from './frozen/pack-context.ts';
import type { Page } from './frozen/page.ts';
import type { Lamports } from './lamport.ts';
import type { LoggedMove } from './move-log.ts';
import type { NodeRecord } from './records.ts';
import { packHead, type PartCounts } from './saved-head.ts';
import { packImage } from './saved-image.ts';
import {
  headKey,
  imageKey,
  lamportsKey,
  moveKey,
  pageKey,
  shareOf,
  type SavedValue,
} from './saved-values.ts';
import type { LatestStamps } from './stamps.ts';
import type { TreeState } from './state.ts';

/** Everything that a tree is made of. */
export interface TreeParts {
  readonly state: TreeState;
  readonly lamports: Lamports;
  readonly stamps: LatestStamps;
  readonly context: PackContext;
}

const nowhere = { owner: undefined, name: '' };

export class TreeSaver {
  readonly #tree: TreeParts;
  readonly #sink = new ByteSink();
  /** Nodes that are saved as images, with the save that wrote each. */
  readonly #images = new Map<NodeId, number>();
  #generation = 0;
  #parts: PartCounts = noParts();

  constructor(tree: TreeParts) {
    this.#tree = tree;
  }

  /** About how many values the next save would write. */
  get pending(): number {
    return this.#tree.state.unsaved.size + this.#tree.state.frozen.book.changedCount;
  }

  /** The values of the next save, the head last. Whoever takes them writes all of them or none. */
  take(labels: string): SavedValue[] {
    const { state, lamports } = this.#tree;
    const pages = state.frozen.book.takeChanges();
    this.#generation += 1;
    const values = [
      ...pages.removed.map((removed) => this.#withoutPage(removed)),
      ...pages.changed.map((page) => this.#page(page)),
      // Packing an operation may give a directory an ordinal: its image has to say so.
      ...state.moves.takeUnsaved().map((move) => this.#move(move)),
      ...this.#takeImages(),
      ...lamports.takeUnsaved().map(({ journal, block }) => {
        lamports.packBlock(this.#sink, journal, block);
        return { key: lamportsKey(journal, block), value: [this.#sink.take()] };
      }),
    ];
    return [...values, this.#head(labels)];
  }

  /** Goes on after a save that was read back. */
  resume(generation: number, parts: PartCounts, images: ReadonlyMap<NodeId, number>): void {
    this.#generation = generation;
    this.#parts = { ...parts };
    for (const [id, savedIn] of images) this.#images.set(id, savedIn);
  }

  /** Nothing is saved any more. */
  forgetSaved(): void {
    const { state, lamports } = this.#tree;
    this.#images.clear();
    this.#parts = noParts();
    for (const node of state.nodes.values()) state.unsaved.add(node);
    state.frozen.book.forgetSaved();
    state.moves.forgetSaved();
    lamports.forgetSaved();
  }

  #takeImages(): SavedValue[] {
    const { state, context } = this.#tree;
    const values: SavedValue[] = [];
    for (const id of [...this.#images.keys()].filter((id) => !state.nodes.has(id))) {
      values.push(this.#withoutImage(id));
    }
    // Packing one may give another one an ordinal, which its image has to say.
    for (;;) {
      for (const parent of context.newParents) state.unsaved.add(parent);
      context.newParents.clear();
      if (state.unsaved.size === 0) return values;
      const nodes = [...state.unsaved];
      state.unsaved.clear();
      for (const node of nodes) {
        if (state.nodes.get(node.id) === node) values.push(this.#image(node));
      }
    }
  }

  #image(node: NodeRecord): SavedValue {
    const key = imageKey(node.id);
    const before = this.#images.get(node.id);
    if (before === undefined) this.#parts.images += 1;
    this.#recount(key, before);
    this.#images.set(node.id, this.#generation);
    this.#sink.count(this.#generation);
    packImage(this.#sink, node, this.#tree.context);
    return { key, value: [this.#sink.take()] };
  }

  #withoutImage(id: NodeId): SavedValue {
    const key = imageKey(id);
    this.#add(-shareOf(key, this.#images.get(id) ?? 0));
    this.#images.delete(id);
    this.#parts.images -= 1;
    return { key, value: undefined };
  }

  #page(page: Page): SavedValue {
    const key = pageKey(page.number);
    if (page.savedIn === 0) this.#parts.pages += 1;
    this.#recount(key, page.savedIn === 0 ? undefined : page.savedIn);
    page.savedIn = this.#generation;
    this.#sink.count(this.#generation);
    this.#sink.count(page.owner === undefined ? 0 : this.#tree.context.ordinalOf(page.owner));
    return { key, value: [this.#sink.take(), page.blob] };
  }

  #withoutPage({ number, savedIn }: Pick<Page, 'number' | 'savedIn'>): SavedValue {
    const key = pageKey(number);
    this.#add(-shareOf(key, savedIn));
    this.#parts.pages -= 1;
    return { key, value: undefined };
  }

  #move({ node, record, order }: LoggedMove): SavedValue {
    const { context } = this.#tree;
    const key = moveKey(this.#parts.moves++);
    this.#sink.hex(node.id);
    packOp(this.#sink, record, nowhere, context);
    this.#sink.count(context.journals.numberOf(order.journal));
    this.#sink.count(order.sequence);
    return { key, value: [this.#sink.take()] };
  }

  #head(labels: string): SavedValue {
    const { state, stamps, context } = this.#tree;
    packHead(this.#sink, {
      generation: this.#generation,
      labels,
      journals: context.journals.values(),
      epochs: context.epochs.values(),
      applied: [...state.vector].map(([journal, sequence]) => ({
        journal,
        sequence,
        hash: state.lastBatches.get(journal) ?? '',
      })),
      totals: state.totals,
      rejected: state.rejected,
      stamps: [...stamps.all()],
      snapshots: state.snapshots.list(),
      dropped: state.snapshots.dropped(),
      notes: state.notes.list(),
      parts: this.#parts,
    });
    return { key: headKey, value: [this.#sink.take()] };
  }

  #recount(key: Buffer, before: number | undefined): void {
    if (before !== undefined) this.#add(-shareOf(key, before));
    this.#add(shareOf(key, this.#generation));
  }

  #add(share: number): void {
    this.#parts.sum = (this.#parts.sum + share) >>> 0;
  }
}

function noParts(): PartCounts {
  return { images: 0, moves: 0, pages: 0, sum: 0 };
}
