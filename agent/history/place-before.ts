/**
 * Where an entry was when an operation moved or removed it: what the operation itself says that it
 * saw, else the last place before it. Pure.
 */
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import type { LinkOp, MakeOp, MoveOp, OpId } from '../../protocol/messages/op.ts';
import { compareChanges } from './compare-changes.ts';
import type { Change } from './history.types.ts';

export interface Place {
  readonly parent: NodeId;
  readonly name: Buffer;
}

/** Brings an entry to a place. */
export interface Arrival extends Change {
  readonly body: MakeOp | LinkOp | MoveOp;
}

/**
 * @param changes of one node, by stamp
 * @param change one of them
 */
export function placeBefore(changes: readonly Change[], change: Change): Place | undefined {
  const { body } = change;
  const entry = entryOf(change);
  const arrivals = changes.filter(isArrival).filter((each) => isOfEntry(each, entry));
  if (body.type === 'move') {
    const seen = arrivals.filter(({ op }) => body.replaces.some((name) => isSameOp(name, op)));
    if (seen.length > 0) return seen.at(-1)?.body;
  }
  return arrivals.filter((each) => compareChanges(each, change) < 0).at(-1)?.body;
}

export function isArrival(change: Change): change is Arrival {
  const { type } = change.body;
  return type === 'make' || type === 'link' || type === 'move';
}

/** The entry that the operation is about; undefined when it is about all of the node. */
function entryOf({ body }: Change): EntryId | undefined {
  return 'entry' in body ? body.entry : undefined;
}

/** Positions of a directory belong to its node, whatever its entry is called. */
function isOfEntry({ body }: Arrival, entry: EntryId | undefined): boolean {
  return entry === undefined || body.entry === entry;
}

function isSameOp(a: OpId, b: OpId): boolean {
  return a.index === b.index && a.sequence === b.sequence && a.journal === b.journal;
}
