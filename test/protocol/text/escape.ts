import test from 'ava';
import fc from 'fast-check';
import {
  escapeBytes,
  escapeJson,
  escapeText,
  unescapeToBytes,
} from '../../../protocol/text/escape.ts';

const dangerous = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u061c\u180e\ud800-\udfff]/u;

test('control, bidirectional and invisible characters are escaped', (t) => {
  t.is(escapeText('a\u001b[31mb'), 'a\\x1b[31mb');
  t.is(escapeText('a\nb\rc\td\u0000'), 'a\\nb\\rc\\td\\x00');
  t.is(escapeText('\u0085\u009b'), '\\u{85}\\u{9b}');
  t.is(escapeText('txt.\u202eexe'), 'txt.\\u{202e}exe');
  t.is(escapeText('\u2066x\u2069\u200f\ufeff'), '\\u{2066}x\\u{2069}\\u{200f}\\u{feff}');
  t.is(escapeText('\u{e0041}'), '\\u{e0041}');
  t.is(escapeText('\ud800'), '\\u{d800}');
});

test('what people write in names stays as it is', (t) => {
  for (const name of ['häß', '日本', 'a b', "it's", '😀', 'e\u0301', 'עברית']) {
    t.is(escapeText(name), name);
  }
});

test('bytes that are not UTF-8 are shown one by one', (t) => {
  t.is(escapeBytes(Buffer.from('61ff62c3', 'hex')), 'a\\xffb\\xc3');
  t.is(escapeBytes(Buffer.from('c3a4ff', 'hex')), 'ä\\xff');
  t.is(escapeBytes(Buffer.alloc(0)), '');
  // A surrogate and a longer form than needed are not UTF-8.
  t.is(escapeBytes(Buffer.from('eda080', 'hex')), '\\xed\\xa0\\x80');
  t.is(escapeBytes(Buffer.from('c0af', 'hex')), '\\xc0\\xaf');
});

test('any bytes can be read back from what is shown, which is safe on a terminal', (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, (original) => {
      const shown = escapeBytes(original);
      t.notRegex(shown, dangerous);
      t.deepEqual(unescapeToBytes(shown), Buffer.from(original));
    }),
    { numRuns: 500 },
  );
});

test('a backslash that begins nothing known is refused', (t) => {
  for (const wrong of ['\\', 'a\\', '\\q', '\\x1', '\\xgg', '\\u{}', '\\u{1234567}']) {
    t.is(unescapeToBytes(wrong), undefined, wrong);
  }
});

test('JSON keeps its value and becomes safe', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = escapeJson(JSON.stringify({ text }, undefined, 2));
      t.deepEqual(JSON.parse(json), { text });
      t.notRegex(json.replaceAll('\n', ''), dangerous);
    }),
    { numRuns: 500 },
  );
});
