/**
 * Every version that is not shown any more, from one walk through the journals: which file it belonged
 * to, which later operations took its place or saw it deleted, and which nodes share one history. What
 * is shown costs nothing, so that the memory is that of what could go.
 */
import type { EntryId, NodeId } from '../../../protocol/ids.ts';
import type { Content, Op, OpId, Replaced, Stamp } from '../../../protocol/messages/op.ts';
import type { OpenedBatch } from '../../journal/batch.ts';
import { checkOp } from '../../journal/check-op.ts';
import type { StateVersions } from '../../namespace/state/state-versions.ts';
import type { Tree } from '../../namespace/tree.types.ts';
import { keyOf } from '../past-events.ts';

export interface OldVersion {
  readonly op: OpId;
  readonly node: NodeId;
  readonly stamp: Stamp;
  readonly content: Content;
  /** Writes that name it, and removals that had seen it. */
  readonly replacedBy: readonly OpId[];
  readonly buriedBy: readonly OpId[];
}

interface Mutable extends OldVersion {
  readonly replacedBy: OpId[];
  readonly buriedBy: OpId[];
}

/** When and by which operation an entry was removed. */
export interface Removal {
  readonly op: OpId;
  readonly wallMs: number;
}

/** Of a node that has no versions. */
export interface BareRemoval extends Removal {
  readonly node: NodeId;
}

export class OldVersions {
  readonly #tree: Tree;
  readonly #versions = new Map<string, Mutable>();
  readonly #removals = new Map<NodeId, Map<EntryId, Removal[]>>();
  /** Of what has no versions: links and directories. */
  readonly #bare: BareRemoval[] = [];
  readonly #heirs = new Map<NodeId, NodeId>();
  /** Names of versions whose operation has not come by yet. */
  readonly #early = new Map<string, { replacedBy: OpId[]; buriedBy: OpId[] }>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  take({ header, body }: OpenedBatch): void {
    const { journal, sequence } = header;
    for (const [index, op] of body.ops.entries()) {
      if (checkOp(op) !== undefined) continue;
      const id = { journal, sequence, index };
      const { wallMs, counter } = body.stamp;
      this.#takeOp(op, { op: id, stamp: { wallMs, counter: counter + index } });
    }
  }

  /** What the state has of a node whose batches were folded: versions, and who shares its history. */
  seed({ node, lineage, versions }: StateVersions): void {
    for (const { op, stamp, content } of versions) this.#version(node, content, { op, stamp });
    if (lineage === undefined) return;
    const [one, other] = [this.lineageOf(lineage), this.lineageOf(node)];
    if (one !== other) this.#heirs.set(other, one);
  }

  all(): IterableIterator<OldVersion> {
    return this.#versions.values();
  }

  /** Removals of each entry of a node; undefined: none was removed. */
  removalsOf(node: NodeId): ReadonlyMap<EntryId, readonly Removal[]> | undefined {
    return this.#removals.get(node);
  }

  /** Removals of links and directories, which no version speaks of. */
  bareRemovals(): readonly BareRemoval[] {
    return this.#bare;
  }

  /** All nodes that share a history with others, by what `lineageOf` calls it. */
  families(): ReadonlyMap<NodeId, readonly NodeId[]> {
    const nodes = new Set([...this.#heirs].flat());
    return Map.groupBy(nodes, (node) => this.lineageOf(node));
  }

  /** One node for all that share a history. */
  lineageOf(node: NodeId): NodeId {
    let at = node;
    for (let next = this.#heirs.get(at); next !== undefined; next = this.#heirs.get(at)) at = next;
    // So that the next one is found at once.
    for (let each = node; each !== at;) {
      const next = this.#heirs.get(each) ?? at;
      this.#heirs.set(each, at);
      each = next;
    }
    return at;
  }

  #takeOp(op: Op, by: { readonly op: OpId; readonly stamp: Stamp }): void {
    switch (op.type) {
      case 'make':
        if (op.content !== undefined) this.#version(op.node, op.content, by);
        this.#over(op.node, op.over, by);
        break;
      case 'write':
        this.#version(op.node, op.content, by);
        for (const name of op.supersedes) this.#named(name).replacedBy.push(by.op);
        break;
      case 'link':
      case 'move':
        this.#over(op.node, op.over, by);
        break;
      case 'unlink':
        this.#removed(op, by);
        if (this.#tree.node(op.node)?.kind === 'symlink') this.#removedBare(op.node, by);
        break;
      case 'remove-directory':
        this.#removedBare(op.node, by);
        break;
      default:
        break;
    }
  }

  #version(
    node: NodeId,
    content: Content,
    { op, stamp }: { readonly op: OpId; readonly stamp: Stamp },
  ): void {
    const key = keyOf(op);
    const early = this.#early.get(key);
    this.#early.delete(key);
    if (isShown(this.#tree, node, key)) return;
    const { replacedBy = [], buriedBy = [] } = early ?? {};
    this.#versions.set(key, { op, node, stamp, content, replacedBy, buriedBy });
  }

  #over(
    node: NodeId,
    over: Replaced | undefined,
    by: { readonly op: OpId; readonly stamp: Stamp },
  ): void {
    if (over === undefined) return;
    this.#removed(over, by);
    const [one, other] = [this.lineageOf(node), this.lineageOf(over.node)];
    if (one !== other) this.#heirs.set(other, one);
  }

  #removedBare(node: NodeId, { op, stamp }: { readonly op: OpId; readonly stamp: Stamp }): void {
    this.#bare.push({ node, op, wallMs: stamp.wallMs });
  }

  #removed(
    { entry, node, heads }: Replaced,
    { op, stamp }: { readonly op: OpId; readonly stamp: Stamp },
  ): void {
    const ofNode = this.#removals.get(node) ?? new Map<EntryId, Removal[]>();
    this.#removals.set(node, ofNode);
    const ofEntry = ofNode.get(entry) ?? [];
    ofNode.set(entry, ofEntry);
    ofEntry.push({ op, wallMs: stamp.wallMs });
    for (const name of heads) this.#named(name).buriedBy.push(op);
  }

  #named(name: OpId): { readonly replacedBy: OpId[]; readonly buriedBy: OpId[] } {
    const key = keyOf(name);
    const known = this.#versions.get(key) ?? this.#early.get(key);
    if (known !== undefined) return known;
    const early = { replacedBy: [], buriedBy: [] };
    this.#early.set(key, early);
    return early;
  }
}

function isShown(tree: Tree, node: NodeId, key: string): boolean {
  if (!tree.placesOf(node).some(({ isListed }) => isListed)) return false;
  return tree.versionsOf(node).some(({ op }) => keyOf(op) === key);
}
