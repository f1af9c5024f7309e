/**
 * A tree out of the pages of a state, to which batches beyond it can be applied as to the tree that they
 * were made of. Pages come one after the other, each checked against its hash by whoever has it
 * (`state-root.ts`); what is odd about them all the same is `damaged`. Done in steps, so that a large tree
 * holds up nobody; only the places of all directories are worked out in one.
 */
import { splitJournalId, type NodeId } from '../../../protocol/ids.ts';
import { state as limits } from '../../../protocol/limits.ts';
import type { NoteOp, OpId, Stamp } from '../../../protocol/messages/op.ts';
import { damagedState, readStatePage } from '../../../protocol/messages/state-page.ts';
import type {
  StateCounters,
  StateItem,
  StateJournal,
  StateNode,
  StateNote,
  StateSnapshot,
  StateWaiting,
} from '../../../protocol/messages/state.ts';
import { checkOp } from '../../journal/check-op.ts';
import { lamportLeapMax } from '../lamport.ts';
import { valuesOf } from '../one-or-many.ts';
import { newNode, opKey, rareOf, type NodeRecord } from '../records.ts';
import { rest } from '../resting.ts';
import { settle } from '../settle.ts';
import { nodeOf, peekNode } from '../state.ts';
import { createTree, type JournaledTree, type TreeOptions } from '../tree.ts';
import type { TreeParts } from '../tree-saver.ts';
import { checkNodeState } from './check-node.ts';
import { restoreNode } from './restore-node.ts';

export interface LoadedState {
  readonly tree: JournaledTree;
  /** What its notes say, by `opKey`. */
  readonly notes: ReadonlyMap<string, NoteOp>;
}

const ranks = {
  head: 0,
  journal: 1,
  counters: 2,
  snapshot: 3,
  dropped: 4,
  note: 5,
  node: 6,
} as const;
/** Files that are listed and put to rest together. */
const settledTogether = 64;

