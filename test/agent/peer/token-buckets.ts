import test from 'ava';
import { TokenBuckets } from '../../../agent/peer/token-buckets.ts';

test('A burst of one second passes, then so many a second', (t) => {
  const buckets = new TokenBuckets(20, 10);
  const taken = Array.from({ length: 25 }, () => buckets.take('a', 0)).filter(Boolean).length;
  t.is(taken, 20);
  t.false(buckets.take('a', 49));
  t.true(buckets.take('a', 50));
  t.false(buckets.take('a', 51));
  t.true(buckets.take('b', 51), 'keys do not share');
});

test('The number of keys is bounded, and the quietest is forgotten', (t) => {
  const buckets = new TokenBuckets(1, 2);
  t.true(buckets.take('a', 0));
  t.true(buckets.take('b', 0));
  t.false(buckets.take('a', 1));
  t.true(buckets.take('c', 2));
  t.false(buckets.take('a', 3), 'a was used later than b');
  t.true(buckets.take('b', 4), 'b was forgotten');
});
