/** What is selected, and the lists of the files view behind one face: how long, which key where. Pure. */
import type { Conflict } from '../../../protocol/messages/control-conflict.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import type { LogRow, TrashRow } from '../../../protocol/messages/control-history.ts';
import type { ListShape } from '../../state/list-cursor.ts';
import type { State } from '../../state/state.ts';
import { joinPath, pathKey, pathOfKey } from './paths.ts';
import type { FilesSlice } from './slice.ts';

export function listShape(slice: FilesSlice, height: number): ListShape {
  switch (slice.mode) {
    case 'browse':
      return shape(slice.rows, height, ({ key }) => key);
    case 'history':
      return shape(slice.history?.rows ?? [], height, logKey);
    case 'trash':
      return shape(slice.trash ?? [], height, trashKey);
    case 'conflicts':
      return shape(slice.conflicts ?? [], height, ({ path }) => pathKey(path));
  }
}

function shape<Item>(
  items: readonly Item[],
  height: number,
  keyOf: (item: Item) => string,
): ListShape {
  return {
    count: items.length,
    height,
    keyAt(index) {
      const item = items[index];
      return item === undefined ? undefined : keyOf(item);
    },
  };
}

export function logKey(row: LogRow): string {
  return `${String(row.timeMs)} ${row.what} ${row.version ?? ''} ${row.deviceId}`;
}

export function trashKey(row: TrashRow): string {
  return `${String(row.timeMs)} ${pathKey(row.path)}`;
}

export function filesOf(state: State): FilesSlice {
  return state.slices.files;
}

export interface Selected {
  readonly path: Buffer;
  readonly entry: Entry;
}

/** In the directory that is browsed. */
export function selectedEntry(slice: FilesSlice): Selected | undefined {
  const row = slice.mode === 'browse' ? slice.rows[slice.cursor.index] : undefined;
  return row === undefined
    ? undefined
    : { path: joinPath(slice.directory, row.entry.path), entry: row.entry };
}

export function selectedLog(slice: FilesSlice): LogRow | undefined {
  return slice.mode === 'history' ? slice.history?.rows?.[slice.listCursor.index] : undefined;
}

export function selectedTrash(slice: FilesSlice): TrashRow | undefined {
  return slice.mode === 'trash' ? slice.trash?.[slice.listCursor.index] : undefined;
}

export function selectedConflict(slice: FilesSlice): Conflict | undefined {
  return slice.mode === 'conflicts' ? slice.conflicts?.[slice.listCursor.index] : undefined;
}

/** The path that an answer to "why" is about. */
export function selectedPath(slice: FilesSlice): Buffer | undefined {
  return (
    selectedEntry(slice)?.path ??
    selectedLog(slice)?.path ??
    selectedTrash(slice)?.path ??
    selectedConflict(slice)?.path ??
    (slice.mode === 'browse' ? slice.directory : undefined)
  );
}

/** Whatever is marked, else what is selected. */
export function chosenPaths(slice: FilesSlice): readonly Buffer[] {
  if (slice.marks.size > 0) return [...slice.marks].map(pathOfKey);
  const selected = selectedEntry(slice);
  return selected === undefined ? [] : [selected.path];
}
