/** How the files view changes. Pure. */
import { anchored, atStart, moved, placed } from '../../state/list-cursor.ts';
import type { ListCursor, ListShape, Move } from '../../state/list-cursor.ts';
import type { State } from '../../state/state.ts';
import type { ReduceContext } from '../view.ts';
import { layoutOf, sideIsFocused } from './layout.ts';
import { sortedRows, sortOrders } from './listing.ts';
import { listShape, shownRows } from './lists.ts';
import { nameOf, parentOf, pathKey } from './paths.ts';
import type { FilesMessage, FilesSlice, Preview, ReadMode } from './slice.ts';

export function reduceFiles(
  slice: FilesSlice,
  message: FilesMessage,
  context: ReduceContext,
): FilesSlice {
  const { state } = context;
  switch (message.type) {
    case 'move':
      return sideIsFocused(state) ? scrolled(slice, message, context) : go(slice, message, context);
    case 'pick':
      return withCursor(slice, placed(cursorOf(slice), message.index, shapeOf(slice, context)));
    case 'open':
      return opened(slice, message);
    case 'up':
      return up(slice);
    case 'travel':
      return { ...emptied(slice), at: message.at, marks: new Set() };
    case 'listed':
      return message.key === listingKey(slice)
        ? resorted({ ...slice, listing: message.listing }, context)
        : slice;
    case 'sort': {
      const next = sortOrders[(sortOrders.indexOf(slice.sort) + 1) % sortOrders.length] ?? 'name';
      return resorted({ ...slice, sort: next }, context);
    }
    case 'mark': {
      const marks = new Set(slice.marks);
      for (const path of message.paths) {
        if (message.on) marks.add(path);
        else marks.delete(path);
      }
      return { ...slice, marks };
    }
    case 'mark-only':
      return { ...slice, marks: new Set(message.paths) };
    case 'side':
      return withSide(slice, message.side);
    case 'facts':
      return { ...slice, facts: withFacts(slice, message.facts) };
    case 'mode':
      return {
        ...slice,
        mode: message.mode,
        // It was of another directory, perhaps.
        trash: message.mode === 'trash' ? undefined : slice.trash,
        keptFilter: keptFilter(slice),
        listCursor: atStart,
        side: undefined,
        sideTop: 0,
      };
    case 'history':
      return withHistory(slice, message, context);
    case 'base':
      return slice.history === undefined
        ? slice
        : { ...slice, history: { ...slice.history, base: message.key } };
    case 'trash':
      return relisted({ ...came(slice, 'trash'), trash: message.rows }, context);
    case 'conflicts':
      return relisted({ ...came(slice, 'conflicts'), conflicts: message.rows }, context);
    case 'snapshots':
      return relisted({ ...came(slice, 'snapshots'), snapshots: message.rows }, context);
    case 'list-failed':
      return failed(slice, message);
  }
}

function came(slice: FilesSlice, mode: ReadMode): FilesSlice {
  return slice.failures[mode] === undefined
    ? slice
    : { ...slice, failures: { ...slice.failures, [mode]: undefined } };
}

/** What was read before may be anything by now: why there is nothing else is what is shown. */
function failed(
  slice: FilesSlice,
  { mode, error }: Extract<FilesMessage, { type: 'list-failed' }>,
): FilesSlice {
  const failures = { ...slice.failures, [mode]: error };
  if (mode !== 'history') return { ...slice, failures, [mode]: undefined };
  const history = slice.history === undefined ? undefined : { ...slice.history, rows: undefined };
  return { ...slice, failures, history };
}

/** The filter belongs to the whole console: rows follow it. */
export function observeFiles(slice: FilesSlice, context: ReduceContext): FilesSlice {
  const filter = context.state.filters.files ?? '';
  return filter === slice.filter ? slice : relisted(listed({ ...slice, filter }, context), context);
}

/** Names what is listed. */
export function listingKey({ directory, at }: FilesSlice): string {
  return `${at === undefined ? 'now' : JSON.stringify(at.moment)}:${pathKey(directory)}`;
}

export function cursorOf(slice: FilesSlice): ListCursor {
  return slice.mode === 'browse' ? slice.cursor : slice.listCursor;
}

function withCursor(slice: FilesSlice, cursor: ListCursor): FilesSlice {
  if (cursor === cursorOf(slice)) return slice;
  const moved = slice.mode === 'browse' ? { ...slice, cursor } : { ...slice, listCursor: cursor };
  return { ...moved, sideTop: 0 };
}

function go(slice: FilesSlice, message: Move, context: ReduceContext): FilesSlice {
  return withCursor(slice, moved(cursorOf(slice), message, shapeOf(slice, context)));
}

