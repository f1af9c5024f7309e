/**
 * Positions: where an operation that names a parent takes effect. It waits until its node's kind and
 * its parent are known. Positions of directories belong to the node and go to the move log; those of
 * files and symlinks belong to the entry: a position beats the ones that it names, the latest stamp
 * wins among the rest.
 */
import { filtered, valuesOf, withValue } from './one-or-many.ts';
import { isNamed, opKey, rareOf, type NodeRecord, type WaitingPosition } from './records.ts';
import type { TreeState } from './state.ts';
import { unsettle } from './listing.ts';

/** Takes in a position, now or as soon as what it names is known. */
export function addPosition(state: TreeState, position: WaitingPosition): void {
  const { node } = position.entry;
  const { parent } = position.record;
  if (node.kind === undefined) {
    (rareOf(node).early ??= []).push(position);
    if (parent !== undefined) rareOf(parent).pins += 1;
  } else if (parent?.directory !== undefined) ground(state, position, false);
  else if (parent !== undefined) {
    (rareOf(parent).waiting ??= []).push(position);
    rareOf(node).pins += 1;
  }
}

/** The node's kind has become known: what came too early counts now. */
export function wakeEarly(state: TreeState, node: NodeRecord): void {
  const early = node.rare?.early;
  if (early === undefined) return;
  rareOf(node).early = undefined;
  for (const position of early) {
    unpin(state, position.record.parent);
    addPosition(state, position);
  }
}

/** The node has become a directory: what waited for it as its parent counts now. */
export function wakeWaiting(state: TreeState, node: NodeRecord): void {
  const waiting = node.rare?.waiting;
  if (waiting === undefined) return;
  rareOf(node).waiting = undefined;
  for (const position of waiting) {
    unpin(state, position.entry.node);
    ground(state, position, true);
  }
}

/** Nothing that waits points to it from here any more: it may rest. */
function unpin(state: TreeState, node: NodeRecord | undefined): void {
  if (node === undefined) return;
  rareOf(node).pins -= 1;
  state.touched.add(node);
}

function ground(state: TreeState, position: WaitingPosition, hasWaited: boolean): void {
  const { node } = position.entry;
  if (node.kind === 'void') return;
  if (node.directory === undefined) {
    groundEntry(state, position);
  } else if (position.by === 'move') {
    state.moves.addMove(node, position.record, position.order);
  } else if (position.by === 'make') {
    // A link gives a directory no second position: it has one only, its node's.
    node.directory.makes = withValue(node.directory.makes, position.record);
    state.moves.addBase(node, hasWaited);
  }
}

function groundEntry(state: TreeState, { entry, record, replaces }: WaitingPosition): void {
  unsettle(state, entry.node);
  for (const name of replaces) {
    const isHere = valuesOf(entry.positions).some((held) => isNamed(held, [name]));
    if (!isHere) (entry.replaced ??= new Set()).add(opKey(name));
  }
  if (replaces.length > 0) {
    entry.positions = filtered(entry.positions, (held) => !isNamed(held, replaces));
  }
  if (entry.replaced?.has(opKey(record)) !== true) {
    entry.positions = withValue(entry.positions, record);
  }
}
