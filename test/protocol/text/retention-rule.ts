/** Rules as text: one form for each rule, and nothing else passes. */
import test from 'ava';
import fc from 'fast-check';
import { isVaultError } from '../../../protocol/errors.ts';
import {
  formatRetention,
  parseHours,
  parseRetention,
  type RetentionRule,
} from '../../../protocol/text/retention-rule.ts';

const few = fc.nat({ max: 1000 });
const someRule: fc.Arbitrary<RetentionRule> = fc
  .record({
    keep: fc.option(
      fc.record({
        ...{ last: few, hourly: few, daily: few, weekly: few, monthly: few, yearly: few },
        withinHours: fc.nat({ max: 24 * 365 * 100 }),
      }),
      { nil: undefined },
    ),
    trashDays: fc.option(few, { nil: undefined }),
  })
  .filter(({ keep, trashDays }) =>
    keep === undefined ? trashDays !== undefined : Object.values(keep).some((each) => each > 0),
  );

test('a rule comes back from its text', (t) => {
  fc.assert(
    fc.property(someRule, (rule) => {
      t.deepEqual(parseRetention(formatRetention(rule)), rule);
    }),
  );
});

test('what is no rule is refused', (t) => {
  const texts = [
    '',
    'keep-last',
    'keep-last=',
    'keep-last=-1',
    'keep-last=0',
    'keep-last=99999999',
    'keep-often=3',
    'trash-days=1.5',
    'keep-within=90',
    'keep-within=0d',
    'keep-within=90d90',
    `keep-last=3 ${' '.repeat(300)}`,
  ];
  for (const text of texts)
    t.true(
      isVaultError(
        t.throws(() => parseRetention(text)),
        'usage',
      ),
      text,
    );
});

test('durations add up', (t) => {
  t.is(parseHours('36h'), 36);
  t.is(parseHours('1y6m'), 24 * (365 + 180));
  t.is(parseHours('2w1d'), 24 * 15);
});
