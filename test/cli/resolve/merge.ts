import test from 'ava';
import fc from 'fast-check';
import { isText, mergeTexts } from '../../../cli/resolve/merge.ts';

const merged = (base: string, first: string, second: string): string | undefined => {
  const merge = mergeTexts(base, first, second);
  return merge.type === 'merged' ? merge.text : undefined;
};

const lines = fc
  .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'long line\r\n'), { maxLength: 12 })
  .map((parts) => parts.join(''));
/** The last line may have no end. */
const texts = fc.tuple(lines, fc.constantFrom('', 'end')).map((parts) => parts.join(''));

test('a side that changed nothing: the other one, whatever it is', (t) => {
  fc.assert(
    fc.property(texts, texts, (base, changed) => {
      t.is(merged(base, base, changed), changed);
      t.is(merged(base, changed, base), changed);
    }),
    { numRuns: 1000 },
  );
});

test('the same change on both sides is one change', (t) => {
  fc.assert(
    fc.property(texts, texts, (base, changed) => {
      t.is(merged(base, changed, changed), changed);
    }),
    { numRuns: 1000 },
  );
});

test('changes of different lines are both taken, whichever side comes first', (t) => {
  // Every line is its own, so that it is clear what belongs where.
  const numbered = fc.integer({ min: 4, max: 30 });
  fc.assert(
    fc.property(numbered, fc.nat(), fc.nat(), (count, here, there) => {
      const base = Array.from({ length: count }, (_, at) => `line ${String(at)}\n`);
      const one = here % count;
      const other = there % count;
      fc.pre(Math.abs(one - other) > 1);
      const first = base.with(one, 'first\n');
      const second = base.with(other, 'second\n');
      const both = first.with(other, 'second\n').join('');
      t.is(merged(base.join(''), first.join(''), second.join('')), both);
      t.is(merged(base.join(''), second.join(''), first.join('')), both);
    }),
    { numRuns: 500 },
  );
});

test('a merge holds nothing that no side had, and clashes are the same from both sides', (t) => {
  let clashed = 0;
  fc.assert(
    fc.property(texts, texts, texts, (base, first, second) => {
      const one = mergeTexts(base, first, second);
      const other = mergeTexts(base, second, first);
      t.is(one.type, other.type);
      if (one.type === 'clashes' && other.type === 'clashes') {
        clashed += 1;
        t.deepEqual(
          one.clashes.map((clash) => clash.first),
          other.clashes.map((clash) => clash.second),
        );
        return;
      }
      const known = new Set([base, first, second].flatMap((text) => text.split(/(?<=\n)/)));
      const text = one.type === 'merged' ? one.text : '';
      for (const line of text.split(/(?<=\n)/)) t.true(line === '' || known.has(line), line);
    }),
    { numRuns: 1000 },
  );
  t.true(clashed > 50);
});

test('lines that both sides changed differently clash, and are shown with what they were', (t) => {
  t.deepEqual(mergeTexts('a\nb\nc\n', 'a\nmine\nc\n', 'a\ntheirs\nc\n'), {
    type: 'clashes',
    clashes: [{ line: 2, first: ['mine\n'], base: ['b\n'], second: ['theirs\n'] }],
  });
  t.deepEqual(mergeTexts('', 'x', 'y'), {
    type: 'clashes',
    clashes: [{ line: 1, first: ['x'], base: [], second: ['y'] }],
  });
});

test('a missing end of the last line is a change of that line', (t) => {
  t.is(merged('a\nb\n', 'a\nb', 'A\nb\n'), undefined, 'neighbouring lines clash');
  t.is(merged('a\n1\nb\n', 'a\n1\nb', 'A\n1\nb\n'), 'A\n1\nb');
});

test('long texts with many equal lines are merged in bounded time', (t) => {
  const base = Array.from({ length: 60_000 }, (_, at) =>
    at % 3 === 0 ? '}\n' : `line ${String(at)}\n`,
  );
  const first = base.with(10, 'first\n');
  const second = base.with(59_990, 'second\n');
  const startMs = performance.now();
  t.is(
    merged(base.join(''), first.join(''), second.join('')),
    first.with(59_990, 'second\n').join(''),
  );
  t.log(`${String(Math.round(performance.now() - startMs))} ms`);
});

test('text is UTF-8 without NUL', (t) => {
  t.true(isText(Buffer.from('äöü\n')));
  t.true(isText(Buffer.alloc(0)));
  t.false(isText(Buffer.from('a\0b')));
  t.false(isText(Buffer.from([0xff, 0xfe])));
});

test('what would take minutes to compare is refused', (t) => {
  const base = 'same\n'.repeat(5000);
  t.is(mergeTexts(base, `x\n${base}`, `${base}y\n`).type, 'too-long');
});
