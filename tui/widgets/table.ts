/** Rows of a list in columns: only the rows that are shown are made. Pure. */
import { fit, row, span } from '../screen/span.ts';
import type { Row, Span } from '../screen/span.ts';
import { shownRange } from '../state/list-cursor.ts';
import type { ListCursor } from '../state/list-cursor.ts';
import type { Theme } from '../theme/theme.ts';

export interface Column<Item> {
  readonly title: string;
  /** In cells; undefined: shares what is left with the others like it. */
  readonly width?: number | undefined;
  readonly right?: boolean | undefined;
  /** The column is left out in tables narrower than this. */
  readonly from?: number | undefined;
  /** And in tables that are at least as wide as this. */
  readonly below?: number | undefined;
  cell(item: Item): Span | string;
}

export interface Table<Item> {
  readonly columns: readonly Column<Item>[];
  readonly count: number;
  readonly itemAt: (index: number) => Item | undefined;
  /** undefined: nothing is selected. */
  readonly cursor: ListCursor | undefined;
  readonly focused: boolean;
  readonly marked?: ((item: Item) => boolean) | undefined;
  readonly theme: Theme;
  readonly width: number;
  /** With the head. */
  readonly height: number;
}

/** The head and the rows that are shown. */
export function tableRows<Item>(table: Table<Item>): readonly Row[] {
  const { cursor, count } = table;
  const columns = layOut(table.columns, table.width - pointerWidth);
  const head = columns.map(({ column, width }) =>
    fit(column.title, width, {
      right: column.right === true,
      ellipsis: table.theme.glyphs.ellipsis,
    }),
  );
  const { start, end } = shownRange(cursor ?? { index: 0, top: 0 }, count, table.height - 1);
  const rows: Row[] = [row(span('dim', `${' '.repeat(pointerWidth)}${head.join(' ')}`))];
  for (let index = start; index < end; index += 1) {
    const item = table.itemAt(index);
    if (item !== undefined) rows.push(itemRow(table, columns, item, index === cursor?.index));
  }
  return rows;
}

/** Number of the item at a row of the table; undefined: the head, or nothing. */
export function itemAtRow(cursor: ListCursor, count: number, height: number, rowNumber: number) {
  const { start, end } = shownRange(cursor, count, height - 1);
  const index = start + rowNumber - 1;
  return rowNumber > 0 && index < end ? index : undefined;
}

/** For the sign of the selection, which is not told by colour alone, and that of a mark. */
const pointerWidth = 2;

interface Placed<Item> {
  readonly column: Column<Item>;
  readonly width: number;
}

function layOut<Item>(columns: readonly Column<Item>[], width: number): readonly Placed<Item>[] {
  const shown = columns.filter(({ from = 0, below = Infinity }) => width >= from && width < below);
  const fixed = shown.reduce((sum, column) => sum + (column.width ?? 0), 0);
  const open = shown.filter((column) => column.width === undefined).length;
  const left = width - fixed - (shown.length - 1);
  let given = 0;
  let at = 0;
  return shown.map((column) => {
    if (column.width !== undefined) return { column, width: column.width };
    at += 1;
    const share = Math.floor((left * at) / open) - given;
    given += share;
    return { column, width: Math.max(1, share) };
  });
}

function itemRow<Item>(
  table: Table<Item>,
  columns: readonly Placed<Item>[],
  item: Item,
  selected: boolean,
): Row {
  const { theme, focused } = table;
  const { glyphs } = theme;
  const marked = table.marked?.(item) === true;
  const signs = (selected ? glyphs.pointer : ' ') + (marked ? glyphs.mark : ' ');
  const cells = columns.map(({ column, width }, at): Span => {
    const cell = column.cell(item);
    const { text, role } = typeof cell === 'string' ? span('text', cell) : cell;
    const fitted = fit(text, width, { right: column.right === true, ellipsis: glyphs.ellipsis });
    return { text: at === 0 ? fitted : ` ${fitted}`, role };
  });
  if (!selected) return row(marked ? span('accent', signs) : signs, ...cells);
  const text = signs + cells.map((cell) => cell.text).join('');
  return [span(focused ? 'selected' : 'unfocused', text)];
}
