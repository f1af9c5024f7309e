/**
 * The tree that the operations of all devices make together (DESIGN.md, section 6). Batches come in
 * per journal in order, journals in any order; what the tree shows depends on the set of batches
 * alone. This file only conducts: registers take operations in, `settle` brings the index of what is
 * listed where up to date, and the views read from that index.
 */
import assert from 'node:assert/strict';
import type { EntryId, JournalId, NodeId } from '../../protocol/ids.ts';
import type { Attributes, Content, OpId, Replaced, Stamp } from '../../protocol/messages/op.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import { applyOp } from './apply-op.ts';
import { attributeHolders } from './attributes.ts';
import { headsToName, shownVersions } from './contents.ts';
import { groupOf, type Group } from './groups.ts';
import { Lamports } from './lamport.ts';
import { settleDirectory, settleNode, unlistDirectory } from './listing.ts';
import { isAlive } from './liveness.ts';
import { pathTo, rowAt } from './lookup.ts';
import { MoveLog } from './move-log.ts';
import { valuesOf } from './one-or-many.ts';
import { opIdOf, type NodeRecord } from './records.ts';
import { rowsOf, type DeviceName, type Row } from './rows.ts';
import { LatestStamps } from './stamps.ts';
import { newRoot, type TreeState } from './state.ts';
import { treeHash } from './tree-hash.ts';
import type { EntryView, NodeView, Tree, TreeChange, VersionView } from './tree.types.ts';
import { entryView, lowestEntry, nodeView, versionViews } from './views.ts';

export interface TreeOptions {
  /**
   * A person's name for a device, for conflict names. MUST be the same on every device: what the
   * membership says, else digits of the id. After a change call `relabel`.
   */
  readonly deviceName: DeviceName;
}

/** Listings kept for the next question. */
const listingsKeptMax = 32;

/** An empty tree. */
export function createTree(options: TreeOptions): JournaledTree {
  return new JournaledTree(options);
}

export class JournaledTree implements Tree {
  readonly #state: TreeState = newState();
  readonly #lamports = new Lamports();
  readonly #stamps = new LatestStamps();
  readonly #deviceName: DeviceName;
  readonly #listings = new Map<NodeRecord, Listing>();

  constructor({ deviceName }: TreeOptions) {
    this.#deviceName = deviceName;
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
    settle(state);
    state.version += 1;
    const change = {
      directories: new Set(state.changedDirectories),
      nodes: new Set(state.changedNodes),
    };
    state.changedDirectories.clear();
    state.changedNodes.clear();
    return change;
  }

