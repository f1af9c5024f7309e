import xterm from '@xterm/headless';
import fc from 'fast-check';
import test from 'ava';
import { createPainter } from '../../../tui/terminal/painter.ts';

const columns = 12;
const rows = 4;
const whole = (text: string): string => text.padEnd(columns);

test('after any screens a terminal shows the last one, and what has not changed is not written', async (t) => {
  const words = ['', 'abc', '│ é ▲', 'full of text', '\u001b[31mred\u001b[0m         '];
  const screens = fc.array(
    fc.array(fc.constantFrom(...words), { minLength: rows, maxLength: rows }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(screens, async (all) => {
      const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
      const written: string[] = [];
      const painter = createPainter((text) => written.push(text));
      for (const screen of all) painter.draw(screen.map(whole));
      const count = written.length;
      painter.draw((all.at(-1) ?? []).map(whole));
      t.is(written.length, count);
      await new Promise<void>((resolve) => {
        terminal.write(written.join(''), resolve);
      });
      const seen = Array.from({ length: rows }, (_, at) =>
        terminal.buffer.active.getLine(at)?.translateToString(true).trimEnd(),
      );
      const wanted = (all.at(-1) ?? []).map((line) =>
        line.replaceAll(/\u001b\[\d+m/g, '').trimEnd(),
      );
      t.deepEqual(seen, wanted);
      terminal.dispose();
    }),
    { numRuns: 40 },
  );
});

test('a row that changes is written alone; what is forgotten is written whole', (t) => {
  const written: string[] = [];
  const painter = createPainter((text) => written.push(text));
  painter.draw(['a', 'b', 'c']);
  painter.draw(['a', 'B', 'c']);
  t.regex(written[1] ?? '', /\u001b\[2;1H\u001b\[2KB/);
  t.notRegex(written[1] ?? '', /[ac]/);
  painter.forget();
  painter.draw(['a', 'B', 'c']);
  for (const [at, text] of ['a', 'B', 'c'].entries()) {
    t.true(written[2]?.includes(`\u001b[${String(at + 1)};1H\u001b[2K${text}`));
  }
});

test('a row that is wider or narrower on the terminal than we think spoils no other, and leaves nothing', async (t) => {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const written: string[] = [];
  const painter = createPainter((text) => written.push(text));
  painter.draw(['first', 'second', 'third', 'x'.repeat(columns)]);
  painter.draw(['first', '✅'.repeat(columns), 'third', '✅'.repeat(columns)]);
  painter.draw(['first', '✅'.repeat(columns), 'third', 'x\u1160y']);
  await new Promise<void>((resolve) => {
    terminal.write(`${written.join('')}\u001b[1;1H${'f'.repeat(columns + 1)}`, resolve);
  });
  const buffer = terminal.buffer.active;
  const seen = Array.from({ length: rows }, (_, at) => buffer.getLine(at)?.translateToString(true));
  t.is(buffer.baseY, 0, 'it has not scrolled');
  t.deepEqual(seen[2], 'third');
  t.regex(seen[3] ?? '', /^x\u1160? ?y$/);
  t.is(seen[0], 'f'.repeat(columns));
  t.true(seen[1]?.startsWith('f'), 'lines of other programs wrap again');
  terminal.dispose();
});
