/** Which parts of a file are here, as cells from its beginning to its end. Pure. */
import { row, span } from '../screen/span.ts';
import type { Row } from '../screen/span.ts';
import type { Theme } from '../theme/theme.ts';

/**
 * At most `rowsMax` rows of at most `width` cells.
 * @param cells of stretches of the same length how much is here, from 0 to 100
 */
export function pieceRows(
  cells: readonly number[],
  { width, rowsMax, theme }: { width: number; rowsMax: number; theme: Theme },
): readonly Row[] {
  const wide = Math.max(1, width);
  const { barFull, barEmpty, partly } = theme.glyphs;
  const signs = fewer(cells, wide * rowsMax).map((part) => {
    if (part === 100) return span('ok', barFull);
    return part === 0 ? span('dim', barEmpty) : span('working', partly);
  });
  return Array.from({ length: Math.ceil(signs.length / wide) }, (_, at) =>
    row(...signs.slice(at * wide, (at + 1) * wide)),
  );
}

/** Neighbours together: all of them or none of them is here, or something in between. */
function fewer(cells: readonly number[], countMax: number): readonly number[] {
  if (cells.length <= countMax) return cells;
  return Array.from({ length: countMax }, (_, at) => {
    const from = Math.floor((at * cells.length) / countMax);
    const to = Math.floor(((at + 1) * cells.length) / countMax);
    const some = cells.slice(from, to);
    return some.every((part) => part === 100) ? 100 : some.every((part) => part === 0) ? 0 : 50;
  });
}
