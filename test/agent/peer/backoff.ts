import test from 'ava';
import { Backoff } from '../../../agent/peer/backoff.ts';
import { time } from '../../../protocol/limits.ts';

test('Waits grow from half a second to a minute, half of each by chance', (t) => {
  const shortest = new Backoff(() => 0);
  const longest = new Backoff(() => 0.999_999);
  const lows = Array.from({ length: 12 }, () => shortest.next());
  const highs = Array.from({ length: 12 }, () => Math.round(longest.next()));
  t.deepEqual(lows.slice(0, 4), [250, 500, 1_000, 2_000]);
  t.deepEqual(highs.slice(0, 4), [500, 1_000, 2_000, 4_000]);
  t.is(lows.at(-1), time.reconnectMaxMs / 2);
  t.is(highs.at(-1), time.reconnectMaxMs);
});

test('Hope starts over, a reason not to hurry goes to the end', (t) => {
  const backoff = new Backoff(() => 0);
  backoff.next();
  backoff.next();
  backoff.reset();
  t.is(backoff.next(), 250);
  backoff.exhaust();
  t.is(backoff.next(), 30_000);
});
