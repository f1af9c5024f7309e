import test from 'ava';
import { createHybridClock } from '../../../agent/namespace/clock.ts';
import {
  compareStampValues,
  LatestStamps,
  stampAheadMsMax,
} from '../../../agent/namespace/stamps.ts';

function clockAt(nowMs: number): {
  wall: { nowMs(): number; set(ms: number): void };
  seen: LatestStamps;
} {
  let now = nowMs;
  const wall = {
    nowMs: () => now,
    set: (ms: number) => {
      now = ms;
    },
  };
  return { wall, seen: new LatestStamps() };
}

function clockOver({
  wall,
  seen,
}: ReturnType<typeof clockAt>): ReturnType<typeof createHybridClock> {
  return createHybridClock(wall, { latestStamp: (nowMs) => seen.latest(nowMs) });
}

test('stamps grow, also when the wall clock stands still or is set back by minutes', (t) => {
  const parts = clockAt(1_000_000);
  const clock = clockOver(parts);
  let last = clock.next(1);
  for (const nowMs of [1_000_000, 1_000_000, 900_000, 1_000_001, 400_005]) {
    parts.wall.set(nowMs);
    const next = clock.next(3);
    t.true(compareStampValues(next, last) > 0);
    last = { wallMs: next.wallMs, counter: next.counter + 2 };
  }
});

test('a stamp that was seen is followed up to ten minutes ahead, and no further', (t) => {
  for (const aheadMs of [0, 1, stampAheadMsMax - 1, stampAheadMsMax]) {
    const parts = clockAt(5_000_000);
    parts.seen.add({ wallMs: 5_000_000 + aheadMs, counter: 7 });
    t.true(
      compareStampValues(clockOver(parts).next(1), { wallMs: 5_000_000 + aheadMs, counter: 7 }) > 0,
    );
  }
  const parts = clockAt(5_000_000);
  parts.seen.add({ wallMs: 5_000_000 + stampAheadMsMax + 1, counter: 7 });
  t.is(clockOver(parts).next(1).wallMs, 5_000_000);
});

test('a clock that was years ahead and is set right goes on in the present', (t) => {
  const years = 1e12;
  const parts = clockAt(5_000_000 + years);
  const clock = clockOver(parts);
  const wrong = clock.next(1);
  t.is(wrong.wallMs, 5_000_000 + years);
  parts.seen.add(wrong);
  t.true(compareStampValues(clock.next(1), wrong) > 0);
  parts.wall.set(5_000_000);
  t.deepEqual(clock.next(1), { wallMs: 5_000_000, counter: 0 });
  t.deepEqual(clockOver(parts).next(1), { wallMs: 5_000_000, counter: 0 }, 'after a restart too');
  parts.wall.set(5_000_000 + years);
  t.true(compareStampValues(clock.next(1), wrong) > 0, 'when its time comes it counts');
});

test('a stamp far ahead counts when its time has come near', (t) => {
  const seen = new LatestStamps();
  seen.add({ wallMs: 10_000_000, counter: 3 });
  seen.add({ wallMs: 50, counter: 1 });
  t.deepEqual(seen.latest(1000), { wallMs: 50, counter: 1 });
  t.deepEqual(seen.latest(10_000_000 - stampAheadMsMax - 1), { wallMs: 50, counter: 1 });
  t.deepEqual(seen.latest(10_000_000 - stampAheadMsMax), { wallMs: 10_000_000, counter: 3 });
});

test('a clock that starts again goes on after the stamps of its tree', (t) => {
  const parts = clockAt(1000);
  parts.seen.add({ wallMs: 2000, counter: 9 });
  t.deepEqual(clockOver(parts).next(2), { wallMs: 2000, counter: 10 });
});

test('more operations than a millisecond holds go on in the next one', (t) => {
  const parts = clockAt(1000);
  const clock = clockOver(parts);
  clock.next(65_000);
  t.deepEqual(clock.next(4096), { wallMs: 1001, counter: 0 });
});