  /** Registers the operations of a batch; one that was applied before is skipped. */
  #take({ header, body }: OpenedBatch): void {
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
    if (body.ops.length > 0) this.#stamps.add({ wallMs, counter: counter + body.ops.length - 1 });
  }

  root(): NodeView {
    const view = nodeView(this.#state.root);
    assert(view !== undefined);
    return view;
  }

  node(id: NodeId): NodeView | undefined {
    const node = this.#state.nodes.get(id);
    return node === undefined ? undefined : nodeView(node);
  }

  resolve(path: readonly Buffer[]): EntryView | undefined {
    const names = path.map((name) => name.toString('latin1'));
    const found = rowAt(this.#state, names, (group) => this.#rows(group));
    return found === undefined ? undefined : entryView(found.row, found.parent);
  }

  list(directory: NodeId): readonly EntryView[] | undefined {
    const group = this.#group(directory);
    if (group === undefined) return undefined;
    const kept = this.#listing(group);
    kept.views ??= kept.rows.flatMap((row) => entryView(row, group) ?? []);
    return kept.views;
  }

  mergedWith(directory: NodeId): readonly { node: NodeId; entry: EntryId }[] {
    return (this.#group(directory) ?? []).flatMap((node) => {
      const entry = lowestEntry(node);
      return entry === undefined ? [] : [{ node: node.id, entry: entry.id }];
    });
  }

  pathOf(id: NodeId): readonly Buffer[] | undefined {
    const node = this.#state.nodes.get(id);
    const names =
      node === undefined ? undefined : pathTo(this.#state, node, (group) => this.#rows(group));
    return names?.map((name) => Buffer.from(name, 'latin1'));
  }

  totals(): { files: number; directories: number; symlinks: number; bytes: number } {
    return { ...this.#state.totals };
  }

  treeHash(): Buffer {
    return treeHash(this.#state, this.#deviceName);
  }

  /** Labels of devices have changed: conflict names are made anew. */
  relabel(): void {
    forgetHashes(this.#state);
    this.#state.version += 1;
  }

  *contents(): Iterable<{ node: NodeId; content: Content }> {
    for (const node of this.#state.nodes.values()) {
      if (node.kind !== 'file') continue;
      if (!valuesOf(node.entries).some((entry) => entry.listed !== undefined)) continue;
      for (const { content } of shownVersions(node)) {
        if (content !== undefined) yield { node: node.id, content };
      }
    }
  }

  headsOf(id: NodeId): readonly OpId[] {
    const node = this.#state.nodes.get(id);
    return node === undefined ? [] : headsToName(node).map(opIdOf);
  }

  positionOpsOf(id: EntryId): readonly OpId[] {
    const positions: OpId[] = [];
    for (let entry = this.#state.entries.get(id); entry !== undefined; entry = entry.twin) {
      const { node } = entry;
      if (node.directory === undefined) positions.push(...valuesOf(entry.positions).map(opIdOf));
      else positions.push(...placeOps(node));
    }
    return positions;
  }

  attributeOpsOf(id: NodeId, keys?: Attributes): readonly OpId[] {
    const node = this.#state.nodes.get(id);
    return node === undefined ? [] : attributeHolders(node, keys).map(opIdOf);
  }

  livenessOpsOf(id: NodeId): readonly OpId[] {
    return valuesOf(this.#state.nodes.get(id)?.signs).map(opIdOf);
  }

  isWanted(directory: NodeId): boolean {
    const node = this.#state.nodes.get(directory);
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

  isShownAgain(id: EntryId): boolean {
    const entry = this.#state.entries.get(id);
    return entry?.deleted !== undefined && entry.listed !== undefined;
  }

  versionsOf(id: NodeId): readonly VersionView[] {
    const node = this.#state.nodes.get(id);
    return node === undefined ? [] : versionViews(node);
  }

  versionsLike(id: NodeId, head: OpId): readonly OpId[] {
    const node = this.#state.nodes.get(id);
    return node === undefined ? [head] : headsToName(node, head).map(opIdOf);
  }

  vector(): ReadonlyMap<JournalId, number> {
    return this.#state.vector;
  }

  lamport(): number {
    return this.#lamports.greatest();
  }

  latestStamp(nowMs: number): Stamp {
    return this.#stamps.latest(nowMs);
  }

  #group(directory: NodeId): Group | undefined {
    const node = this.#state.nodes.get(directory);
    if (node === undefined || !isAlive(this.#state, node)) return undefined;
    return groupOf(this.#state, node);
  }

  #rows(group: Group): readonly Row[] {
    return this.#listing(group).rows;
  }

  /** What a group shows; made once for a directory that is asked for page by page. */
  #listing(group: Group): Listing {
    const [first] = group;
    assert(first !== undefined);
    const { version } = this.#state;
    const kept = this.#listings.get(first);
    if (kept?.version === version) return kept;
    const listing = { version, rows: rowsOf(group, this.#deviceName), views: undefined };
    if (this.#listings.size >= listingsKeptMax) this.#listings.clear();
    this.#listings.set(first, listing);
    return listing;
  }
}

interface Listing {
  readonly version: number;
  readonly rows: readonly Row[];
  views: readonly EntryView[] | undefined;
}

function newState(): TreeState {
  const root = newRoot();
  return {
    nodes: new Map([[root.id, root]]),
    entries: new Map(),
    root,
    moves: new MoveLog(root),
    totals: { files: 0, directories: 0, symlinks: 0, bytes: 0 },
    vector: new Map(),
    now: { journal: '' as JournalId, sequence: 0, index: 0 },
    unsettled: new Set(),
    stirred: new Set(),
    changedDirectories: new Set(),
    changedNodes: new Set(),
    forgetsHashes: false,
    version: 0,
    rejected: 0,
  };
}

/** Lists everything that changed where it belongs now: directories first, then what is in them. */
function settle(state: TreeState): void {
  settleMoved(state);
  for (const node of state.unsettled) settleNode(state, node);
  for (const node of state.stirred) settleDirectory(state, node);
  state.unsettled.clear();
  state.stirred.clear();
  if (state.forgetsHashes) forgetHashes(state);
  state.forgetsHashes = false;
}

function settleMoved(state: TreeState): void {
  const moved = state.moves.settle();
  const parents = new Set<NodeRecord>();
  // All leave before any arrives, so that the index never holds a circle.
  for (const node of moved.keys()) {
    const parent = node.directory?.listed?.parent;
    if (parent === undefined) continue;
    parents.add(parent);
    unlistDirectory(state, node);
  }
  for (const node of moved.keys()) {
    settleDirectory(state, node);
    state.changedNodes.add(node.id);
  }
  for (const node of parents) settleDirectory(state, node);
}

function forgetHashes(state: TreeState): void {
  for (const { directory } of state.nodes.values()) {
    if (directory !== undefined) directory.hash = undefined;
  }
}

/** Where a directory is, and where its Makes put it: what a move of it replaces. */
function placeOps(node: NodeRecord): readonly OpId[] {
  const { place } = node.directory ?? {};
  return place === undefined ? [] : [opIdOf(place)];
}
