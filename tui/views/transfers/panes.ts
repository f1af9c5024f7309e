/** The panes of the transfers view. Pure. */
import type { TransferRow, TransferState } from '../../../protocol/control/reports.ts';
import { formatBytes, formatDuration } from '../../../protocol/text/format.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import { change, inOrder } from '../../keymap/intent.ts';
import { insideOf } from '../../screen/panel.ts';
import type { Panel, Rect } from '../../screen/panel.ts';
import { fit, row, span, wrap } from '../../screen/span.ts';
import type { Row, Span } from '../../screen/span.ts';
import type { State } from '../../state/state.ts';
import type { Role, Theme } from '../../theme/theme.ts';
import { absent } from '../../widgets/absent.ts';
import { listPanel } from '../../widgets/list-panel.ts';
import { meter, percent } from '../../widgets/meter.ts';
import { pieceRows } from '../../widgets/piece-map.ts';
import { graphLines, scaleOf } from '../../widgets/sparkline.ts';
import type { Column } from '../../widgets/table.ts';
import type { Frame } from '../view.ts';
import { layoutOf, transfersPane } from './layout.ts';
import { selectedTransfer, shownTransfers } from './slice.ts';

export function transfersPanels(state: State, { rect, theme }: Frame): readonly Panel[] {
  const { list, details } = layoutOf(state, rect);
  return [
    ...(list === undefined ? [] : [transferList(state, list, theme)]),
    ...(details === undefined ? [] : [detailsPanel(state, details, theme)]),
  ];
}

function transferList(state: State, rect: Rect, theme: Theme): Panel {
  const items = shownTransfers(state);
  const datum = state.data.transfers;
  return listPanel({
    id: 'list',
    rect,
    title: 'Transfers',
    note: summaryOf(items),
    focused: transfersPane(state) === 'list',
    theme,
    columns: columnsOf(theme),
    items,
    cursor: state.slices.transfers.cursor,
    empty: datum?.value === undefined ? absent(datum) : quiet,
    pick: (index) =>
      inOrder(
        change({ type: 'focus', pane: 0 }),
        change({ type: 'view', view: 'transfers', message: { type: 'pick', index } }),
      ),
  });
}

const quiet: readonly Row[] = [[], row(span('dim', ' Nothing is being transferred'))];

function summaryOf(items: readonly TransferRow[]): string {
  const running = items.filter(({ state }) => state === 'running');
  const waiting = items.filter(({ state }) => state === 'waiting' || state === 'stalled').length;
  const rate = running.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
  return `${String(running.length)} running, ${String(waiting)} waiting, ${formatBytes(rate)}/s`;
}

const stateRoles: Readonly<Record<TransferState, Role>> = {
  running: 'working',
  waiting: 'dim',
  stalled: 'warn',
  paused: 'warn',
  done: 'ok',
  failed: 'bad',
};

function columnsOf(theme: Theme): readonly Column<TransferRow>[] {
  const { up, down } = theme.glyphs;
  const sign = ({ direction }: TransferRow): string => (direction === 'in' ? down : up);
  return [
    { title: 'what', below: 90, cell: (row) => `${sign(row)} ${whatOf(row)}` },
    { title: 'what', from: 90, cell: (row) => `${sign(row)} ${whatOf({ ...row, peer: null })}` },
    { title: 'device', width: 14, from: 90, cell: ({ peer }) => escapeText(peer ?? '') },
    { title: 'kind', width: 9, from: 90, cell: ({ kind }) => kind },
    { title: 'state', width: 8, cell: ({ state }) => span(stateRoles[state], state) },
    { title: 'done', width: 6, right: true, cell: doneText },
    {
      title: 'of',
      width: 9,
      right: true,
      from: 60,
      cell: ({ bytesTotal }) => formatBytes(bytesTotal),
    },
    {
      title: 'rate',
      width: 11,
      from: 44,
      right: true,
      cell: ({ state, bytesPerSecond }) =>
        state === 'running' ? `${formatBytes(bytesPerSecond)}/s` : '',
    },
    {
      title: 'left',
      width: 10,
      right: true,
      from: 56,
      cell: ({ secondsLeft }) => (secondsLeft === null ? '' : formatDuration(secondsLeft)),
    },
  ];
}

