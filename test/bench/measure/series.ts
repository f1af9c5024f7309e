import fc from 'fast-check';
import test from 'ava';
import { quantile, riseOf } from '../../../bench/measure/series.ts';

const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 50 });

test('a quantile is one of the values, with its share of them at or below it and no smaller one', (t) => {
  fc.assert(
    fc.property(numbers, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
      const found = quantile(values, share);
      const below = (limit: number) => values.filter((each) => each <= limit).length;
      t.true(values.includes(found));
      t.true(below(found) >= share * values.length - 1e-9);
      for (const each of values) if (each < found) t.true(below(each) < share * values.length);
    }),
  );
});

test('a straight line rises by what it rises, noise around it or not', (t) => {
  t.is(riseOf([5]), 0);
  t.is(riseOf([1, 1, 1]), 0);
  t.is(riseOf([0, 2, 4, 6]), 6);
  t.is(riseOf([9, 6, 3, 0]), -9);
  const noisy = Array.from({ length: 100 }, (_, at) => at / 10 + (at % 2 === 0 ? 1 : -1));
  t.true(Math.abs(riseOf(noisy) - 9.9) < 0.2);
});
