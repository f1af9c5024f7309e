/**
 * The place in a list: which row, by its key, so that a list that sorts itself anew does not move the
 * cursor to another row; and which rows are shown. Pure, and as quick for 100,000 rows as for ten.
 */
export interface ListCursor {
  readonly index: number;
  /** Of the row at `index`; undefined: not known yet. */
  readonly key?: string | undefined;
  /** First row that is shown. */
  readonly top: number;
}

export const atStart: ListCursor = { index: 0, top: 0 };

export interface Move {
  readonly type: 'move';
  readonly unit: 'line' | 'half' | 'page' | 'end';
  /** -1: up, 1: down. */
  readonly by: -1 | 1;
}

export interface ListShape {
  readonly count: number;
  /** Rows that are shown. */
  readonly height: number;
  readonly keyAt: (index: number) => string | undefined;
}

export function moved(cursor: ListCursor, move: Move, shape: ListShape): ListCursor {
  const page = Math.max(1, shape.height - 1);
  const step = { line: 1, half: Math.ceil(page / 2), page, end: shape.count }[move.unit];
  return placed(cursor, cursor.index + move.by * step, shape);
}

/** The cursor on a row, within the list, with the shown rows moved as little as needed; the same when it is there. */
export function placed(cursor: ListCursor, index: number, shape: ListShape): ListCursor {
  const last = Math.max(0, shape.count - 1);
  const within = Math.min(Math.max(0, index), last);
  const lowest = Math.max(0, within - Math.max(1, shape.height) + 1);
  const top = Math.min(Math.max(cursor.top, lowest), within);
  const end = Math.max(0, shape.count - shape.height);
  const next = { index: within, key: shape.keyAt(within), top: Math.min(top, end) };
  const same = cursor.index === within && cursor.key === next.key && cursor.top === next.top;
  return same ? cursor : next;
}

/** A part of the state with its cursor there; the same part when it is there already. */
export function withCursor<Slice extends { readonly cursor: ListCursor }>(
  slice: Slice,
  cursor: ListCursor,
): Slice {
  return cursor === slice.cursor ? slice : { ...slice, cursor };
}

/** The cursor on the row that it was on, after the list has changed. */
export function anchored(cursor: ListCursor, shape: ListShape): ListCursor {
  if (cursor.key === undefined || shape.keyAt(cursor.index) === cursor.key) {
    return placed(cursor, cursor.index, shape);
  }
  // Rows come and go near the cursor far more often than anywhere else.
  const furthest = Math.max(cursor.index, shape.count);
  for (let distance = 1; distance <= furthest; distance += 1) {
    for (const index of [cursor.index - distance, cursor.index + distance]) {
      if (index >= 0 && index < shape.count && shape.keyAt(index) === cursor.key) {
        const shifted = { ...cursor, top: cursor.top + index - cursor.index };
        return placed(shifted, index, shape);
      }
    }
  }
  return placed(cursor, cursor.index, shape);
}

/** Numbers of the rows that are shown. */
export function shownRange(
  cursor: ListCursor,
  count: number,
  height: number,
): { readonly start: number; readonly end: number } {
  const lowest = Math.max(0, cursor.index - height + 1);
  const wanted = Math.min(Math.max(cursor.top, lowest), cursor.index);
  const start = Math.max(0, Math.min(wanted, Math.max(0, count - height)));
  return { start, end: Math.min(count, start + Math.max(0, height)) };
}
