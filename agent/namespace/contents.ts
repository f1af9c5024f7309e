/**
 * The content of files: a multi-value register. Heads are the versions that no version supersedes;
 * tombstones bury the heads that they saw, and an unburied head outlives the deletion of every entry
 * (DESIGN.md, section 6, "Content").
 */
import type { Content, OpId } from '../../protocol/messages/op.ts';
import { filtered, isMany, valuesOf, withValue } from './one-or-many.ts';
import {
  compareStamps,
  isNamed,
  isSameOp,
  opKey,
  rareOf,
  type NodeRecord,
  type OpRecord,
} from './records.ts';
import { hasCome, type TreeState } from './state.ts';

/** A new version of `node` that supersedes the named ones. */
export function addHead(
  state: TreeState,
  node: NodeRecord,
  record: OpRecord,
  supersedes: readonly OpId[],
): void {
  if (supersedes.length > 0) {
    node.heads = filtered(node.heads, (head) => !isNamed(head, supersedes));
    for (const name of supersedes) {
      if (!hasCome(state, name)) (rareOf(node).superseded ??= new Set()).add(opKey(name));
    }
  }
  const superseded = node.rare?.superseded?.has(opKey(record)) === true;
  if (!superseded) node.heads = withValue(node.heads, record);
}

/** Remembers what a tombstone saw. */
export function bury(node: NodeRecord, names: readonly OpId[]): void {
  if (names.length === 0) return;
  const buried = (rareOf(node).buried ??= new Set());
  for (const name of names) buried.add(opKey(name));
}

export function hasUnburiedHead(node: NodeRecord): boolean {
  const buried = node.rare?.buried;
  if (buried === undefined) return node.heads !== undefined;
  return valuesOf(node.heads).some((head) => !buried.has(opKey(head)));
}

/**
 * The versions to show, the latest first. While an entry lives that is every head, once for equal
 * contents; after the deletion of all entries only what no deletion saw.
 */
export function shownVersions(node: NodeRecord): readonly OpRecord[] {
  if (node.kind !== 'file') return [];
  const hasLife = valuesOf(node.entries).some(
    (entry) => entry.deleted === undefined && entry.positions !== undefined,
  );
  const heads = hasLife ? valuesOf(node.heads) : unburied(node);
  if (heads.length < 2) return heads;
  const sorted = [...heads].sort((a, b) => compareStamps(b, a));
  const shown: OpRecord[] = [];
  for (const head of sorted) {
    if (!shown.some((other) => isSameContent(other.content, head.content))) shown.push(head);
  }
  return shown;
}

/**
 * Every head that is shown, or with `like` those that are shown in its place: heads of equal content
 * make one row but have to be named each.
 */
export function headsToName(node: NodeRecord, like?: OpId): readonly OpRecord[] {
  const shown = shownVersions(node);
  const rows = like === undefined ? shown : shown.filter((head) => isSameOp(head, like));
  if (!isMany(node.heads)) return rows;
  return valuesOf(node.heads).filter((head) =>
    rows.some((row) => isSameContent(row.content, head.content)),
  );
}

export function isSameContent(a: Content | undefined, b: Content | undefined): boolean {
  return a === b || contentKey(a) === contentKey(b);
}

/** Two contents with one key are the same stored bytes. */
export function contentKey(content: Content | undefined): string {
  if (content === undefined) return '';
  switch (content.type) {
    case 'empty':
      return '';
    case 'small':
      return `s${content.small.record}`;
    case 'chunk':
      return `c${content.chunk.cid}`;
    case 'manifest':
      return `m${content.manifest.cid}`;
  }
}

export function sizeOf(content: Content | undefined): number {
  return content === undefined || content.type === 'empty' ? 0 : content.size;
}

function unburied(node: NodeRecord): readonly OpRecord[] {
  const buried = node.rare?.buried;
  const heads = valuesOf(node.heads);
  return buried === undefined ? heads : heads.filter((head) => !buried.has(opKey(head)));
}
