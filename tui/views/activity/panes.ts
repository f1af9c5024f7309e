/** The panes of the activity: the list of records, and all that one of them says. Pure. */
import type { EventRecord } from '../../../protocol/control/reports.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import { change, inOrder } from '../../keymap/intent.ts';
import { insideOf } from '../../screen/panel.ts';
import type { Panel, Rect } from '../../screen/panel.ts';
import { row, span } from '../../screen/span.ts';
import type { Row } from '../../screen/span.ts';
import type { State } from '../../state/state.ts';
import type { Role, Theme } from '../../theme/theme.ts';
import { factRows } from '../../widgets/facts.ts';
import type { Fact } from '../../widgets/facts.ts';
import { failureRows } from '../../widgets/absent.ts';
import { listPanel } from '../../widgets/list-panel.ts';
import type { Column } from '../../widgets/table.ts';
import type { Frame } from '../view.ts';
import { paneOf } from './layout.ts';
import { levelOf, listedRecords } from './rows.ts';
import type { Level } from './rows.ts';

const levelRoles: Readonly<Record<Level, Role>> = { info: 'text', warning: 'warn', error: 'bad' };
const sourceTitles = {
  events: 'Events',
  audit: 'Audit log',
  notes: 'Notes',
  operations: 'Operations of the mount',
} as const;

export function recordsPanel(state: State, rect: Rect, { theme }: Frame): Panel {
  const { source, least, cursor, follows } = state.slices.activity;
  const items = listedRecords(state);
  const quiet = least === 'info' ? '' : `, ${least} and worse`;
  return listPanel({
    id: 'list',
    rect,
    title: sourceTitles[source] + quiet,
    note: `${String(items.length)} ${follows ? 'follows' : 'stands still'}`,
    focused: paneOf(state) === 'list',
    theme,
    columns: columnsFor(theme),
    items,
    cursor,
    empty: emptyRows(state),
    pick: (index) =>
      inOrder(
        change({ type: 'focus', pane: 0 }),
        change({ type: 'view', view: 'activity', message: { type: 'pick', index } }),
      ),
  });
}

function emptyRows(state: State): readonly Row[] {
  const { source, audit, notes, operations } = state.slices.activity;
  if (source === 'audit' && audit.error !== undefined) return failureRows(audit.error);
  if (source === 'notes') {
    if (notes.error !== undefined) return failureRows(notes.error);
    return [row(span('dim', ' No notes: s leaves one'))];
  }
  if (source === 'operations') {
    if (operations.error !== undefined) return failureRows(operations.error);
    if (!operations.known) return [row(span('dim', ' waiting for the agent'))];
    const mounted = (state.data.status?.value?.mounts ?? []).length > 0;
    const text = mounted ? 'Nothing in the mount has waited' : 'Nothing is mounted: M in Overview';
    return [row(span('dim', ` ${text}`))];
  }
  return [row(span('dim', ' Nothing of this kind has happened'))];
}

function columnsFor(theme: Theme): readonly Column<EventRecord>[] {
  const signs = { info: ' ', warning: theme.glyphs.warning, error: theme.glyphs.broken };
  return [
    { title: 'DAY', width: 10, from: 100, cell: ({ time }) => span('dim', time.slice(0, 10)) },
    { title: 'TIME', width: 8, cell: ({ time }) => span('dim', time.slice(11, 19)) },
    { title: '', width: 1, cell: (each) => span(levelRoles[levelOf(each)], signs[levelOf(each)]) },
    { title: 'KIND', width: 20, from: 70, cell: ({ type }) => escapeText(type) },
    {
      title: 'WHAT',
      cell: (each) => span(levelRoles[levelOf(each)], escapeText(each.message)),
    },
  ];
}

export function detailsPanel(state: State, rect: Rect): Panel {
  const { cursor } = state.slices.activity;
  const record = listedRecords(state)[cursor.index];
  const { width } = insideOf(rect);
  return {
    id: 'details',
    rect,
    title: 'Details',
    focused: paneOf(state) === 'details',
    rows: record === undefined ? [] : factRows(factsOf(record), width),
    click: () => change({ type: 'focus', pane: 1 }),
  };
}

function factsOf(record: EventRecord): readonly Fact[] {
  const { time, type, message, subject, level, ...rest } = record;
  // Of a note: what was said, with its lines; who and about what come before what kind it is.
  const said = typeof rest['text'] === 'string' ? rest['text'] : undefined;
  const others = Object.entries(rest)
    .filter(([name]) => said === undefined || name !== 'text')
    .map(([name, value]) => ({
      name: escapeText(name),
      value: escapeText(typeof value === 'string' ? value : JSON.stringify(value)),
    }));
  const kind: readonly Fact[] = [
    { name: 'Kind', value: escapeText(type) },
    { name: 'About', value: subject === undefined ? undefined : escapeText(subject) },
  ];
  return [
    { name: 'When', value: escapeText(time) },
    ...(said ?? message).split('\n').map((line, at) => ({
      name: at === 0 ? 'What' : '',
      value: escapeText(line),
      role: levelRoles[level ?? 'info'],
    })),
    ...(said === undefined ? [...kind, ...others] : [...others, ...kind]),
  ];
}