function shapeOf(slice: FilesSlice, { state, rect }: ReduceContext): ListShape {
  return listShape(slice, listHeight(state, rect));
}

/** Rows of the list, without its head and its frame. */
export function listHeight(state: State, rect: ReduceContext['rect']): number {
  return Math.max(1, (layoutOf(state, rect).list?.height ?? rect.height) - 3);
}

function scrolled(slice: FilesSlice, move: Move, { rect }: ReduceContext): FilesSlice {
  const page = Math.max(1, rect.height - 4);
  const step = { line: 1, half: Math.ceil(page / 2), page, end: 100_000 }[move.unit];
  const count = linesOf(slice.side?.preview);
  const sideTop = Math.max(0, Math.min(slice.sideTop + move.by * step, Math.max(0, count - 1)));
  return sideTop === slice.sideTop ? slice : { ...slice, sideTop };
}

function keptFilter(slice: FilesSlice): string {
  return slice.mode === 'browse' ? slice.filter : slice.keptFilter;
}

function linesOf(preview: Preview | undefined): number {
  if (preview === undefined) return 0;
  return preview.type === 'rows'
    ? preview.rows.length + preview.pairs.length
    : preview.lines.length;
}

/** Of more files than this nobody remembers anything. */
const factsMax = 5000;

function withFacts(slice: FilesSlice, facts: FilesSlice['facts']): FilesSlice['facts'] {
  return new Map([...slice.facts, ...facts].slice(-factsMax));
}

/** Another directory: nothing of it is known yet. */
function emptied(slice: FilesSlice): FilesSlice {
  return {
    ...slice,
    mode: 'browse',
    keptFilter: '',
    listing: undefined,
    sorted: [],
    cursor: atStart,
    side: undefined,
    sideTop: 0,
  };
}

function opened(
  slice: FilesSlice,
  { directory, select }: Extract<FilesMessage, { type: 'open' }>,
): FilesSlice {
  const below = parentOf(directory).equals(slice.directory) && directory.length > 0;
  const cursor = select === undefined ? atStart : { ...atStart, key: select };
  return {
    ...emptied(slice),
    directory,
    cursor,
    trail: below ? [...slice.trail, slice.cursor] : [],
  };
}

/** Back to where the cursor was before it went down. */
function up(slice: FilesSlice): FilesSlice {
  if (slice.directory.length === 0) return slice;
  const key = pathKey(nameOf(slice.directory));
  const before = slice.trail.at(-1) ?? { ...atStart, key };
  return {
    ...emptied(slice),
    directory: parentOf(slice.directory),
    cursor: before,
    trail: slice.trail.slice(0, -1),
  };
}

function resorted(slice: FilesSlice, context: ReduceContext): FilesSlice {
  const sorted = sortedRows(slice.listing?.entries ?? [], slice.sort);
  return listed({ ...slice, sorted }, context);
}

function listed(slice: FilesSlice, context: ReduceContext): FilesSlice {
  // What is looked for in another list moves nothing here.
  const rows = shownRows({ ...slice, filter: keptFilter(slice) });
  const shape = {
    count: rows.length,
    height: listHeight(context.state, context.rect),
    keyAt: (index: number) => rows[index]?.key,
  };
  // A row that was asked for may still come: until all are here, the cursor waits for it.
  const waits = slice.cursor.key !== undefined && slice.listing?.complete !== true;
  const cursor = anchored(slice.cursor, shape);
  const kept =
    waits && cursor.key !== slice.cursor.key ? { ...cursor, key: slice.cursor.key } : cursor;
  return { ...slice, cursor: kept };
}

function relisted(slice: FilesSlice, context: ReduceContext): FilesSlice {
  return { ...slice, listCursor: anchored(slice.listCursor, shapeOf(slice, context)) };
}

function withSide(slice: FilesSlice, side: NonNullable<FilesSlice['side']>): FilesSlice {
  const before = slice.side?.key === side.key ? slice.side : undefined;
  return {
    ...slice,
    side: { ...before, ...side },
    sideTop: before === undefined ? 0 : slice.sideTop,
  };
}

function withHistory(
  slice: FilesSlice,
  { path, rows }: Extract<FilesMessage, { type: 'history' }>,
  context: ReduceContext,
): FilesSlice {
  const same = slice.history?.path.equals(path) === true && slice.mode === 'history';
  const base = same ? slice.history.base : undefined;
  const mode = 'history' as const;
  const next = { ...came(slice, mode), mode, history: { path, rows, base } };
  return same
    ? relisted(next, context)
    : {
        ...next,
        keptFilter: keptFilter(slice),
        listCursor: atStart,
        side: undefined,
        sideTop: 0,
      };
}
