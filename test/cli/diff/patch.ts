import fc from 'fast-check';
import { applyPatch } from 'diff';
import test from 'ava';
import { unifiedPatch } from '../../../cli/diff/patch.ts';

const patchOf = (a: string, b: string, context = 3): string | undefined =>
  unifiedPatch({ label: 'a', text: a }, { label: 'b', text: b }, context);

test('a patch has both labels, the changed lines, and lines around them', (t) => {
  const lines = Array.from({ length: 9 }, (_, at) => String(at));
  const [before, after] = [lines, lines.with(4, 'four')].map((each) => `${each.join('\n')}\n`);
  t.is(patchOf(before!, after!, 1), '--- a\n+++ b\n@@ -4,3 +4,3 @@\n 3\n-4\n+four\n 5\n');
});

test('a missing end of the last line is said', (t) => {
  t.regex(patchOf('a\nb', 'a\nb\n') ?? '', /\\ No newline at end of file/);
});

test('texts that have nothing in common are given up on', (t) => {
  const text = (word: string): string =>
    Array.from({ length: 4000 }, (_, at) => `${word} ${String(at)}\n`).join('');
  t.is(patchOf(text('a'), text('b')), undefined);
});

test('a patch makes the second text of the first', (t) => {
  const line = fc.constantFrom('a\n', 'b\n', 'c\n', '\n', '@@ -1 +1 @@\n', '--- a\n', '+x\r\n');
  const text = fc.tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom('', 'end'));
  fc.assert(
    fc.property(text, text, fc.nat(4), ([a, endA], [b, endB], context) => {
      const [before, after] = [a.join('') + endA, b.join('') + endB];
      const patch = patchOf(before, after, context);
      t.is(applyPatch(before, patch!, { autoConvertLineEndings: false }), after);
    }),
  );
});
