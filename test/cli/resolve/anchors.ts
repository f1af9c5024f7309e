import test from 'ava';
import fc from 'fast-check';
import { costOf, partsOf } from '../../../cli/resolve/anchors.ts';

const letters = [...'abcdefgh'];
const lines = fc.oneof(
  fc.array(fc.constantFrom(...letters), { maxLength: 14 }),
  fc.subarray(letters),
  fc.shuffledSubarray(letters),
);

test('parts and anchors make the three texts again, and say where they are', (t) => {
  let cut = 0;
  fc.assert(
    fc.property(lines, lines, lines, (base, first, second) => {
      const parts = partsOf({ base, first, second });
      for (const [name, whole] of Object.entries({ base, first, second })) {
        const again = parts.flatMap((part) => [
          ...part[name as 'base' | 'first' | 'second'],
          ...(part.anchor === undefined ? [] : [part.anchor]),
        ]);
        t.deepEqual(again, whole);
      }
      for (const part of parts) {
        const { firstStart, first: own } = part;
        t.deepEqual(first.slice(firstStart, firstStart + own.length), own);
      }
      cut += parts.length - 1;
    }),
    { numRuns: 1000 },
  );
  t.true(cut > 100, `${String(cut)} cuts`);
});

test('a line that one text has twice cuts nothing', (t) => {
  const parts = partsOf({ base: ['x', 'y'], first: ['x', 'y', 'x'], second: ['y', 'x'] });
  t.deepEqual(
    parts.map(({ anchor }) => anchor),
    ['y', undefined],
  );
});

test('the cost is the number of equal pairs', (t) => {
  t.is(costOf({ base: [], first: ['a'], second: ['a'] }), 0);
  t.is(costOf({ base: ['a', 'a', 'b'], first: ['a', 'b'], second: ['a', 'a'] }), 2 + 1 + 4);
});
