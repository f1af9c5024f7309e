/**
 * Puts a tree together from what was saved of it. Values come in the order of their keys; whatever is
 * odd about them is a RangeError: then the tree is made from the journals instead.
 */
import type { JournalId, NodeId } from '../../protocol/ids.ts';
import { ByteSource } from './frozen/byte-source.ts';
import { Numbered } from './frozen/numbered.ts';
import { unpackOp } from './frozen/op-codec.ts';
import { countOf, isWhole } from './frozen/page-format.ts';
import { valuesOf, withValue } from './one-or-many.ts';
import { newNode, type EntryRecord, type NodeRecord, type WaitingPosition } from './records.ts';
import { unpackHead, type AppliedJournal, type SavedHead } from './saved-head.ts';
import {
  ordinalOfImage,
  restoreWaiting,
  unpackImage,
  type Later,
  type WaitingDraft,
} from './saved-image.ts';
import { numberOfKey, parts, shareOf } from './saved-values.ts';
import type { TreeParts, TreeSaver } from './tree-saver.ts';

const nowhere = { owner: undefined, name: '' };

interface Image {
  readonly node: NodeRecord;
  readonly bytes: Buffer;
}

export class TreeLoader {
  readonly #tree: TreeParts;
  #head: SavedHead | undefined;
  readonly #images: Image[] = [];
  readonly #later = new Map<NodeRecord, Later>();
  readonly #savedIn = new Map<NodeId, number>();
  readonly #moves: Buffer[] = [];
  #pages = 0;
  #sum = 0;
  #imagesAreRead = false;

  readonly #saver: TreeSaver;
  readonly #settle: () => void;

  /**
   * @param tree empty, and of nobody else until this has finished
   * @param settle lists everything where it belongs
   */
  constructor(tree: TreeParts, saver: TreeSaver, settle: () => void) {
    this.#tree = tree;
    this.#saver = saver;
    this.#settle = settle;
  }

  /** How far it goes; undefined before its head has come. */
  get applied(): readonly AppliedJournal[] | undefined {
    return this.#head?.applied;
  }

  add(key: Buffer, value: Buffer): void {
    const [part] = key;
    if (part === parts.head) this.#takeHead(value);
    else if (this.#head === undefined) throw new RangeError('a saved tree without its head');
    else if (part === parts.image) this.#addImage(key, value);
    else if (part === parts.lamports) this.#addLamports(key, value);
    else if (part === parts.move) this.#moves.push(value);
    else if (part === parts.page) this.#addPage(key, value);
    else throw new RangeError('a saved value of no kind');
  }

  /**
   * All values have come: the tree is whole.
   * @returns the labels that conflict names were made with
   */
  finish(): { readonly labels: string } {
    const { state, lamports, stamps } = this.#tree;
    const head = this.#head;
    if (head === undefined) throw new RangeError('a saved tree without its head');
    this.#readImages();
    this.#check(head);
    lamports.finishRestore();
    for (const stamp of head.stamps) stamps.add(stamp);
    for (const { journal, sequence, hash } of head.applied) {
      if (lamports.countOf(journal) !== sequence) throw new RangeError('counters are missing');
      state.vector.set(journal, sequence);
      if (hash !== '') state.lastBatches.set(journal, hash);
    }
    state.snapshots.restore(head.snapshots, head.dropped);
    state.notes.restore(head.notes);
    state.frozen.book.finishRestore();
    this.#restoreWaiting();
    this.#placeDirectories();
    for (const { node } of this.#images) this.#listAwake(node);
    this.#settle();
    this.#finishTotals(head);
    for (const [node, { hash }] of this.#later) {
      if (node.directory !== undefined) node.directory.hash = hash;
    }
    this.#forgetChanges();
    this.#saver.resume(head.generation, head.parts, this.#savedIn);
    return { labels: head.labels };
  }

  #takeHead(value: Buffer): void {
    const head = unpackHead(new ByteSource(value));
    this.#head = head;
    this.#tree.context.journals = new Numbered(head.journals);
    this.#tree.context.epochs = new Numbered(head.epochs);
  }

  #addImage(key: Buffer, value: Buffer): void {
    const { state, context } = this.#tree;
    const id = key.toString('hex', 1) as NodeId;
    const { savedIn, rest } = generationOf(value);
    this.#sum = (this.#sum + shareOf(key, savedIn)) >>> 0;
    this.#savedIn.set(id, savedIn);
    const node = id === state.root.id ? state.root : newNode(id);
    node.ordinal = ordinalOfImage(rest);
    if (node.ordinal !== 0) context.restoreParent(node);
    state.nodes.set(id, node);
    this.#images.push({ node, bytes: rest });
  }

