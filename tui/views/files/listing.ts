/** A directory as rows in order. Made anew when the listing or the order changes. Pure. */
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import { escapeBytes } from '../../../protocol/text/escape.ts';
import { pathKey } from './paths.ts';

export const sortOrders = ['name', 'size', 'changed'] as const;
export type SortOrder = (typeof sortOrders)[number];

export interface FileRow {
  readonly entry: Entry;
  /** Name, as latin1. */
  readonly key: string;
  /** Name, escaped. */
  readonly text: string;
}

export function sortedRows(entries: readonly Entry[], sort: SortOrder): readonly FileRow[] {
  return entries
    .map((entry) => ({ entry, key: pathKey(entry.path), text: escapeBytes(entry.path) }))
    .sort((left, right) => directoriesFirst(left, right) || orders[sort](left, right));
}

function directoriesFirst(left: FileRow, right: FileRow): number {
  return Number(right.entry.kind === 'directory') - Number(left.entry.kind === 'directory');
}

const orders: Readonly<Record<SortOrder, (left: FileRow, right: FileRow) => number>> = {
  name: byName,
  size: (left, right) => right.entry.size - left.entry.size || byName(left, right),
  changed: (left, right) =>
    right.entry.mtime.seconds - left.entry.mtime.seconds || byName(left, right),
};

function byName(left: FileRow, right: FileRow): number {
  return left.key < right.key ? -1 : left.key > right.key ? 1 : 0;
}