/** Without a path: between which devices. */
function whatOf({ path, kind, peer }: TransferRow): string {
  if (path !== null) return escapeText(path);
  return peer === null ? kind : `${kind} ${escapeText(peer)}`;
}

/** How much comes through a pipe is not known before its end. */
function doneText(item: TransferRow): string {
  const ofClient = item.kind === 'put' || item.kind === 'get';
  return ofClient && item.bytesDone === item.bytesTotal ? '' : percent(shareOf(item));
}

function shareOf({ bytesDone, bytesTotal, state }: TransferRow): number {
  if (bytesTotal === 0) return state === 'done' ? 1 : 0;
  return bytesDone / bytesTotal;
}

function detailsPanel(state: State, rect: Rect, theme: Theme): Panel {
  const selected = selectedTransfer(state);
  return {
    id: 'details',
    rect,
    title: 'Details',
    focused: transfersPane(state) === 'details',
    rows:
      selected === undefined
        ? nothingRows(state, insideOf(rect).width)
        : detailRows(state, selected, { rect, theme }),
    click: () => change({ type: 'focus', pane: 1 }),
  };
}

function nothingRows(state: State, width: number): readonly Row[] {
  if (state.tasks.length > 0) return taskRows(state);
  const { value } = state.data.transfers ?? {};
  if (value === undefined) return absent(state.data.transfers);
  const text =
    value.length === 0
      ? 'What is put, read, and moved between devices is shown here while it runs'
      : 'No transfer fits the filter';
  return wrap(text, width - 2).map((line) => row(span('dim', ` ${line}`)));
}

/** What runs in this console is no transfer of the agent. */
function taskRows({ tasks }: State): readonly Row[] {
  return tasks.map(({ title }) => row(` ${title}`, span('dim', '  in this console; X stops it')));
}

function detailRows(state: State, item: TransferRow, { rect, theme }: Frame): readonly Row[] {
  const { width, height } = insideOf(rect);
  const label = (text: string): Span => span('dim', fit(` ${text}`, 10));
  const { bytesDone, bytesTotal, peer, deviceId, reason, startedAt, kind, direction } = item;
  const bar = meter(shareOf(item), { width: Math.max(4, width - 36), theme, role: 'accent' });
  const device = peer === null ? '' : `${escapeText(peer)} ${deviceId?.slice(0, 8) ?? ''}`;
  const facts = [
    row(label('what'), item.path === null ? '' : escapeText(item.path)),
    row(
      label('device'),
      device,
      span('dim', `  ${kind} ${direction}, since ${startedAt.slice(11, 19)}`),
    ),
    row(label('done'), ...bar, ` ${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`),
    ...piecesRows(state, item, { rect, theme }),
    ...reasonRows(reason, width),
    ...taskRows(state),
  ];
  const samples = state.slices.transfers.rates.get(item.id) ?? [];
  const room = height - facts.length - 1;
  if (theme.glyphs.name === 'plain' || room < 2 || samples.every((each) => each === 0))
    return facts;
  const scale = scaleOf(samples, 1024);
  const size = { width: width - 1, height: room };
  return [
    ...facts,
    row(label('rate'), span('dim', `scale to ${formatBytes(scale)}/s`)),
    ...graphLines(samples, scale, size, theme.glyphs.name).map((line) =>
      row(span('in', ` ${line}`)),
    ),
  ];
}

/** Of what is read of a file: which parts of it are here by now. */
function piecesRows(
  { slices }: State,
  { id }: TransferRow,
  { rect, theme }: Frame,
): readonly Row[] {
  const { pieces } = slices.transfers;
  if (pieces?.id !== id) return [];
  const { width, height } = insideOf(rect);
  const size = { width: width - 11, rowsMax: height > 10 ? 3 : 1, theme };
  return pieceRows(pieces.report.cells, size).map((cells, at) =>
    row(span('dim', fit(at === 0 ? ' pieces' : '', 10)), ...cells),
  );
}

function reasonRows(reason: TransferRow['reason'], width: number): readonly Row[] {
  if (reason === null) return [];
  const next = reason.next === undefined ? [] : wrap(`try: ${escapeText(reason.next)}`, width - 4);
  return [
    ...wrap(escapeText(reason.message), width - 3).map((line) => row(span('warn', ` ${line}`))),
    ...next.map((line) => row(span('dim', `   ${line}`))),
  ];
}
