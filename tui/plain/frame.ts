/**
 * A view as plain text: its panes one below the other, each with its title, without frames, pictures
 * and colours; for those who hear the screen, and for pipes. Pure.
 */
import { fitRow, rowText } from '../screen/span.ts';
import type { Row } from '../screen/span.ts';
import { insideOf } from '../screen/panel.ts';
import type { Panel } from '../screen/panel.ts';
import { titleRow } from '../screen/chrome.ts';
import { safeText } from '../screen/paint.ts';
import type { Size, State } from '../state/state.ts';
import type { Theme } from '../theme/theme.ts';
import { anyView } from '../views/all.ts';

/** Rows of one pane: a longer list says how much more there is. */
const paneRowsMax = 500;
/** Below this, words give way to signs. */
const leastColumns = 80;
const usualColumns = 120;
const mostColumns = 200;

/** The size of the screen that such a text is of. */
export function plainSize(columns: number | undefined): Size {
  const fitting = Math.min(mostColumns, Math.max(leastColumns, columns ?? usualColumns));
  return { columns: fitting, rows: paneRowsMax };
}

/** Lines without an end of line. Every pane of the view has to have its data in the state. */
export function plainFrame(state: State, theme: Theme): readonly string[] {
  const view = anyView(state.view);
  const rect = { x: 0, y: 0, width: state.size.columns, height: paneRowsMax };
  const panes = view.panes
    .map((name, at) => ({ name, alone: { ...state, zoomed: true, focus: { [state.view]: at } } }))
    .filter(({ name }) => view.pictures?.includes(name) !== true)
    .flatMap(({ alone }) => view.panels(alone, { rect, theme }));
  const head = [titleRow(state, theme), [{ text: ` ${view.title}`, role: 'text' }] satisfies Row];
  return [
    ...head.map((row) =>
      lineOf(row, rect.width, theme).trimStart().replace(/ +,/g, ',').replace(/ {2,}/g, ' '),
    ),
    ...panes.flatMap((panel) => ['', ...paneLines(panel, theme)]),
  ];
}

function paneLines(panel: Panel, theme: Theme): readonly string[] {
  const { rows, title = '', note, scroll } = panel;
  const { width } = insideOf(panel.rect);
  const lines = rows.map((row) => lineOf(row, width, theme));
  while (lines.at(-1) === '') lines.pop();
  while (lines[0] === '') lines.shift();
  const hidden = (scroll?.count ?? 0) - rows.length;
  const head = safeText(note === undefined || note === '' ? title : `${title} (${note})`, theme);
  return [head, ...lines, ...(hidden > 0 ? [` and ${String(hidden)} more`] : [])];
}

function lineOf(row: Row, width: number, theme: Theme): string {
  return safeText(rowText(fitRow(row, width, theme.glyphs.ellipsis)), theme).trimEnd();
}
