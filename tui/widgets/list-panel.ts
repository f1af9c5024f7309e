/** A table of a view in its frame: rows, scroll bar, and a click that selects. Pure. */
import type { Intent } from '../keymap/intent.ts';
import { insideOf } from '../screen/panel.ts';
import type { Panel, Rect } from '../screen/panel.ts';
import type { Row } from '../screen/span.ts';
import { shownRange } from '../state/list-cursor.ts';
import type { ListCursor } from '../state/list-cursor.ts';
import type { Theme } from '../theme/theme.ts';
import { itemAtRow, tableRows } from './table.ts';
import type { Column } from './table.ts';

export interface ListPanel<Item> {
  readonly id: string;
  readonly rect: Rect;
  readonly title: string;
  readonly note?: string | undefined;
  readonly focused: boolean;
  readonly theme: Theme;
  readonly columns: readonly Column<Item>[];
  readonly items: readonly Item[];
  readonly cursor: ListCursor;
  /** Instead of the table when there are no items. */
  readonly empty: readonly Row[];
  readonly pick: (index: number) => Intent;
}

export function listPanel<Item>(list: ListPanel<Item>): Panel {
  const { id, rect, title, note, focused, items, cursor, theme } = list;
  const { width, height } = insideOf(rect);
  const frame = { id, rect, title, note, focused };
  if (items.length === 0) return { ...frame, rows: list.empty };
  const rows = tableRows({
    columns: list.columns,
    count: items.length,
    itemAt: (index) => items[index],
    cursor,
    focused,
    theme,
    width,
    height,
  });
  return {
    ...frame,
    rows,
    scroll: { top: shownRange(cursor, items.length, height - 1).start, count: items.length + 1 },
    click(at) {
      const index = itemAtRow(cursor, items.length, height, at);
      return index === undefined ? undefined : list.pick(index);
    },
  };
}

/** Rows of the table that such a panel shows at once. */
export function listHeight(rect: Rect): number {
  return Math.max(1, insideOf(rect).height - 1);
}
