/** Which part of the screen is for what, at every size. Pure. */
import type { Size } from '../state/state.ts';
import type { Rect } from './panel.ts';

/** Below this nothing can be read. */
export const smallest: Size = { columns: 40, rows: 10 };

export interface Geometry {
  readonly tooSmall: boolean;
  /** Room for one pane only. */
  readonly narrow: boolean;
  readonly header: Rect;
  readonly body: Rect;
  readonly footer: Rect;
}

export function geometryOf({ columns, rows }: Size): Geometry {
  const headerRows = rows >= 20 ? 2 : 1;
  const footerRows = rows >= 14 ? 2 : 1;
  const bodyRows = Math.max(0, rows - headerRows - footerRows);
  return {
    tooSmall: columns < smallest.columns || rows < smallest.rows,
    narrow: columns < 72 || rows < 18,
    header: { x: 0, y: 0, width: columns, height: headerRows },
    body: { x: 0, y: headerRows, width: columns, height: bodyRows },
    footer: { x: 0, y: headerRows + bodyRows, width: columns, height: footerRows },
  };
}

/** Cuts a rectangle into columns of the given shares. */
export function columnsOf(rect: Rect, shares: readonly number[]): readonly Rect[] {
  let x = rect.x;
  return lengths(rect.width, shares).map((width) => {
    const part = { ...rect, x, width };
    x += width;
    return part;
  });
}

/** Cuts a rectangle into rows of the given shares. */
export function rowsOf(rect: Rect, shares: readonly number[]): readonly Rect[] {
  let y = rect.y;
  return lengths(rect.height, shares).map((height) => {
    const part = { ...rect, y, height };
    y += height;
    return part;
  });
}

/** Whole numbers in proportion to the shares, which sum up to `total`. */
function lengths(total: number, shares: readonly number[]): readonly number[] {
  const sum = shares.reduce((all, each) => all + each, 0);
  let shared = 0;
  let given = 0;
  return shares.map((share) => {
    shared += share;
    const length = Math.round((total * shared) / sum) - given;
    given += length;
    return length;
  });
}

/** A rectangle of this size in the middle of the screen, no larger than it. */
export function centred(screen: Size, width: number, height: number): Rect {
  const fitted = {
    width: Math.min(width, screen.columns),
    height: Math.min(height, screen.rows),
  };
  return {
    x: Math.floor((screen.columns - fitted.width) / 2),
    y: Math.floor((screen.rows - fitted.height) / 2),
    ...fitted,
  };
}
