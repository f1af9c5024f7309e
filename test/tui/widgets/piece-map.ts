import test from 'ava';
import { rowText } from '../../../tui/screen/span.ts';
import { createTheme } from '../../../tui/theme/theme.ts';
import { pieceRows } from '../../../tui/widgets/piece-map.ts';

const theme = createTheme({ name: 'mono', glyphs: 'ascii', asciiText: true });

test('a map is cut into rows; with less room neighbours are told together', (t) => {
  const { barFull, barEmpty, partly } = theme.glyphs;
  const map = (cells: readonly number[], width: number, rowsMax: number) =>
    pieceRows(cells, { width, rowsMax, theme }).map(rowText);
  t.deepEqual(map([100, 0, 37], 2, 2), [barFull + barEmpty, partly]);
  t.deepEqual(map([100, 100, 0, 0, 100, 0], 3, 1), [barFull + barEmpty + partly]);
  t.deepEqual(map([99, 99], 1, 1), [partly]);
  t.deepEqual(map([], 10, 1), []);
});
