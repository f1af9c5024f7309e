import test from 'ava';
import fc from 'fast-check';
import { Extents } from '../../../fuse/operations/extents.ts';

const put = fc.record({
  start: fc.nat(60),
  length: fc.integer({ min: 1, max: 20 }),
  cut: fc.boolean(),
});

test('the latest write is on top, as in an array', (t) => {
  fc.assert(
    fc.property(fc.array(put, { maxLength: 30 }), (steps) => {
      const extents = new Extents<number>();
      const model = new Array<string | undefined>(100).fill(undefined);
      for (const [turn, { start, length, cut }] of steps.entries()) {
        if (cut) {
          extents.cut(start);
          model.fill(undefined, start);
        } else {
          extents.put({ start, end: start + length, source: turn, skip: 0, turn });
          for (let at = 0; at < length; at += 1)
            model[start + at] = `${String(turn)}:${String(at)}`;
        }
      }
      const seen = new Array<string | undefined>(100).fill(undefined);
      for (const { start, end, source, skip } of extents.within(0, 100)) {
        for (let at = start; at < end; at += 1)
          seen[at] = `${String(source)}:${String(skip + at - start)}`;
      }
      return seen.every((value, at) => value === model[at]);
    }),
  );
  t.pass();
});

test('stretches that touch are one, unless one of them is zeros', (t) => {
  const extents = new Extents<number>();
  extents.put({ start: 0, end: 5, source: 1, skip: 0, turn: 1 });
  extents.put({ start: 5, end: 9, source: 2, skip: 0, turn: 2 });
  extents.put({ start: 9, end: 12, source: undefined, skip: 0, turn: 3 });
  t.deepEqual(extents.covered(), [
    { start: 0, end: 9, isZero: false },
    { start: 9, end: 12, isZero: true },
  ]);
});
