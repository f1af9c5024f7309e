/**
 * The tree that the operations of all devices make together (DESIGN.md, section 6). Batches come in
 * per journal in order, journals in any order; what the tree shows depends on the set of batches
 * alone. This file only conducts: registers take operations in, `settle` brings the index of what is
 * listed where up to date, and the views read from that index.
 */
import assert from 'node:assert/strict';
import type { BatchHash, EntryId, JournalId, NodeId } from '../../protocol/ids.ts';
import type { Attributes, Content, OpId, Replaced, Stamp } from '../../protocol/messages/op.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import { applyOp } from './apply-op.ts';
import { attributeHolders } from './attributes.ts';
import { headsToName, shownVersions } from './contents.ts';
import { PackContext } from './frozen/pack-context.ts';
import { groupOf, type Group } from './groups.ts';
import { Lamports } from './lamport.ts';
import { KeptListings } from './kept-listings.ts';
import { isAlive } from './liveness.ts';
import { pathTo, rowAt, rowIn } from './lookup.ts';
import type { NoteRef } from './notes.ts';
import { valuesOf } from './one-or-many.ts';
import { opIdOf } from './records.ts';
import type { DeviceName, Row } from './rows.ts';
import { rest } from './resting.ts';
import { newState, settle } from './settle.ts';
import type { Snapshot } from './snapshots.ts';
import { LatestStamps } from './stamps.ts';
import { allNodes, forgetHash, peekNode, type TreeState } from './state.ts';
import { hashSteps, treeHash } from './tree-hash.ts';
import type { SavedValue } from './saved-values.ts';
import { TreeLoader } from './tree-loader.ts';
import { TreeSaver, type TreeParts } from './tree-saver.ts';
import type {
  EntryView,
  NodeView,
  Placement,
  Tree,
  TreeChange,
  VersionView,
} from './tree.types.ts';
import {
  entryIn,
  entryView,
  headViews,
  lowestEntry,
  nodeView,
  placements,
  placeOps,
  versionViews,
} from './views.ts';

export interface TreeOptions {
  /**
   * A person's name for a device, for conflict names. MUST be the same on every device: what the
   * membership says, else digits of the id. After a change call `relabel`.
   */
  readonly deviceName: DeviceName;
  /** Hears of every change, whoever applied the batches; some of them may have been applied before. */
  readonly onChange?: (change: TreeChange, batches: readonly OpenedBatch[]) => void;
  /** Files that rest in one page at most. @default 64 */
  readonly pageNodesMax?: number;
  /** 32 random bits, so that nobody can choose ids that make hash tables slow. @default 0 */
  readonly seed?: number;
}

/** An empty tree. */
export function createTree(options: TreeOptions): JournaledTree {
  return new JournaledTree(options);
}

export class JournaledTree implements Tree {
  #context = new PackContext();
  #state: TreeState;
  #lamports = new Lamports();
  #stamps = new LatestStamps();
  readonly #deviceName: DeviceName;
  readonly #onChange: TreeOptions['onChange'];
  readonly #listings: KeptListings;
  #saver: TreeSaver;
  /** Since `prepareToBecome`. */
  #meanwhile: OpenedBatch[] | undefined;
  /** Of the tree as it is: a change ends them. */
  #hashing: ReturnType<typeof hashSteps> | undefined;
  #latestGroup: { readonly directory: NodeId; readonly group: Group | undefined } | undefined;

  constructor({ deviceName, onChange, pageNodesMax = 64, seed = 0 }: TreeOptions) {
    this.#state = newState(this.#context, { pageNodesMax, seed });
    this.#deviceName = deviceName;
    this.#listings = new KeptListings(deviceName);
    this.#onChange = onChange;
    this.#saver = new TreeSaver(this.parts());
  }

  get rejected(): number {
    return this.#state.rejected;
  }

  apply(batch: OpenedBatch): TreeChange {
    return this.applyAll([batch]);
  }

  /** Like `apply` for each, but late moves of directories are undone and done again only once. */
  applyAll(batches: readonly OpenedBatch[]): TreeChange {
    const state = this.#state;
    for (const batch of batches) this.#take(batch);
    this.#meanwhile?.push(...batches);
    settle(state);
    rest(state);
    this.#hashing = undefined;
    this.#latestGroup = undefined;
    const change = {
      directories: new Set(state.changedDirectories),
      nodes: new Set(state.changedNodes),
    };
    state.changedDirectories.clear();
    state.changedNodes.clear();
    this.#onChange?.(change, batches);
    return change;
  }

