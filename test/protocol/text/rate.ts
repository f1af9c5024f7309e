import test from 'ava';
import { formatRate, parseRate } from '../../../protocol/text/rate.ts';

test('rates as people type them', (t) => {
  const rates = {
    off: 0,
    '0': 0,
    '1024': 1024,
    '500KiB': 512_000,
    '1.5 MiB/s': 1_572_864,
    '2M': 2 * 1024 ** 2,
    ' 1 gib ': 1024 ** 3,
  };
  for (const [typed, bytes] of Object.entries(rates)) t.is(parseRate(typed), bytes, typed);
  for (const typed of ['', 'fast', '-1', '1 TB', '1e9', '1..5M', '9999999999999']) {
    t.is(parseRate(typed), undefined, typed);
  }
  t.is(formatRate(null), 'no limit');
  t.is(formatRate(512_000), '500 KiB/s');
});
