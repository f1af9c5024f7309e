/**
 * The state of a tree as pages that are the same, byte for byte, wherever a tree holds the same batches,
 * whatever came in which order, and whether it was made of batches or of an earlier state. They hold all
 * that an operation beyond the vector can ask for, an honest or a faulty one: a tree that is loaded from
 * them answers to whatever comes as this one does (protocol/SPEC.md, "State pages").
 *
 * Pure, and in steps: what comes out is a page, or undefined after a little work. The tree MUST NOT change
 * meanwhile, so it is one that was made for this (`vault/at-tree.ts`).
 */
import { splitJournalId, type JournalId, type NodeId } from '../../../protocol/ids.ts';
import type { NoteOp } from '../../../protocol/messages/op.ts';
import { damagedState, StatePageWriter } from '../../../protocol/messages/state-page.ts';
import type { LoweredBatch, StateItem } from '../../../protocol/messages/state.ts';
import type { Lamports } from '../lamport.ts';
import type { NoteRef } from '../notes.ts';
import { opKey, type NodeRecord, type OpRecord, type WaitingPosition } from '../records.ts';
import { compareText } from '../rows.ts';
import type { TreeState } from '../state.ts';
import type { JournaledTree } from '../tree.ts';
import { nodesInOrder } from './node-order.ts';
import { partsOf } from './node-parts.ts';
import { nodeStateOf } from './node-state.ts';

export interface EncodeOptions {
  /** What the notes say that the tree knows of (`Tree.notes`), by `opKey`. */
  readonly notes: ReadonlyMap<string, NoteOp>;
  /** For tests. @default limits.state.pageBytesMax */
  readonly pageBytesMax?: number;
}

/** Batches of one journal in one item, and ids of snapshots. */
const perItemMax = 1024;

/**
 * The pages of the state that the tree's batches make, one after the other.
 * @throws VaultError `damaged` when a note is not among `notes`
 */
export function* encodeState(
  tree: JournaledTree,
  { notes, pageBytesMax }: EncodeOptions,
): Generator<Buffer | undefined, void, undefined> {
  const writer = new StatePageWriter(pageBytesMax);
  for (const item of itemsOf(tree, notes)) {
    yield item === undefined ? undefined : writer.add(item);
  }
  yield writer.finish();
}

function* itemsOf(
  tree: JournaledTree,
  notes: EncodeOptions['notes'],
): Generator<StateItem | undefined> {
  const { state, lamports } = tree.parts();
  yield { type: 'head', rejected: state.rejected };
  const journals = [...state.vector].filter(([, sequence]) => sequence > 0).sort(byName);
  for (const [journal, sequence] of journals) {
    yield {
      type: 'journal',
      journal,
      sequence,
      hash: state.lastBatches.get(journal),
    };
  }
  for (const [journal] of journals) yield* countersOf(lamports, journal);
  yield* snapshotsOf(state);
  for (const { op, stamp } of [...state.notes.list()].sort(byAuthor)) {
    const note = notes.get(opKey(op));
    if (note === undefined) throw damagedState(`the text of the note ${opKey(op)} is not here`);
    yield { type: 'note', op, stamp, note };
  }
  yield* nodesOf(state);
}

function* countersOf(lamports: Lamports, journal: JournalId): Generator<StateItem> {
  const { claimed, orders, seen } = lamports.countersOf(journal);
  let leaps: number[] = [];
  let lowered: LoweredBatch[] = [];
  let names = 0;
  for (const [at, claim] of claimed.entries()) {
    leaps.push(claim - (claimed[at - 1] ?? 0) - 1);
    const sequence = at + 1;
    const named = seen.get(sequence);
    if (named !== undefined) {
      lowered.push({
        sequence,
        lamport: orders[at]?.lamport ?? claim,
        seen: named,
      });
      names += named.length;
    }
    if (leaps.length < perItemMax && names < perItemMax) continue;
    yield { type: 'counters', journal, leaps, lowered };
    [leaps, lowered, names] = [[], [], 0];
  }
  if (leaps.length > 0) yield { type: 'counters', journal, leaps, lowered };
}

function* snapshotsOf({ snapshots }: TreeState): Generator<StateItem> {
  const taken = [...snapshots.list()].sort((a, b) => compareText(a.id, b.id));
  for (const snapshot of taken) {
    const vector = new Map([...snapshot.vector].sort(byName));
    yield { type: 'snapshot', ...snapshot, vector };
  }
  const ids = [...snapshots.dropped()].sort(compareText);
  for (let at = 0; at < ids.length; at += perItemMax) {
    yield { type: 'dropped', ids: ids.slice(at, at + perItemMax) };
  }
}

function* nodesOf(state: TreeState): Generator<StateItem | undefined> {
  const waiting = new Map<NodeId, WaitingPosition[]>();
  for (const node of state.nodes.values()) {
    for (const position of waitingAt(node)) append(waiting, position.entry.node.id, position);
    yield undefined;
  }
  const moves = new Map<NodeRecord, OpRecord[]>();
  for (const { node, record } of state.moves.logged()) append(moves, node, record);
  for (const node of nodesInOrder(state)) {
    if (node === undefined) yield undefined;
    else {
      const around = {
        moves: moves.get(node) ?? [],
        waiting: waiting.get(node.id) ?? [],
      };
      yield* partsOf(nodeStateOf(state, node, around));
    }
  }
}

function waitingAt({ rare }: NodeRecord): readonly WaitingPosition[] {
  return [...(rare?.early ?? []), ...(rare?.waiting ?? [])];
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return compareText(a, b);
}

function byAuthor(a: NoteRef, b: NoteRef): number {
  const [first, second] = [a, b].map(({ op }) => splitJournalId(op.journal).device);
  return compareText(first ?? '', second ?? '') || compareText(a.id, b.id);
}