  /** Registers the operations of a batch; one that was applied before is skipped. */
  #take(batch: OpenedBatch): void {
    const { header, body } = batch;
    const state = this.#state;
    const { journal, sequence } = header;
    const applied = state.vector.get(journal) ?? 0;
    if (sequence <= applied) return;
    assert.equal(sequence, applied + 1, 'batches of one journal come in order');
    const { order, changed } = this.#lamports.add(journal, {
      declared: body.lamport,
      seen: body.seen,
    });
    if (changed) state.moves.rebuild();
    const { wallMs, counter } = body.stamp;
    for (const [index, op] of body.ops.entries()) {
      state.now = { journal: order.journal, sequence, index };
      const at = {
        journal: order.journal,
        sequence,
        index,
        wallMs,
        counter: counter + index,
        order,
      };
      if (!applyOp(state, op, at)) state.rejected += 1;
    }
    state.vector.set(journal, sequence);
    state.lastBatches.set(journal, batch.hash);
    if (body.ops.length > 0) this.#stamps.add({ wallMs, counter: counter + body.ops.length - 1 });
  }

  /** About how many values `takeUnsaved` would give. */
  get unsaved(): number {
    return this.#saver.pending;
  }

  /**
   * What has to be written so that what is saved is this tree: only what differs from the last time.
   * @param labels what conflict names are made with at the moment, in a few bytes
   */
  takeUnsaved(labels: string): readonly SavedValue[] {
    return this.#saver.take(labels);
  }

  /** What was taken was not written, or is gone: the next time gives everything. */
  forgetSaved(): void {
    this.#saver.forgetSaved();
  }

  /** Remembers what is applied from now on, for `become`: the other tree is still being made. */
  prepareToBecome(): void {
    this.#meanwhile = [];
  }

  /** The other one could not be made. */
  stayItself(): void {
    this.#meanwhile = undefined;
  }

  /**
   * Shows what `other` shows from now on, all at once, for whoever holds this tree; what was applied
   * meanwhile and follows on is applied again. The other one is not to be used any more.
   */
  become(other: JournaledTree): void {
    for (const batch of this.#meanwhile ?? []) {
      const { journal, sequence } = batch.header;
      if (sequence === (other.vector().get(journal) ?? 0) + 1) other.apply(batch);
    }
    this.#meanwhile = undefined;
    const directories = new Set([...this.#state.nodes.keys(), ...other.#state.nodes.keys()]);
    this.#context = other.#context;
    this.#state = other.#state;
    this.#lamports = other.#lamports;
    this.#stamps = other.#stamps;
    this.#saver = other.#saver;
    this.#listings.clear();
    this.#hashing = undefined;
    this.#latestGroup = undefined;
    this.#onChange?.({ directories, nodes: new Set() }, []);
  }

  /** Puts together, in this tree, which is empty, what was saved of another. */
  load(): TreeLoader {
    return new TreeLoader(this.parts(), this.#saver, () => {
      settle(this.#state);
      this.#latestGroup = undefined;
    });
  }

  /** What it is made of, for this folder. */
  parts(): TreeParts {
    return {
      state: this.#state,
      lamports: this.#lamports,
      stamps: this.#stamps,
      context: this.#context,
    };
  }

  root(): NodeView {
    const view = nodeView(this.#state.root);
    assert(view !== undefined);
    return view;
  }

  node(id: NodeId): NodeView | undefined {
    const node = peekNode(this.#state, id);
    return node && nodeView(node);
  }

  resolve(path: readonly Buffer[]): EntryView | undefined {
    const names = path.map((name) => name.toString('latin1'));
    const found = rowAt(this.#state, names, (group) => this.#rows(group));
    return found && entryView(found.row, found.parent);
  }

  child(directory: NodeId, name: Buffer): EntryView | undefined {
    const group = this.#groupAt(directory);
    const text = name.toString('latin1');
    const row = group && rowIn(this.#state, group, text, (one) => this.#rows(one));
    return row && group && entryView(row, group);
  }

  list(directory: NodeId): readonly EntryView[] | undefined {
    const group = this.#group(directory);
    return group && this.#listings.views(this.#state, group);
  }

  mergedWith(directory: NodeId): readonly { node: NodeId; entry: EntryId }[] {
    return (this.#group(directory) ?? []).flatMap((node) => {
      const entry = lowestEntry(node);
      return entry === undefined ? [] : [{ node: node.id, entry: entry.id }];
    });
  }

  pathOf(id: NodeId): readonly Buffer[] | undefined {
    const node = peekNode(this.#state, id);
    const names =
      node === undefined ? undefined : pathTo(this.#state, node, (group) => this.#rows(group));
    return names?.map((name) => Buffer.from(name, 'latin1'));
  }

  placesOf(id: NodeId): readonly Placement[] {
    const node = peekNode(this.#state, id);
    return node === undefined ? [] : placements(node);
  }

  totals(): { files: number; directories: number; symlinks: number; bytes: number } {
    return { ...this.#state.totals };
  }

  treeHash(): Buffer {
    return treeHash(this.#state, this.#deviceName);
  }

  /** Works ahead for `treeHash`, a directory at a time until `isOver`; says whether nothing is left. */
  prepareHash(isOver: () => boolean): boolean {
    this.#hashing ??= hashSteps(this.#state, this.#deviceName);
    while (this.#hashing.next().done !== true) if (isOver()) return false;
    this.#hashing = undefined;
    return true;
  }

  /** Labels of devices have changed: conflict names are made anew. */
  relabel(): void {
    const state = this.#state;
    state.epoch += 1;
    this.#hashing = undefined;
    for (const node of state.nodes.values()) {
      if (node.directory?.showsLabels === true) forgetHash(state, node);
    }
  }

  *contents(): Iterable<{ node: NodeId; content: Content }> {
    for (const node of allNodes(this.#state)) {
      if (node.kind !== 'file') continue;
      if (!valuesOf(node.entries).some((entry) => entry.listed !== undefined)) continue;
      for (const { content } of shownVersions(node)) {
        if (content !== undefined) yield { node: node.id, content };
      }
    }
  }

  headsOf(id: NodeId): readonly OpId[] {
    const node = peekNode(this.#state, id);
    return node === undefined ? [] : headsToName(node).map(opIdOf);
  }

  positionOpsOf(id: EntryId, nodeId: NodeId): readonly OpId[] {
    const node = peekNode(this.#state, nodeId);
    if (node === undefined) return [];
    if (node.directory !== undefined) return placeOps(node);
    return valuesOf(entryIn(node, id)?.positions).map(opIdOf);
  }

  attributeOpsOf(id: NodeId, keys?: Attributes): readonly OpId[] {
    const node = peekNode(this.#state, id);
    return node === undefined ? [] : attributeHolders(node, keys).map(opIdOf);
  }

  livenessOpsOf(id: NodeId): readonly OpId[] {
    return valuesOf(peekNode(this.#state, id)?.signs).map(opIdOf);
  }

  isWanted(directory: NodeId): boolean {
    const node = peekNode(this.#state, directory);
    return node === this.#state.root || node?.signs !== undefined;
  }

  replacedBy(view: EntryView): Replaced {
    const { entry, node, version } = view;
    if (node.kind === 'directory') {
      return { entry, node: node.id, heads: this.livenessOpsOf(node.id) };
    }
    const heads = version === undefined ? [] : this.versionsLike(node.id, version.op);
    return { entry, node: node.id, heads };
  }

  isShownAgain(id: EntryId, nodeId: NodeId): boolean {
    const entry = entryIn(peekNode(this.#state, nodeId), id);
    return entry?.deleted !== undefined && entry.listed !== undefined;
  }

  versionsOf(id: NodeId): readonly VersionView[] {
    const node = peekNode(this.#state, id);
    return node === undefined ? [] : versionViews(node);
  }

  everyHeadOf(id: NodeId): readonly VersionView[] {
    const node = peekNode(this.#state, id);
    return node === undefined ? [] : headViews(node);
  }

  versionsLike(id: NodeId, head: OpId): readonly OpId[] {
    const node = peekNode(this.#state, id);
    return node === undefined ? [head] : headsToName(node, head).map(opIdOf);
  }

  snapshots(): readonly Snapshot[] {
    return this.#state.snapshots.list();
  }

  notes(): readonly NoteRef[] {
    return this.#state.notes.list();
  }

  vector(): ReadonlyMap<JournalId, number> {
    return this.#state.vector;
  }

  lastBatch(journal: JournalId): BatchHash | undefined {
    return this.#state.lastBatches.get(journal);
  }

  lamport(): number {
    return this.#lamports.greatest();
  }

  latestStamp(nowMs: number): Stamp {
    return this.#stamps.latest(nowMs);
  }

  /** Files of one directory are looked up one after the other. */
  #groupAt(directory: NodeId): Group | undefined {
    if (this.#latestGroup?.directory === directory) return this.#latestGroup.group;
    const node = peekNode(this.#state, directory);
    this.#latestGroup = { directory, group: node && groupOf(this.#state, node) };
    return this.#latestGroup.group;
  }

  #group(directory: NodeId): Group | undefined {
    const node = peekNode(this.#state, directory);
    if (node === undefined || !isAlive(this.#state, node)) return undefined;
    return groupOf(this.#state, node);
  }

  #rows(group: Group): readonly Row[] {
    return this.#listings.rows(this.#state, group);
  }
}
