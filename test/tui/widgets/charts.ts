import test from 'ava';
import { rowWidth, rowText } from '../../../tui/screen/span.ts';
import { lineChartRows } from '../../../tui/widgets/contrib-chart.ts';
import { meter, percent } from '../../../tui/widgets/meter.ts';
import { graphLines, scaleOf } from '../../../tui/widgets/sparkline.ts';
import { createTheme } from '../../../tui/theme/theme.ts';

test('a graph has its size in every set of signs, and the latest sample on the right', (t) => {
  for (const glyphs of ['braille', 'block', 'ascii'] as const) {
    const lines = graphLines([0, 1, 2, 4], 4, { width: 6, height: 2 }, glyphs);
    t.is(lines.length, 2);
    for (const line of lines) t.is(line.length, 6, glyphs);
    t.not(lines[0]!.at(-1), ' ');
    t.is(lines[0]!.at(0), ' ');
  }
  t.deepEqual(graphLines([4, 4], 4, { width: 1, height: 1 }, 'braille'), ['⣿']);
  // However small, it is seen.
  t.not(graphLines([0.001], 1000, { width: 1, height: 1 }, 'block')[0], ' ');
  t.is(scaleOf([3000], 1024), 4096);
});

test('what is not all is not shown as all, and what is not nothing not as nothing', (t) => {
  t.deepEqual([0, 0.001, 0.5, 0.9999, 1].map(percent), ['0 %', '<1 %', '50 %', '99 %', '100 %']);
  const theme = createTheme({ name: 'mono', glyphs: 'ascii', asciiText: true });
  t.is(rowText(meter(0.5, { width: 4, theme, role: 'ok' })), '##..');
});

test('charts of the library are drawn off the screen, again and again, and take over nothing', (t) => {
  const listeners = () =>
    ['uncaughtException', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'exit'].map((name) =>
      process.listenerCount(name),
    );
  const before = listeners();
  const values = Array.from({ length: 60 }, (_, at) => 50 + 40 * Math.sin(at / 5));
  const labels = values.map((_, at) => String(at));
  for (const [width, height] of [
    [80, 20],
    [60, 12],
    [120, 30],
  ] as const) {
    const series = [
      { values, role: 'in' },
      { values: values.map((value) => 100 - value), role: 'out' },
    ] as const;
    const rows = lineChartRows({ series, labels, highest: 100 }, { width, height });
    t.is(rows.length, height);
    for (const each of rows) t.is(rowWidth(each), width);
    const roles = new Set(rows.flat().map(({ role }) => role));
    t.deepEqual([...roles].sort(), ['dim', 'in', 'out']);
    t.regex(rows.map(rowText).join(''), /[\u2801-\u28ff]/);
  }
  t.deepEqual(listeners(), before);
});
