import test from 'ava';
import fc from 'fast-check';
import { anchored, atStart, moved, placed, shownRange } from '../../../tui/state/list-cursor.ts';
import type { ListCursor, Move } from '../../../tui/state/list-cursor.ts';

function shapeOf(keys: readonly string[], height: number) {
  return { count: keys.length, height, keyAt: (index: number) => keys[index] };
}

const move = fc.record<Move>({
  type: fc.constant('move'),
  unit: fc.constantFrom('line', 'half', 'page', 'end'),
  by: fc.constantFrom(-1, 1),
});

test('wherever it is moved to, the cursor is in the list and is shown', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 1, max: 12 }),
      fc.array(move),
      (count, height, moves) => {
        const shape = shapeOf(
          Array.from({ length: count }, (_, at) => `row ${String(at)}`),
          height,
        );
        let cursor: ListCursor = atStart;
        for (const each of moves) {
          cursor = moved(cursor, each, shape);
          const { start, end } = shownRange(cursor, count, height);
          t.is(end - start, Math.min(count, height));
          if (count > 0) t.true(cursor.index >= start && cursor.index < end);
          t.is(cursor.key, shape.keyAt(cursor.index));
        }
      },
    ),
  );
});

test('the cursor stays on its row when rows come and go', (t) => {
  const keys = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(keys, keys, fc.nat(), (before, after, at) => {
      const cursor = placed(atStart, at % before.length, shapeOf(before, 5));
      const next = anchored(cursor, shapeOf(after, 5));
      if (after.includes(cursor.key ?? '')) t.is(next.key, cursor.key);
      else t.is(next.index, Math.min(cursor.index, after.length - 1));
    }),
  );
});

test('the cursor finds its row at the top of a list that lost most of its rows', (t) => {
  const cursor = placed(
    atStart,
    20,
    shapeOf([...Array.from({ length: 20 }, (_, at) => String(at)), 'x'], 5),
  );
  t.is(anchored(cursor, shapeOf(['x', 'y', 'z'], 5)).key, 'x');
});

test('going up inside the shown rows does not scroll', (t) => {
  const shape = shapeOf(
    Array.from({ length: 100 }, (_, at) => String(at)),
    10,
  );
  const down = placed(atStart, 30, shape);
  t.is(down.top, 21);
  t.is(placed(down, 25, shape).top, 21);
});
