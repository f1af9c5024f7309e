/** A rectangle of the screen: rows of text, a frame with a title if it has one, and what a click in it means. Pure. */
import { displayWidth } from '../../protocol/text/width.ts';
import type { Intent } from '../keymap/intent.ts';
import type { Glyphs } from '../theme/glyphs.ts';
import type { Theme } from '../theme/theme.ts';
import { paintRow } from './paint.ts';
import { fit, fitEnd, row, rowWidth, span } from './span.ts';
import type { Row } from './span.ts';

/** In cells, from the top left corner of the screen. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Panel {
  /** Unique on the screen; of a pane of the view its name. */
  readonly id: string;
  readonly rect: Rect;
  /** Of the inside; missing ones are empty. */
  readonly rows: readonly Row[];
  /** undefined: no frame. */
  readonly title?: string | undefined;
  /** On the right of the upper edge. */
  readonly note?: string | undefined;
  readonly focused?: boolean | undefined;
  /** Where in a longer list the rows stand. */
  readonly scroll?: Scroll | undefined;
  /** What a click on a row of the inside means. */
  readonly click?: ((rowNumber: number, column: number) => Intent | undefined) | undefined;
}

export interface Scroll {
  readonly top: number;
  readonly count: number;
}

/** The rectangle inside the frame. */
export function insideOf(rect: Rect): Rect {
  return {
    x: rect.x + 1,
    y: rect.y + 1,
    width: Math.max(0, rect.width - 2),
    height: Math.max(0, rect.height - 2),
  };
}

/**
 * One string for each line of the rectangle, of exactly its width.
 * @param place goes to a column of the screen: where a terminal takes another width for a character than we do, the
 *   frame stays straight
 */
export function paintPanel(
  panel: Panel,
  theme: Theme,
  place: (column: number) => string = () => '',
): string[] {
  const { rect, rows, title } = panel;
  if (rect.width <= 0 || rect.height <= 0) return [];
  if (title === undefined) {
    return lines(rect.height, (at) => paintRow(rows[at] ?? [], rect.width, theme));
  }
  return framed(panel, title, { theme, place });
}

interface Brush {
  readonly theme: Theme;
  readonly place: (column: number) => string;
}

function framed(panel: Panel, title: string, { theme, place }: Brush): string[] {
  const { rect, rows } = panel;
  const { glyphs } = theme;
  const role = panel.focused === true ? 'focus' : 'border';
  const width = rect.width - 2;
  const edge = paintRow([span(role, glyphs.vertical)], 1, theme);
  const bar = scrollBar(panel.scroll, rect.height - 2);
  const inside = lines(rect.height - 2, (at) => {
    const rightEdge = bar[at] === true ? paintRow([span(role, glyphs.scroll)], 1, theme) : edge;
    const cells = rows[at] ?? [];
    const back = isAscii(cells) ? '' : place(rect.x + rect.width - 1);
    return edge + paintRow(cells, width, theme) + back + rightEdge;
  });
  const [topLeft, topRight, bottomLeft, bottomRight] = glyphs.corners;
  const bottom = glyphs.horizontal.repeat(Math.max(0, width));
  return [
    paintRow(
      [span(role, topLeft), ...upperEdge(panel, title, glyphs), span(role, topRight)],
      rect.width,
      theme,
    ),
    ...inside,
    paintRow([span(role, bottomLeft + bottom + bottomRight)], rect.width, theme),
  ];
}

function isAscii(cells: Row): boolean {
  return cells.every(({ text }) => /^[\x20-\x7e]*$/.test(text));
}

function upperEdge(panel: Panel, title: string, glyphs: Glyphs): Row {
  const width = panel.rect.width - 2;
  const focused = panel.focused === true;
  const role = focused ? 'focus' : 'border';
  const name = width < 4 ? '' : ` ${fitTitle(title, width - 2, glyphs)} `;
  const room = width - displayWidth(name) - 2;
  const note = panel.note === undefined || room < 5 ? '' : ` ${fitNote(panel.note, room, glyphs)} `;
  const head = row(
    span(role, width > displayWidth(name) ? glyphs.horizontal : ''),
    span(focused ? 'focus' : 'strong', name),
  );
  const line = Math.max(0, width - rowWidth(head) - displayWidth(note) - (note === '' ? 0 : 1));
  return row(
    ...head,
    span(role, glyphs.horizontal.repeat(line)),
    span('dim', note),
    span(role, note === '' ? '' : glyphs.horizontal),
  );
}

/** The end of a path says more than its beginning. */
function fitTitle(title: string, room: number, { ellipsis }: Glyphs): string {
  return displayWidth(title) <= room ? title : fitEnd(title, room, ellipsis);
}

function fitNote(note: string, room: number, { ellipsis }: Glyphs): string {
  return displayWidth(note) <= room - 2 ? note : fit(note, room - 2, { ellipsis }).trimEnd();
}

/** Which rows of the right edge show the place in the list; none when all of it is shown. */
function scrollBar(scroll: Scroll | undefined, height: number): readonly boolean[] {
  if (scroll === undefined || scroll.count <= height || height <= 0) return [];
  const length = Math.max(1, Math.round((height * height) / scroll.count));
  const range = scroll.count - height;
  const start = Math.round(((height - length) * Math.min(scroll.top, range)) / range);
  return Array.from({ length: height }, (_, at) => at >= start && at < start + length);
}

function lines(count: number, line: (at: number) => string): string[] {
  return Array.from({ length: Math.max(0, count) }, (_, at) => line(at));
}

/** The panel at a cell: the uppermost one. */
export function panelAt(panels: readonly Panel[], x: number, y: number): Panel | undefined {
  return panels.findLast(({ rect }) => contains(rect, x, y));
}

/** What a click at a cell means. */
export function clickAt(panels: readonly Panel[], x: number, y: number): Intent | undefined {
  const panel = panelAt(panels, x, y);
  if (panel?.click === undefined) return undefined;
  const inside = panel.title === undefined ? panel.rect : insideOf(panel.rect);
  return contains(inside, x, y) ? panel.click(y - inside.y, x - inside.x) : undefined;
}

function contains({ x: left, y: top, width, height }: Rect, x: number, y: number): boolean {
  return x >= left && x < left + width && y >= top && y < top + height;
}
