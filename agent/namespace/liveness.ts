/**
 * Signs of life of directories. Making, moving and setting attributes show that a directory is
 * wanted; removing it covers the signs that it names. A sign that nobody covered keeps the directory,
 * so a rename or a chmod that is concurrent with a removal wins, like an edit of a file does.
 */
import type { OpId } from '../../protocol/messages/op.ts';
import { filtered, withValue } from './one-or-many.ts';
import { isNamed, opKey, rareOf, type NodeRecord, type OpRecord } from './records.ts';
import { hasCome, type TreeState } from './state.ts';

/** A sign that covers the ones it names. */
export function addSign(
  state: TreeState,
  node: NodeRecord,
  record: OpRecord,
  covers: readonly OpId[],
): void {
  if (!mayLiveBySigns(node)) return;
  coverSigns(state, node, covers);
  if (node.rare?.covered?.has(opKey(record)) !== true) node.signs = withValue(node.signs, record);
  state.stirred.add(node);
}

export function coverSigns(state: TreeState, node: NodeRecord, names: readonly OpId[]): void {
  if (names.length === 0 || !mayLiveBySigns(node)) return;
  node.signs = filtered(node.signs, (sign) => !isNamed(sign, names));
  for (const name of names) {
    if (!hasCome(state, name)) (rareOf(node).covered ??= new Set()).add(opKey(name));
  }
  state.stirred.add(node);
}

/** It has turned out not to be a directory. */
export function forgetSigns(node: NodeRecord): void {
  node.signs = undefined;
  if (node.rare !== undefined) node.rare.covered = undefined;
}

/** A node whose kind is not known yet may become a directory; others never do. */
function mayLiveBySigns({ kind }: NodeRecord): boolean {
  return kind === undefined || kind === 'directory';
}

/** Whether the directory is shown: wanted by itself, or for the sake of what is in it. */
export function isAlive(state: TreeState, node: NodeRecord): boolean {
  if (node === state.root) return true;
  if (node.kind !== 'directory' || node.directory === undefined) return false;
  return node.signs !== undefined || node.directory.liveChildren > 0;
}
