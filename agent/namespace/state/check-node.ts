/** What a node of a state may hold: pages come from other devices, so nothing of them is believed. */
import { checkAttributes, checkContent, checkName, checkTarget } from '../../journal/check-op.ts';
import { rootNodeId } from '../../../protocol/ids.ts';
import type { OpId } from '../../../protocol/messages/op.ts';
import { damagedState } from '../../../protocol/messages/state-page.ts';
import type {
  StateEntry,
  StateNode,
  StateOp,
  StatePlace,
  StateWaiting,
} from '../../../protocol/messages/state.ts';
import { compareOps } from '../records.ts';
import { compareText } from '../rows.ts';

/**
 * @param isWithin whether an operation is one of those that the state stands for
 * @throws VaultError `damaged`
 */
export function checkNodeState(node: StateNode, isWithin: (op: OpId) => boolean): void {
  checkHead(node);
  const { ops, entries, waiting, target } = node;
  checkOrder(ops, (a, b) => compareOps(a.op, b.op));
  checkOrder(entries, compareEntries);
  checkOrder(waiting, (a, b) => compareOps(a.op, b.op));
  for (const op of ops) checkOp(node, op);
  for (const position of waiting) checkWaiting(node, position);
  if (target !== undefined) refuse(checkTarget(target.value));
  const within = [
    ...[...ops, ...waiting].map(({ op }) => op),
    ...entries.flatMap(({ deleted }) => (deleted === undefined ? [] : [deleted.op])),
    ...(target === undefined ? [] : [target.by]),
  ];
  if (!within.every(isWithin)) throw damagedState('it goes beyond its own vector');
}

function checkHead(node: StateNode): void {
  const { id, kind, isDirectory, lineage, hasKin, target } = node;
  if (kind === 'directory' ? !isDirectory : isDirectory && kind !== 'void') {
    throw damagedState('a node that is a directory and is none');
  }
  if (id === rootNodeId && kind !== 'directory') throw damagedState('a root that is no directory');
  // Towards lower ids only, so that nothing goes round in a circle.
  if (lineage !== undefined && (lineage >= id || hasKin)) throw damagedState('a history of others');
  if (target !== undefined && kind !== 'symlink') throw damagedState('a target of no symlink');
  if (kind !== 'void') return;
  const { ops, entries, waiting, buried, superseded, covered, outdated } = node;
  const lists = [ops, entries, waiting, buried, superseded, covered, outdated];
  if (lists.some((list) => list.length > 0)) throw damagedState('a void node that holds something');
}

function checkOp(
  { id, kind }: StateNode,
  { place, attributes, content, own, isSign }: StateOp,
): void {
  if (place !== undefined) {
    const isOfDirectory = kind === 'directory' && id !== rootNodeId && place.entry === undefined;
    const isOfFile = (kind === 'file' || kind === 'symlink') && place.entry !== undefined;
    if (!isOfDirectory && (!isOfFile || place.isMove)) throw damagedState('a position of nothing');
    checkPlace(place);
  }
  if (attributes !== undefined) refuse(checkAttributes(attributes));
  if (own !== undefined) refuse(checkAttributes(own));
  if (content !== undefined) refuse(checkContent(content));
  if (isSign && kind !== undefined && kind !== 'directory') throw damagedState('a sign of no life');
}

function checkWaiting({ id, kind, entries }: StateNode, { place }: StateWaiting): void {
  checkPlace(place);
  const isKnown = kind === 'file' || kind === 'symlink' || kind === 'directory';
  const hasEntry = entries.some((entry) => entry.id === place.entry);
  if (id === rootNodeId || (kind !== undefined && !isKnown)) throw damagedState('what cannot wait');
  if (place.isMove || (kind === undefined && !hasEntry)) throw damagedState('a position of nobody');
}

function checkPlace({ name }: StatePlace): void {
  refuse(checkName(Buffer.from(name, 'latin1')));
}

/** One with many names comes again with more of them. */
function compareEntries(a: StateEntry, b: StateEntry): number {
  const isMore = a.id === b.id && b.deleted === undefined && b.replaced.length > 0;
  return isMore ? -1 : compareText(a.id, b.id);
}

/** Each comes once, and where it belongs. */
function checkOrder<T>(values: readonly T[], compare: (a: T, b: T) => number): void {
  for (const [at, value] of values.entries()) {
    const before = values[at - 1];
    if (before !== undefined && compare(before, value) >= 0) throw damagedState('out of order');
  }
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw damagedState(problem);
}
