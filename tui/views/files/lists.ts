/** What is selected, and the lists of the files view behind one face: how long, which key where. Pure. */
import type { SnapshotRow } from '../../../protocol/control/reports.ts';
import type { Conflict } from '../../../protocol/messages/control-conflict.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import type { LogRow, TrashRow } from '../../../protocol/messages/control-history.ts';
import { escapeBytes, escapeText } from '../../../protocol/text/escape.ts';
import { fitting } from '../../state/filtered.ts';
import type { ListShape } from '../../state/list-cursor.ts';
import type { State } from '../../state/state.ts';
import type { FileRow } from './listing.ts';
import { joinPath, pathKey, pathOfKey } from './paths.ts';
import type { FilesSlice } from './slice.ts';

export function listShape(slice: FilesSlice, height: number): ListShape {
  switch (slice.mode) {
    case 'browse':
      return shape(shownRows(slice), height, ({ key }) => key);
    case 'history':
      return shape(shownLog(slice), height, logKey);
    case 'trash':
      return shape(shownTrash(slice), height, trashKey);
    case 'conflicts':
      return shape(shownConflicts(slice), height, ({ path }) => pathKey(path));
    case 'snapshots':
      return shape(shownSnapshots(slice), height, ({ id }) => id);
  }
}

/** Of the listing, in order. */
export function shownRows({ sorted, filter }: FilesSlice): readonly FileRow[] {
  return fitting(filter, sorted, ({ text }) => text);
}

export function shownLog({ history, filter }: FilesSlice): readonly LogRow[] {
  return fitting(filter, history?.rows ?? none, ({ path, what, author, version = '' }) =>
    [escapeBytes(path), what, escapeText(author), version].join(' '),
  );
}

export function shownTrash({ trash, filter }: FilesSlice): readonly TrashRow[] {
  return fitting(filter, trash ?? none, ({ path, author }) =>
    [escapeBytes(path), escapeText(author)].join(' '),
  );
}

export function shownConflicts({ conflicts, filter }: FilesSlice): readonly Conflict[] {
  return fitting(filter, conflicts ?? none, ({ path, kind, versions }) =>
    [escapeBytes(path), kind, ...versions.map(({ author = '' }) => escapeText(author))].join(' '),
  );
}

export function shownSnapshots({ snapshots, filter }: FilesSlice): readonly SnapshotRow[] {
  return fitting(filter, snapshots ?? none, ({ name, author, time, state }) =>
    [escapeText(name), escapeText(author), time, state].join(' '),
  );
}

const none: readonly never[] = [];

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

function trashKey(row: TrashRow): string {
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
  const row = slice.mode === 'browse' ? shownRows(slice)[slice.cursor.index] : undefined;
  return row === undefined
    ? undefined
    : { path: joinPath(slice.directory, row.entry.path), entry: row.entry };
}

export function selectedLog(slice: FilesSlice): LogRow | undefined {
  return slice.mode === 'history' ? shownLog(slice)[slice.listCursor.index] : undefined;
}

export function selectedTrash(slice: FilesSlice): TrashRow | undefined {
  return slice.mode === 'trash' ? shownTrash(slice)[slice.listCursor.index] : undefined;
}

export function selectedConflict(slice: FilesSlice): Conflict | undefined {
  return slice.mode === 'conflicts' ? shownConflicts(slice)[slice.listCursor.index] : undefined;
}

export function selectedSnapshot(slice: FilesSlice): SnapshotRow | undefined {
  return slice.mode === 'snapshots' ? shownSnapshots(slice)[slice.listCursor.index] : undefined;
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
