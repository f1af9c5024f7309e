import test from 'ava';
import fc from 'fast-check';
import { displayWidth } from '../../../protocol/text/width.ts';
import { paintRow } from '../../../tui/screen/paint.ts';
import { cut, fit, fitEnd, fitRow, row, rowWidth, span, wrap } from '../../../tui/screen/span.ts';
import { createTheme } from '../../../tui/theme/theme.ts';

const texts = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constant('日本語 text'));
const widths = fc.integer({ min: 1, max: 40 });

test('a text that is fitted has exactly the width, from either end', (t) => {
  fc.assert(
    fc.property(texts, widths, (text, width) => {
      t.is(displayWidth(fit(text, width)), width);
      t.is(displayWidth(fitEnd(text, width)), width);
      t.true(displayWidth(cut(text, width)) <= width);
    }),
  );
  t.is(fit('abcdef', 4), 'abc…');
  t.is(fitEnd('abcdef', 4), '…def');
  t.is(fit('7', 3, { right: true }), '  7');
});

test('a row that is fitted has exactly the width, whatever its spans', (t) => {
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 5 }), widths, (parts, width) => {
      t.is(rowWidth(fitRow(row(...parts.map((text) => span('ok', text))), width)), width);
    }),
  );
});

test('lines are no wider than asked, and nothing of the text is lost', (t) => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,30}$/)), widths, (words, width) => {
      const lines = wrap(words.join(' '), width);
      t.true(lines.every((line) => displayWidth(line) <= width));
      t.is(lines.join('').replaceAll(' ', ''), words.join(''));
    }),
  );
});

test('nothing but our own colours reaches the terminal as a control', (t) => {
  const theme = createTheme({ name: 'default', glyphs: 'braille', asciiText: false });
  const ascii = createTheme({ name: 'mono', glyphs: 'ascii', asciiText: true });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const painted = paintRow([span('bad', text)], 30, theme);
      const own = new RegExp(String.raw`\u001b\[[\d;]*m`, 'g');
      t.notRegex(painted.replace(own, ''), /[\p{Cc}\p{Cf}\p{Cs}]/u);
      t.regex(paintRow([span('text', text)], 30, ascii), /^[\x20-\x7e]*$/);
    }),
  );
});
