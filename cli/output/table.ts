/** Columns of text on a terminal. Cells come escaped. */
import { displayWidth } from '../../protocol/text/width.ts';

/** One row for people: cells that are numbers stand on the right. */
export interface TableColumn {
  readonly title: string;
  readonly right?: boolean;
}

/** Lines of a table with its head. The last column is not padded. */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): string[] {
  const all = [columns.map((column) => column.title), ...rows];
  return alignedLines(
    all,
    columns.map((column) => column.right === true),
  );
}

/** Lines of rows whose cells stand below each other. */
export function alignedLines(
  rows: readonly (readonly string[])[],
  right: readonly boolean[],
): string[] {
  const widths = right.map((_, index) =>
    rows.reduce((width, row) => Math.max(width, displayWidth(row[index] ?? '')), 0),
  );
  return rows.map((row) => {
    const line = row
      .map((cell, index) => {
        const padding = ' '.repeat((widths[index] ?? 0) - displayWidth(cell));
        if (right[index] === true) return padding + cell;
        return index === row.length - 1 ? cell : cell + padding;
      })
      .join('  ');
    // A name may end in spaces of its own.
    return row.at(-1) === '' ? line.trimEnd() : line;
  });
}

/** Lines of cells side by side, filled column by column as `ls` does, within `width`. */
export function gridLines(cells: readonly string[], width: number): string[] {
  const widths = cells.map(displayWidth);
  for (let rowCount = 1; rowCount < cells.length; rowCount += 1) {
    const columnCount = Math.ceil(cells.length / rowCount);
    const columnWidths = Array.from({ length: columnCount }, (_, column) =>
      Math.max(...widths.slice(column * rowCount, (column + 1) * rowCount)),
    );
    const total = columnWidths.reduce((sum, each) => sum + each + gap, -gap);
    if (total <= width) return gridOf(cells, rowCount, columnWidths);
    // Rows that cannot fit even if every cell were as narrow as the narrowest are not worth a look.
    const least = Math.floor((width + gap) / (Math.min(...widths) + gap));
    if (columnCount > least) {
      rowCount = Math.max(rowCount, Math.ceil(cells.length / Math.max(1, least)) - 1);
    }
  }
  return [...cells];
}

const gap = 2;

function gridOf(
  cells: readonly string[],
  rowCount: number,
  columnWidths: readonly number[],
): string[] {
  return Array.from({ length: rowCount }, (_, row) =>
    columnWidths
      .map((columnWidth, column) => {
        const cell = cells[column * rowCount + row] ?? '';
        return cell + ' '.repeat(columnWidth + gap - displayWidth(cell));
      })
      .join('')
      .trimEnd(),
  );
}
