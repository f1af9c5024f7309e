import test from 'ava';
import fc from 'fast-check';
import { unescapeToBytes } from '../../../../protocol/text/escape.ts';
import { copiedPath } from '../../../../tui/views/files/paths.ts';

test('a path is copied as it is, unless it is no text or could do something where it is pasted', (t) => {
  t.deepEqual(copiedPath(Buffer.from('a b/ä\\x')), { text: '/a b/ä\\x', isEscaped: false });
  t.deepEqual(copiedPath(Buffer.from('a\nrm')), { text: '/a\\nrm', isEscaped: true });
  t.deepEqual(copiedPath(Buffer.from([0xff, 0x41])), { text: '/\\xffA', isEscaped: true });
});

test('what was copied leads to the same path', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const { text, isEscaped } = copiedPath(Buffer.from(bytes));
      const back = isEscaped ? unescapeToBytes(text) : Buffer.from(text);
      t.deepEqual(back?.subarray(1), Buffer.from(bytes));
    }),
  );
});
