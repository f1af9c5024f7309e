/** From paths to rows and from nodes to paths, without building a listing where one name is enough. */
import { isSameOp, type EntryRecord, type NodeRecord, type OpRecord } from './records.ts';
import { conflictMark } from './conflict-names.ts';
import { shownVersions } from './contents.ts';
import { filesIn, folderIn, groupOf, namesTo, type Group } from './groups.ts';
import { valuesOf } from './one-or-many.ts';
import { compareText, fileRow, folderRow, type Row } from './rows.ts';
import type { TreeState } from './state.ts';

export interface FoundRow {
  readonly row: Row;
  readonly parent: Group;
}

type RowsOf = (group: Group) => readonly Row[];

/** The row at a path of at least one name. */
export function rowAt(
  state: TreeState,
  path: readonly string[],
  rowsOf: RowsOf,
): FoundRow | undefined {
  let group: Group = [state.root];
  for (const name of path.slice(0, -1)) {
    const next = folderIn(group, name);
    if (next === undefined) return undefined;
    group = next;
  }
  const last = path.at(-1);
  const row = last === undefined ? undefined : rowIn(state, group, last, rowsOf);
  return row === undefined ? undefined : { row, parent: group };
}

/** The row of a name in a directory. */
export function rowIn(
  state: TreeState,
  group: Group,
  name: string,
  rowsOf: RowsOf,
): Row | undefined {
  const folder = folderIn(group, name);
  if (folder !== undefined) return folderRow(name, folder);
  const files = filesIn(state, group, name);
  const plain = plainRow(name, files);
  if (plain !== undefined) return plain;
  if (files.length === 0 && !name.includes(conflictMark)) return undefined;
  return rowsOf(group).find((row) => row.name === name);
}

/** The row of a name that only one entry wants. */
function plainRow(name: string, files: readonly EntryRecord[]): Row | undefined {
  const [entry, ...others] = files;
  if (entry === undefined || others.length > 0) return undefined;
  if (entry.node.kind === 'symlink') return fileRow(name, entry, undefined);
  const [version] = shownVersions(entry.node);
  return version === undefined ? undefined : fileRow(name, entry, version);
}

/** Names from the root to a node, by its first entry that can be reached. */
export function pathTo(
  state: TreeState,
  node: NodeRecord,
  rowsOf: RowsOf,
): readonly string[] | undefined {
  if (node.directory !== undefined) return namesTo(state, node);
  const entries = [...valuesOf(node.entries)].sort((a, b) => compareText(a.id, b.id));
  for (const entry of entries) {
    const parent = entry.listed?.parent;
    const names = parent === undefined ? undefined : namesTo(state, parent);
    const group = parent === undefined ? undefined : groupOf(state, parent);
    if (names === undefined || group === undefined || entry.listed === undefined) continue;
    return [...names, shownName(state, { group, entry, rowsOf })];
  }
  return undefined;
}

function shownName(
  state: TreeState,
  { group, entry, rowsOf }: { group: Group; entry: EntryRecord; rowsOf: RowsOf },
): string {
  const name = entry.listed?.name ?? '';
  if (folderIn(group, name) === undefined && filesIn(state, group, name).length === 1) return name;
  const [latest] = shownVersions(entry.node);
  // By their names: a kept row may have been unpacked another time.
  const row = rowsOf(group).find(
    (other) =>
      other.entry?.id === entry.id &&
      other.node.id === entry.node.id &&
      (latest === undefined ? other.version === undefined : isVersion(other, latest)),
  );
  return row?.name ?? name;
}

function isVersion({ version }: Row, wanted: OpRecord): boolean {
  return version !== undefined && isSameOp(version, wanted);
}
