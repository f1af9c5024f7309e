/** The panes of the files view. Pure. */
import { formatMode } from '../../../protocol/text/format.ts';
import { escapeBytes, escapeText } from '../../../protocol/text/escape.ts';
import { change, inOrder } from '../../keymap/intent.ts';
import { insideOf } from '../../screen/panel.ts';
import type { Panel, Rect } from '../../screen/panel.ts';
import { fit, row, span, wrap } from '../../screen/span.ts';
import type { Row } from '../../screen/span.ts';
import { shownRange } from '../../state/list-cursor.ts';
import type { State } from '../../state/state.ts';
import type { Theme } from '../../theme/theme.ts';
import { failureRows } from '../../widgets/absent.ts';
import { factRows } from '../../widgets/facts.ts';
import { pieceRows } from '../../widgets/piece-map.ts';
import { itemAtRow, tableRows } from '../../widgets/table.ts';
import type { Frame } from '../view.ts';
import { columnsOfMode } from './columns.ts';
import { pairRows } from './diff.ts';
import { layoutOf, sideIsFocused } from './layout.ts';
import {
  listShape,
  selectedEntry,
  selectedSnapshot,
  shownConflicts,
  shownLog,
  shownRows,
  shownSnapshots,
  shownTrash,
} from './lists.ts';
import type { Selected } from './lists.ts';
import { joinPath, pathKey, pathText } from './paths.ts';
import { cursorOf } from './reduce.ts';
import { snapshotRows } from './snapshots.ts';
import type { FilesMessage, FilesMode, FilesSlice } from './slice.ts';
import { localMinute } from './text.ts';

export function filesPanels(state: State, { rect, theme }: Frame): readonly Panel[] {
  const { list, side } = layoutOf(state, rect);
  return [
    ...(list === undefined ? [] : [listPanel(state, list, theme)]),
    ...(side === undefined ? [] : [sidePanel(state, side, theme)]),
  ];
}

function say(message: FilesMessage) {
  return change({ type: 'view', view: 'files', message });
}

function listPanel(state: State, rect: Rect, theme: Theme): Panel {
  const slice = state.slices.files;
  const { width, height } = insideOf(rect);
  const cursor = cursorOf(slice);
  const { count } = listShape(slice, height - 1);
  const focused = !sideIsFocused(state);
  const table = { cursor, focused, theme, width, height, count };
  const rows = count === 0 ? emptyRows(slice) : tableRowsOf(slice, table);
  const top = shownRange(cursor, count, height - 1).start;
  return {
    id: 'list',
    rect,
    title: titleOf(slice),
    note: noteOf(slice, count, cursor.index),
    focused,
    rows,
    scroll: { top, count: count + 1 },
    click(at) {
      const index = itemAtRow(cursor, count, height, at);
      const focus = change({ type: 'focus', pane: 0 });
      return index === undefined ? focus : inOrder(focus, say({ type: 'pick', index }));
    },
  };
}

type TableParts = Omit<Parameters<typeof tableRows>[0], 'columns' | 'itemAt' | 'marked'>;

function tableRowsOf(slice: FilesSlice, table: TableParts): readonly Row[] {
  const columns = columnsOfMode(table.theme);
  switch (slice.mode) {
    case 'browse':
      return tableRows({
        ...table,
        columns: columns.browse(slice),
        itemAt: (index) => shownRows(slice)[index],
        marked: ({ entry }) => slice.marks.has(pathKey(joinPath(slice.directory, entry.path))),
      });
    case 'history':
      return tableRows({
        ...table,
        columns: columns.history(slice.history?.base),
        itemAt: (index) => shownLog(slice)[index],
      });
    case 'trash':
      return tableRows({
        ...table,
        columns: columns.trash,
        itemAt: (index) => shownTrash(slice)[index],
      });
    case 'conflicts':
      return tableRows({
        ...table,
        columns: columns.conflicts,
        itemAt: (index) => shownConflicts(slice)[index],
      });
    case 'snapshots':
      return tableRows({
        ...table,
        columns: columns.snapshots,
        itemAt: (index) => shownSnapshots(slice)[index],
      });
  }
}

function titleOf({ mode, directory, at, history }: FilesSlice): string {
  const then = at === undefined ? '' : ` as it was: ${escapeText(at.label)}`;
  const titles = {
    browse: `${pathText(directory)}${then}`,
    history: `History of ${pathText(history?.path ?? directory)}`,
    trash: `Deleted in ${pathText(directory)}`,
    conflicts: 'Conflicts to settle',
    snapshots: 'Snapshots',
  };
  return titles[mode];
}

function noteOf(slice: FilesSlice, count: number, index: number): string {
  const marked = slice.marks.size === 0 ? '' : `${String(slice.marks.size)} marked, `;
  const more = slice.mode === 'browse' && slice.listing?.complete === false ? '...' : '';
  const sort = slice.mode === 'browse' && slice.sort !== 'name' ? ` by ${slice.sort}` : '';
  return count === 0 ? marked : `${marked}${String(index + 1)} of ${String(count)}${more}${sort}`;
}

