import test from 'ava';
import { formatNumber, judge, median } from '../../../bench/measure/judge.ts';
import { limit, must, wish, type Goal } from '../../../bench/measure/row.ts';

const measured = (ours: readonly number[], other: readonly number[]) => [
  { name: 'peervault', values: ours },
  { name: 'other', values: other },
];

test('the median of an even number of values lies between the middle two', (t) => {
  t.is(median([3]), 3);
  t.is(median([9, 1, 2]), 2);
  t.is(median([4, 1, 10, 2]), 3);
});

test('a rate passes from exactly the factor on', (t) => {
  const results = [39, 40, 41].map((own) =>
    judge([must(2, 'other')], 'MB/s', measured([own], [20])),
  );
  t.deepEqual(
    results.map(([verdict]) => verdict?.result),
    ['below', 'PASS', 'PASS'],
  );
});

test('a time passes up to exactly the factor, and up to exactly the limit', (t) => {
  for (const goal of [must(0.1, 'other'), limit(2)]) {
    const results = [1.9, 2, 2.1].map((own) => judge([goal], 's', measured([own], [20])));
    t.deepEqual(
      results.map(([verdict]) => verdict?.result),
      ['PASS', 'PASS', 'below'],
    );
  }
});

test('medians are compared, not the best round', (t) => {
  const [verdict] = judge([wish(1, 'other')], 'files/s', measured([9, 10, 100], [11, 11, 11]));
  t.is(verdict?.result, 'below');
  t.is(verdict?.level, 'goal');
});

test('one of several bounds is enough', (t) => {
  const goal: Goal = {
    level: 'goal',
    anyOf: [
      { kind: 'times', of: 'other', factor: 4 },
      { kind: 'limit', value: 30 },
    ],
  };
  t.is(judge([goal], 'MB/s', measured([30], [20]))[0]?.result, 'PASS');
  t.is(judge([goal], 'MB/s', measured([29], [20]))[0]?.result, 'below');
  t.is(judge([goal], 'MB/s', measured([30], []))[0]?.result, 'PASS');
});

test('nothing is passed or missed against one who did not take part', (t) => {
  const goals = [must(2, 'other'), must(2, 'nobody')];
  const results = judge(goals, 'MB/s', measured([100], [])).map(({ result }) => result);
  t.deepEqual(results, ['not measured', 'not measured']);
  t.is(judge([must(2, 'other')], 'MB/s', measured([], [10]))[0]?.result, 'not measured');
});

test('numbers have about three digits', (t) => {
  t.deepEqual([1234.5, 12.345, 1.2345, 0.004].map(formatNumber), ['1,235', '12.3', '1.23', '0']);
});
