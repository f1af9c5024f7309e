import test from 'ava';
import { parseLifetime } from '../../../protocol/text/lifetime.ts';

test('a number and a unit', (t) => {
  t.deepEqual(['90s', '30m', '24h', ' 7d '].map(parseLifetime), [90, 1800, 86_400, 604_800]);
});

test('everything else is none', (t) => {
  for (const typed of ['', '0h', '24', 'h', '1.5h', '-1h', '1h30m', '1000000000s', '1w']) {
    t.is(parseLifetime(typed), undefined, typed);
  }
});