  #addLamports(key: Buffer, value: Buffer): void {
    const journal = key.toString('hex', 1, key.length - 4) as JournalId;
    this.#tree.lamports.restoreBlock(new ByteSource(value), journal, numberOfKey(key));
  }

  #addPage(key: Buffer, value: Buffer): void {
    this.#readImages();
    const { state, context } = this.#tree;
    const { savedIn, rest } = generationOf(value);
    this.#sum = (this.#sum + shareOf(key, savedIn)) >>> 0;
    const source = new ByteSource(rest);
    const ordinal = source.count();
    const owner = ordinal === 0 ? undefined : context.nodeAt(ordinal);
    // A copy of its own: what came may be a small part of something large.
    const blob = Buffer.allocUnsafeSlow(source.rest().length);
    source.rest().copy(blob);
    if (!isWhole(blob)) throw new RangeError('a page is not whole');
    if (owner !== undefined && owner.directory === undefined)
      throw new RangeError('a strange page');
    if (owner?.directory !== undefined) owner.directory.liveChildren += countOf(blob);
    state.frozen.book.restore({
      number: numberOfKey(key),
      owner,
      blob,
      gone: new Set(),
      savedIn,
    });
    this.#pages += 1;
  }

  /** Once all of them are there: they name each other. */
  #readImages(): void {
    if (this.#imagesAreRead) return;
    this.#imagesAreRead = true;
    for (const { node, bytes } of this.#images) {
      this.#later.set(node, unpackImage(bytes, node, this.#tree.context));
    }
  }

  #check({ parts: wanted }: SavedHead): void {
    const isWholeTree =
      wanted.images === this.#images.length &&
      wanted.moves === this.#moves.length &&
      wanted.pages === this.#pages &&
      wanted.sum === this.#sum;
    if (!isWholeTree) throw new RangeError('a part of the saved tree is missing or old');
  }

  #restoreWaiting(): void {
    for (const [node, later] of this.#later) {
      if (later.early.length === 0 && later.waiting.length === 0) continue;
      restoreWaiting(node, later, (draft) => this.#waitingPosition(draft));
    }
  }

  #waitingPosition(draft: WaitingDraft): WaitingPosition {
    const { state, lamports } = this.#tree;
    const node = state.nodes.get(draft.node);
    const parent = draft.parent === undefined ? undefined : state.nodes.get(draft.parent);
    const entry = valuesOf(node?.entries).find(({ id }) => id === draft.entry);
    const order = lamports.orderOf(draft.order.journal, draft.order.sequence);
    const isMissing = draft.parent !== undefined && parent === undefined;
    if (entry === undefined || order === undefined || isMissing) {
      throw new RangeError('what waits is not there');
    }
    const { replaces, by } = draft;
    return { entry, record: { ...draft.record, parent }, replaces, order, by };
  }

  #placeDirectories(): void {
    const { state, lamports, context } = this.#tree;
    for (const { node } of this.#images) {
      if (node.directory === undefined || node === state.root) continue;
      state.moves.addDirectory(node);
      state.stirred.add(node);
    }
    for (const value of this.#moves) {
      const source = new ByteSource(value);
      const node = state.nodes.get(source.hex(16) as NodeId);
      const record = unpackOp(source, nowhere, context);
      const order = lamports.orderOf(context.journals.at(source.count()), source.count());
      if (node === undefined || order === undefined) throw new RangeError('a move of nobody');
      state.moves.addMove(node, record, order);
    }
    state.moves.takeUnsaved();
    state.moves.rebuild();
  }

  /** Entries of what does not rest stand in the directories themselves. */
  #listAwake(node: NodeRecord): void {
    for (const entry of valuesOf(node.entries)) {
      const { parent, name } = entry.listed ?? {};
      if (parent === undefined || name === undefined) continue;
      if (parent.directory === undefined) throw new RangeError('an entry in what is no directory');
      const files = (parent.directory.files ??= new Map<string, EntryRecord>());
      files.set(name, withValue(files.get(name), entry));
      parent.directory.liveChildren += 1;
    }
  }

  #finishTotals(head: SavedHead): void {
    const { state } = this.#tree;
    if (state.totals.directories !== head.totals.directories) {
      throw new RangeError('other directories than were saved');
    }
    Object.assign(state.totals, head.totals);
    state.rejected = head.rejected;
  }

  #forgetChanges(): void {
    const { state, context } = this.#tree;
    state.touched.clear();
    state.unsaved.clear();
    state.changedDirectories.clear();
    state.changedNodes.clear();
    context.newParents.clear();
  }
}

function generationOf(value: Buffer): { readonly savedIn: number; readonly rest: Buffer } {
  const source = new ByteSource(value);
  const savedIn = source.count();
  return { savedIn, rest: source.rest() };
}