export class StateLoader {
  readonly #tree: JournaledTree;
  readonly #parts: TreeParts;
  readonly #notes = new Map<string, NoteOp>();
  readonly #waiting: {
    readonly node: NodeId;
    readonly waiting: StateWaiting;
  }[] = [];
  /** Named as parents, and not come yet. */
  readonly #expected = new Set<NodeId>();
  #pages = 0;
  #rank = -1;
  /** Of the kind that comes at the moment, the one before. */
  #before = '';
  /** Items of one node; more of it may come. */
  #node: StateNode[] = [];
  #areDirectoriesPlaced = false;
  #unsettled = 0;

  constructor(options: TreeOptions) {
    this.#tree = createTree(options);
    this.#parts = this.#tree.parts();
  }

  /** Takes in the next page. @throws VaultError `damaged` */
  *add(page: Uint8Array): Generator<undefined, void, undefined> {
    this.#pages += 1;
    if (this.#pages > limits.pagesMax) throw damagedState('it has too many pages');
    for (const item of readStatePage(page)) {
      this.#take(item);
      yield undefined;
    }
  }

  /** All pages have come. @throws VaultError `damaged` */
  *finish(): Generator<undefined, LoadedState, undefined> {
    const { state, lamports } = this.#parts;
    if (this.#rank !== ranks.node) throw damagedState('it has no nodes');
    this.#closeNode();
    this.#placeDirectories();
    lamports.finishRestore();
    yield undefined;
    for (const { node, waiting } of this.#waiting) this.#restoreWaiting(node, waiting);
    this.#settle();
    state.changedDirectories.clear();
    state.changedNodes.clear();
    return { tree: this.#tree, notes: this.#notes };
  }

  #take(item: StateItem): void {
    const rank = ranks[item.type];
    if (rank < this.#rank || this.#rank < 0 !== (rank === 0)) throw damagedState('out of order');
    if (rank !== this.#rank) this.#before = '';
    if (rank > ranks.counters && this.#rank <= ranks.counters) this.#checkCounters();
    this.#rank = rank;
    switch (item.type) {
      case 'head':
        this.#inOrder('head');
        this.#parts.state.rejected = item.rejected;
        break;
      case 'journal':
        this.#takeJournal(item);
        break;
      case 'counters':
        this.#takeCounters(item);
        break;
      case 'snapshot':
        this.#takeSnapshot(item);
        break;
      case 'dropped':
        for (const id of item.ids) this.#inOrder(id);
        this.#parts.state.snapshots.restore([], item.ids);
        break;
      case 'note':
        this.#takeNote(item);
        break;
      case 'node':
        this.#takeNode(item);
    }
  }

  /** Of one kind each comes once, and where it belongs. */
  #inOrder(name: string): void {
    if (this.#before !== '' && name <= this.#before) throw damagedState('out of order');
    this.#before = name;
  }

  #takeJournal({ journal, sequence, hash }: StateJournal): void {
    this.#inOrder(journal);
    if (sequence < 1) throw damagedState('a position of nothing');
    this.#parts.state.vector.set(journal, sequence);
    if (hash !== undefined) this.#parts.state.lastBatches.set(journal, hash);
  }

  #takeCounters({ journal, leaps, lowered }: StateCounters): void {
    const { lamports, state } = this.#parts;
    if (journal < this.#before) throw damagedState('out of order');
    this.#before = journal;
    const bySequence = new Map(lowered.map((each) => [each.sequence, each]));
    for (const leap of leaps) {
      const sequence = lamports.countOf(journal) + 1;
      const claimed = (lamports.countersOf(journal).claimed.at(-1) ?? 0) + 1 + leap;
      const { lamport = claimed, seen } = bySequence.get(sequence) ?? {};
      bySequence.delete(sequence);
      const isPossible = leap < lamportLeapMax && Number.isSafeInteger(claimed);
      if (!isPossible || lamport < 1 || lamport > claimed) throw damagedState('a strange counter');
      if (sequence > (state.vector.get(journal) ?? 0)) throw damagedState('too many counters');
      lamports.restore(journal, { claimed, lamport, seen });
    }
    if (bySequence.size > 0) throw damagedState('a counter of nothing');
  }

  #checkCounters(): void {
    const { lamports, state } = this.#parts;
    for (const [journal, sequence] of state.vector) {
      if (lamports.countOf(journal) !== sequence) throw damagedState('counters are missing');
    }
  }

  #takeSnapshot({ id, name, vector, op, stamp }: StateSnapshot): void {
    this.#inOrder(id);
    this.#within(op);
    this.#parts.stamps.add(stamp);
    this.#parts.state.snapshots.restore([{ id, name, vector, op, stamp }], []);
  }

  #takeNote({ op, stamp, note }: StateNote): void {
    this.#inOrder(splitJournalId(op.journal).device + note.id);
    this.#within(op);
    if (checkOp(note) !== undefined) throw damagedState('a note that breaks a rule');
    this.#parts.stamps.add(stamp);
    this.#parts.state.notes.take(note, op, stamp);
    this.#notes.set(opKey(op), note);
  }

  #takeNode(node: StateNode): void {
    if (this.#node[0]?.id !== node.id) {
      this.#closeNode();
      this.#checkNew(node);
    }
    this.#node.push(node);
  }

  /** Directories come first, by id. The order of the others takes no part in what they make. */
  #checkNew({ id, isDirectory }: StateNode): void {
    const { nodes, frozen } = this.#parts.state;
    if (isDirectory) this.#inOrder(id);
    const isRepeated = isDirectory ? this.#areDirectoriesPlaced : nodes.has(id) || frozen.has(id);
    if (isRepeated) throw damagedState('out of order');
  }

  /** The node before has come whole. */
  #closeNode(): void {
    const node = joined(this.#node);
    if (node === undefined) return;
    this.#node = [];
    checkNodeState(node, (op) => this.#isWithin(op));
    if (node.isDirectory) this.#restoreDirectory(node);
    else this.#restoreFile(node);
    for (const waiting of node.waiting) this.#waiting.push({ node: node.id, waiting });
    this.#rememberStamps(node);
  }

  #restoreDirectory(node: StateNode): void {
    const { state } = this.#parts;
    const record = this.#directoryOf(node.id);
    this.#expected.delete(node.id);
    state.touched.add(record);
    state.stirred.add(record);
    const moves = restoreNode(record, node, (id) => this.#parentOf(id));
    if (record !== state.root) state.moves.addDirectory(record);
    for (const move of moves) state.moves.addMove(record, move, this.#orderOf(move));
  }

  /** A file, a symlink, or what is not known to be anything. */
  #restoreFile(node: StateNode): void {
    this.#placeDirectories();
    const { state } = this.#parts;
    const record = newNode(node.id);
    state.nodes.set(node.id, record);
    state.touched.add(record);
    state.unsettled.add(record);
    restoreNode(record, node, (id) => this.#parentOf(id));
    this.#unsettled += 1;
    if (this.#unsettled >= settledTogether) this.#settle();
  }

  /** Its record; it may have been named by what is in it. */
  #directoryOf(id: NodeId): NodeRecord {
    const { state } = this.#parts;
    let record = state.nodes.get(id);
    if (record === undefined) {
      record = newNode(id);
      state.nodes.set(id, record);
    }
    return record;
  }

  #parentOf(id: NodeId): NodeRecord {
    const { nodes } = this.#parts.state;
    const known = nodes.get(id);
    if (this.#areDirectoriesPlaced && known?.directory === undefined) throw strayParent();
    if (known !== undefined) return known;
    this.#expected.add(id);
    return this.#directoryOf(id);
  }

  /** Once all of them have come. */
  #placeDirectories(): void {
    if (this.#areDirectoriesPlaced) return;
    if (this.#expected.size > 0) throw strayParent();
    this.#areDirectoriesPlaced = true;
    this.#parts.state.moves.rebuild();
    this.#settle();
  }

  #settle(): void {
    settle(this.#parts.state);
    rest(this.#parts.state);
    this.#unsettled = 0;
  }

  #restoreWaiting(id: NodeId, { op, stamp, place, by, replaces }: StateWaiting): void {
    const { state } = this.#parts;
    if (peekNode(state, place.parent) === undefined) throw strayParent();
    const [node, parent] = [nodeOf(state, id), nodeOf(state, place.parent)];
    const entry = valuesOf(node.entries).find((each) => each.id === place.entry);
    if (entry === undefined || (node.kind !== undefined && parent.directory !== undefined)) {
      throw damagedState('a position that need not wait');
    }
    const { name } = place;
    const record = {
      ...op,
      ...stamp,
      parent,
      name,
      attributes: {},
      content: undefined,
    };
    const position = { entry, record, replaces, order: this.#orderOf(op), by };
    if (node.kind === undefined) {
      (rareOf(node).early ??= []).push(position);
      rareOf(parent).pins += 1;
    } else {
      (rareOf(parent).waiting ??= []).push(position);
      rareOf(node).pins += 1;
    }
  }

  #rememberStamps({ ops, entries, waiting }: StateNode): void {
    const remember = (stamp: Stamp): void => this.#parts.stamps.add(stamp);
    for (const { stamp } of ops) remember(stamp);
    for (const { stamp } of waiting) remember(stamp);
    for (const { deleted } of entries) if (deleted !== undefined) remember(deleted.stamp);
  }

  #orderOf({
    journal,
    sequence,
  }: Pick<OpId, 'journal' | 'sequence'>): NonNullable<
    ReturnType<TreeParts['lamports']['orderOf']>
  > {
    const order = this.#parts.lamports.orderOf(journal, sequence);
    if (order === undefined) throw damagedState('an operation without a counter');
    return order;
  }

  #isWithin({ journal, sequence }: OpId): boolean {
    return sequence >= 1 && sequence <= (this.#parts.state.vector.get(journal) ?? 0);
  }

  #within(op: OpId): void {
    if (!this.#isWithin(op)) throw damagedState('it goes beyond its own vector');
  }
}

/** A node out of its items. */
function joined(items: readonly StateNode[]): StateNode | undefined {
  const [first, ...others] = items;
  if (first === undefined || others.length === 0) return first;
  return {
    ...first,
    ops: items.flatMap(({ ops }) => ops),
    entries: items.flatMap(({ entries }) => entries),
    waiting: items.flatMap(({ waiting }) => waiting),
    buried: items.flatMap(({ buried }) => buried),
    superseded: items.flatMap(({ superseded }) => superseded),
    covered: items.flatMap(({ covered }) => covered),
    outdated: items.flatMap(({ outdated }) => outdated),
  };
}

function strayParent(): Error {
  return damagedState('something is in a directory that is not there');
}

/** All pages at once. @throws VaultError `damaged` */
export function* loadState(
  pages: Iterable<Uint8Array>,
  options: TreeOptions,
): Generator<undefined, LoadedState, undefined> {
  const loader = new StateLoader(options);
  for (const page of pages) yield* loader.add(page);
  return yield* loader.finish();
}
