/** What stands around the view: the header with health and views, the status line, the key bar. Pure. */
import { formatAge } from '../../protocol/text/format.ts';
import { displayWidth } from '../../protocol/text/width.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Action } from '../keymap/action.ts';
import { act } from '../keymap/intent.ts';
import type { Intent } from '../keymap/intent.ts';
import { keyText } from '../keymap/keys.ts';
import { actionsIn, wordOf } from '../keymap/action-list.ts';
import { isLocked } from '../state/locked.ts';
import type { Notice, State } from '../state/state.ts';
import { around } from '../state/text-input.ts';
import type { Glyphs } from '../theme/glyphs.ts';
import type { Role, Theme } from '../theme/theme.ts';
import { anyView, viewTitles } from '../views/all.ts';
import { viewIds } from '../views/slices.ts';
import { commandRow } from './command-row.ts';
import type { Geometry } from './geometry.ts';
import type { Panel, Rect } from './panel.ts';
import { fitEnd, row, rowWidth, span, wrap } from './span.ts';
import type { Part, Row, Span } from './span.ts';
import { healthSpan } from '../widgets/health.ts';

export function headerPanel(state: State, geometry: Geometry, theme: Theme): Panel {
  const { header } = geometry;
  const tabs = tabSpans(state, header.width, theme.glyphs);
  const rows = header.height > 1 ? [titleRow(state, theme), tabs.row] : [tabs.row];
  return {
    id: 'header',
    rect: header,
    rows,
    click: (at, column) => (at === rows.length - 1 ? clicked(tabs.targets, column) : undefined),
  };
}

export function titleRow(state: State, { glyphs }: Theme): Row {
  const { link } = state;
  const status = state.data.status?.value;
  const parts: Part[] = [span('strong', ' vault-tui')];
  const separator = span('dim', ` ${glyphs.separator} `);
  if (status !== undefined) {
    const { name, role, peersOnline, peersKnown } = status;
    parts.push(separator, `${escapeText(name)} (${role})`);
    if (link.state === 'online') {
      parts.push(separator, healthSpan(status.health, glyphs), separator);
      parts.push(
        isLocked(state)
          ? span('bad', 'the keys are locked: ! unlocks')
          : `${String(peersOnline)} of ${String(peersKnown)} devices online`,
      );
    }
  }
  if (link.state === 'connecting') parts.push(separator, span('working', 'connecting'));
  if (link.state === 'lost') parts.push(separator, span('bad', lostText(state, glyphs)));
  if (state.readOnly) parts.push(separator, span('warn', 'read-only'));
  if (state.frozen) parts.push(separator, span('warn', 'figures stand still'));
  return row(...parts);
}

/** How old what is shown is, while the agent is gone. */
function lostText({ link, nowMs }: State, glyphs: Glyphs): string {
  if (link.heardMs === 0) return `${glyphs.broken} no agent`;
  const seconds = Math.max(0, Math.floor((nowMs - link.heardMs) / 1000));
  const age = seconds < 60 ? `${String(seconds)} s` : formatAge(timestamp(link.heardMs), nowMs);
  return `${glyphs.broken} no agent: all of this is ${age} old`;
}