function emptyRows(slice: FilesSlice): readonly Row[] {
  const error = slice.mode === 'browse' ? slice.listing?.error : slice.failures[slice.mode];
  if (error !== undefined) return [[], ...failureRows(error)];
  const waits = {
    browse: slice.listing?.complete !== true,
    history: slice.history?.rows === undefined,
    trash: slice.trash === undefined,
    conflicts: slice.conflicts === undefined,
    snapshots: slice.snapshots === undefined,
  }[slice.mode];
  if (waits) return [[], row(span('dim', ' waiting for the agent'))];
  const texts = {
    browse: 'The directory is empty: p puts files in',
    history: 'Nothing is known of its past',
    trash: 'Nothing was deleted here',
    conflicts: 'Nothing waits for a decision',
    snapshots: 'No snapshots: A n takes one',
  };
  const text = slice.filter === '' ? texts[slice.mode] : 'Nothing here fits the filter';
  return [[], row(span('dim', ` ${text}`))];
}

const sideTitles: Readonly<Record<FilesMode, string>> = {
  browse: 'Details',
  history: 'Version',
  trash: 'Deleted',
  conflicts: 'Versions',
  snapshots: 'Snapshot',
};

function sidePanel(state: State, rect: Rect, theme: Theme): Panel {
  const slice = state.slices.files;
  const { width, height } = insideOf(rect);
  const details = detailRows(slice, width, theme);
  const preview = previewRows(slice, width, theme);
  const room = Math.max(0, height - details.length);
  const top = Math.min(slice.sideTop, Math.max(0, preview.length - 1));
  return {
    id: 'side',
    rect,
    title: sideTitles[slice.mode],
    focused: sideIsFocused(state),
    rows: [...details, ...preview.slice(top, top + room)],
    scroll: { top, count: preview.length },
    click: () => change({ type: 'focus', pane: 1 }),
  };
}

function detailRows(slice: FilesSlice, width: number, theme: Theme): readonly Row[] {
  const snapshot = selectedSnapshot(slice);
  if (snapshot !== undefined) return snapshotRows(snapshot, width);
  const selected = selectedEntry(slice);
  if (selected === undefined) return [];
  const rows = [
    ...entryRows(selected, width),
    ...piecesRows(slice, width, theme),
    ...whyRows(slice, width, theme),
  ];
  return [...rows, row(span('border', theme.glyphs.horizontal.repeat(Math.max(0, width))))];
}

const labelWidth = 10;

function entryRows({ entry, path }: Selected, width: number): readonly Row[] {
  const { version, author, mode, kind, mtime, target, links, chunks, chunksHere } = entry;
  const names = links > 1 ? `  ${String(links)} names` : '';
  const by = author === undefined ? '' : ` by ${escapeText(author)}`;
  return factRows(
    [
      { name: 'path', value: pathText(path) },
      { name: 'mode', value: formatMode(kind, mode) + names },
      { name: 'changed', value: localMinute(mtime.seconds * 1000) + by },
      { name: 'version', value: version?.slice(0, 16) },
      { name: 'target', value: target === undefined ? undefined : escapeBytes(target) },
      {
        name: 'chunks',
        value: chunks === 0 ? undefined : `${String(chunksHere)} of ${String(chunks)} here`,
      },
    ],
    width,
    labelWidth,
  );
}

function piecesRows({ side }: FilesSlice, width: number, theme: Theme): readonly Row[] {
  if (side?.pieces === undefined) return [];
  const map = pieceRows(side.pieces.cells, { width: width - 11, rowsMax: 1, theme });
  return map.map((cells) => row(span('dim', fit(' pieces', labelWidth)), ...cells));
}

function whyRows(slice: FilesSlice, width: number, theme: Theme): readonly Row[] {
  const why = slice.side?.why;
  if (why === undefined) return [];
  const holders = why.devices.filter(({ holds }) => holds === true);
  const silent = why.devices.filter(({ holds }) => holds === null).length;
  const unknown = silent === 0 ? '' : `, ${String(silent)} not heard from`;
  const names = holders.map(({ name }) => escapeText(name)).join(', ');
  const copies = `${String(holders.length)} of ${String(why.devices.length)}${unknown}`;
  const lines = wrap(escapeText(why.summary), Math.max(10, width - 3));
  return [
    ...factRows(
      [{ name: 'copies', value: names === '' ? copies : `${copies}: ${names}` }],
      width,
      labelWidth,
    ),
    ...lines.map((line, at) =>
      row(
        span(why.health === 'ok' ? 'ok' : 'warn', at === 0 ? ` ${theme.glyphs.arrow} ` : '   '),
        line,
      ),
    ),
  ];
}

function previewRows(slice: FilesSlice, width: number, { glyphs }: Theme): readonly Row[] {
  const { side } = slice;
  if (side?.error !== undefined) return [row(span('bad', ` ${side.error.message}`))];
  const preview = side?.preview;
  if (preview === undefined) return [];
  if (preview.type === 'rows') return [...preview.rows, ...pairRows(preview.pairs, width)];
  const rows = preview.lines.map((line) => row(` ${fit(line, Math.max(0, width - 1), glyphs)}`));
  const cut = preview.type === 'text' && !preview.whole;
  return cut ? [...rows, row(span('dim', ' ...'))] : rows;
}