function timestamp(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

interface Target {
  readonly start: number;
  readonly end: number;
  readonly intent: Intent;
}

interface Line {
  readonly row: Row;
  readonly targets: readonly Target[];
}

function clicked(targets: readonly Target[], column: number): Intent | undefined {
  return targets.find(({ start, end }) => column >= start && column < end)?.intent;
}

/** In the place of the space behind a name. */
function unreadMark(count: number): string {
  if (count === 0) return ' ';
  return `+${String(Math.min(9, count))}`;
}

/** All names where they fit, else the number of the others. */
function tabSpans(state: State, width: number, glyphs: Glyphs): Line {
  const marks = viewIds.map((id) => unreadMark(anyView(id).unread?.(state) ?? 0));
  const whole = viewIds.reduce(
    (sum, id, index) => sum + viewTitles[id].length + 3 + (marks[index]?.length ?? 0),
    0,
  );
  const spans: Span[] = [];
  const targets: Target[] = [];
  let at = 0;
  for (const [index, id] of viewIds.entries()) {
    const current = state.view === id;
    const number = String(index + 1);
    const name = current || whole <= width ? `${number} ${viewTitles[id]}` : number;
    const mark = marks[index] ?? ' ';
    const label = `${current ? glyphs.pointer : ' '}${name}${mark}`;
    spans.push(span(current ? 'selected' : mark === ' ' ? 'dim' : 'warn', label));
    targets.push({ start: at, end: at + displayWidth(label), intent: act(`go.${id}`) });
    at += displayWidth(label);
  }
  return { row: spans, targets };
}

export function footerPanel(state: State, geometry: Geometry, theme: Theme): Panel {
  const { footer } = geometry;
  // Whoever has begun to type keys looks for the next one, whatever was said before.
  if (state.pendingKeys !== '') {
    return { id: 'footer', rect: footer, rows: continuations(state, footer) };
  }
  const bar = keyBar(state, footer.width);
  if (state.notice !== undefined && state.filterInput === undefined) {
    return noticePanel(state.notice, { footer, bar, theme });
  }
  const status = statusRow(state, theme);
  const alone = footer.height === 1 && rowWidth(status) === 0;
  const rows = alone ? [bar.row] : footer.height === 1 ? [status] : [status, bar.row];
  return {
    id: 'footer',
    rect: footer,
    rows,
    click: (at, column) => (rows[at] === bar.row ? clicked(bar.targets, column) : undefined),
  };
}

const noticeRoles = { done: 'ok', warning: 'warn', failed: 'bad' } as const satisfies Record<
  string,
  Role
>;

interface NoticeLook {
  readonly footer: Rect;
  readonly bar: Line;
  readonly theme: Theme;
}

/** What was said, whole: where one row is too short for it, it lies over the rows above, until Esc. */
function noticePanel(notice: Notice, { footer, bar, theme }: NoticeLook): Panel {
  const said = noticeRows(notice, footer.width, theme).slice(0, footer.y);
  const rows = footer.height > 1 ? [...said, bar.row] : said;
  const rect = { ...footer, y: footer.y + footer.height - rows.length, height: rows.length };
  return {
    id: 'footer',
    rect,
    rows,
    click: (at, column) => (rows[at] === bar.row ? clicked(bar.targets, column) : undefined),
  };
}

function noticeRows(
  { kind, text, next }: Notice,
  width: number,
  { glyphs }: Theme,
): readonly Row[] {
  const sign = { done: glyphs.mark, warning: glyphs.warning, failed: glyphs.broken }[kind];
  const role = noticeRoles[kind];
  const step = next === undefined ? '' : `try: ${next}`;
  const whole = row(span(role, ` ${sign} ${text}`), span('dim', step === '' ? '' : `  ${step}`));
  if (rowWidth(whole) <= width) return [whole];
  const room = width - 4;
  const steps = step === '' ? [] : wrap(step, room);
  return [
    ...wrap(text, room).map((line, at) => row(span(role, ` ${at === 0 ? sign : ' '} ${line}`))),
    ...steps.map((line) => row(span('dim', `   ${line}`))),
  ];
}

/** The most urgent of: what is typed, what runs, the latest command. */
function statusRow(state: State, { glyphs }: Theme): Row {
  const { filterInput, tasks, commands, filters, view, size } = state;
  if (filterInput !== undefined)
    return row(span('key', ' /'), ...inputSpans(filterInput, { width: size.columns - 2, glyphs }));
  const task = tasks.at(-1);
  if (task !== undefined) {
    const { title, done, total } = task;
    const share =
      done === undefined || total === undefined || total === 0
        ? ''
        : `  ${String(Math.floor((100 * done) / total))} %`;
    const others = tasks.length === 1 ? '' : `  and ${String(tasks.length - 1)} more`;
    return row(
      span('working', ` ${glyphs.working} ${title}${share}${others}`),
      span('dim', '  X stops'),
    );
  }
  const filter = filters[view] ?? '';
  if (filter !== '')
    return row(span('warn', ` filter: ${escapeText(filter)}`), span('dim', '  Esc drops it'));
  const command = commands.at(-1);
  return command === undefined ? [] : commandRow(state, command, { width: size.columns, glyphs });
}

/** What the next key of a sequence may be, in as many rows as there are. */
function continuations(state: State, { width, height }: Rect): readonly Row[] {
  const begun = `${state.pendingKeys} `;
  const rows: Row[] = [row(span('key', ` ${keyText(state.pendingKeys)}`))];
  for (const action of actionsIn(state)) {
    const key = action.keys.find((each) => each.startsWith(begun));
    if (key === undefined || action.unless?.(state) !== undefined) continue;
    if (action.changes === true && state.readOnly) continue;
    const parts = row(span('key', `  ${keyText(key.slice(begun.length))}`), ` ${wordOf(action)}`);
    const last = rows.at(-1) ?? [];
    const fits = rowWidth(last) + rowWidth(parts) <= width || rows.length === height;
    if (fits) rows[rows.length - 1] = [...last, ...parts];
    else rows.push(parts);
  }
  return rows;
}

/** A line of text with its cursor, which is always seen: of a long text, what is around it. */
export function inputSpans(
  input: Parameters<typeof around>[0],
  { width, glyphs }: { readonly width: number; readonly glyphs: Glyphs },
): readonly Span[] {
  const [before, under, after] = around(input);
  const room = width - displayWidth(escapeText(under));
  const typed = escapeText(before);
  return [
    span('text', displayWidth(typed) <= room ? typed : fitEnd(typed, room, glyphs.ellipsis)),
    span('selected', under === ' ' ? ' ' : escapeText(under)),
    span('text', escapeText(after)),
  ];
}

function keyBar(state: State, width: number): Line {
  const actions = actionsIn(state).filter(
    ({ bar, changes, unless }) =>
      bar !== undefined && !(changes === true && state.readOnly) && unless?.(state) === undefined,
  );
  const spans: Span[] = [];
  const targets: Target[] = [];
  let at = 0;
  for (const [index, action] of actions.entries()) {
    const [keySpan, label] = keySpans(action);
    const length = barWidth([action]);
    const kept = actions.slice(index + 1).filter((each) => isKept(each, width));
    if (at + length + barWidth(kept) > width) continue;
    spans.push(keySpan, label);
    targets.push({ start: at, end: at + length, intent: act(action.id) });
    at += length;
  }
  return { row: spans, targets };
}

function keySpans(action: Action): readonly [Span, Span] {
  const key = keyText(action.keys[0] ?? '');
  return [span('key', ` ${key}`), span('dim', ` ${action.bar ?? ''} `)];
}

function barWidth(actions: readonly Action[]): number {
  return actions.flatMap(keySpans).reduce((sum, { text }) => sum + displayWidth(text), 0);
}

/** The way to the help and out is always there; in a narrow bar nothing else is, but what the view can do. */
function isKept({ id, place }: Action, width: number): boolean {
  if (width >= barWidthRoomy) return place === 'everywhere';
  return id === 'show.help' || id === 'console.quit';
}

const barWidthRoomy = 60;
