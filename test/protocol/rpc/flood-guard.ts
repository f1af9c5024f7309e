import test from 'ava';
import fc from 'fast-check';
import type { Frame } from '../../../protocol/frame.ts';
import { flood as limits } from '../../../protocol/limits.ts';
import { FloodGuard, workOf } from '../../../protocol/rpc/flood-guard.ts';

const perSecond = limits.workPerSecond;

test('what an honest device sends is never slowed down', (t) => {
  const guard = new FloodGuard();
  for (let nowMs = 0; nowMs < 120_000; nowMs += 100) {
    t.is(guard.take(perSecond / 10, nowMs), 0);
  }
  t.is(guard.take(perSecond, 240_000), 0, 'and so is a burst of one second');
  t.false(guard.isNotable);
});

test('whoever sends more is slowed down to the rate, and is too much before 20 s are over', (t) => {
  const guard = new FloodGuard();
  let nowMs = 0;
  let work = 0;
  while (!guard.isTooMuch && nowMs < 60_000) {
    work += 5_000;
    nowMs += guard.take(5_000, nowMs);
    if (nowMs > 3_000) t.true(guard.isNotable);
  }
  t.true(guard.isTooMuch);
  t.true(nowMs >= limits.slowedMsMax && nowMs < 20_000, String(nowMs));
  t.true(work <= (perSecond * (nowMs + 1_000)) / 1_000 + 5_000, 'no more came than may come');
});

test('a burst that is too large costs a pause, and is forgiven later', (t) => {
  const guard = new FloodGuard();
  t.is(guard.take(3 * perSecond, 0), 2_000);
  t.true(guard.isNotable);
  t.false(guard.isTooMuch);
  t.is(guard.take(0, 20_000), 0);
  t.false(guard.isNotable);
});

test('whatever comes when, no more passes than a burst and the rate', (t) => {
  const steps = fc.array(fc.record({ work: fc.nat(3 * perSecond), idleMs: fc.nat(3_000) }), {
    maxLength: 50,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const guard = new FloodGuard();
      let nowMs = 0;
      let passed = 0;
      for (const { work, idleMs } of list) {
        passed += work;
        nowMs += guard.take(work, nowMs);
        t.true(passed <= perSecond * (1 + nowMs / 1_000) + 1);
        nowMs += idleMs;
      }
    }),
  );
});

test('bodies that have credit cost nothing more, small frames and calls do', (t) => {
  const frame = (type: Frame['type'], length: number): Frame => ({
    type,
    stream: 1,
    body: Buffer.alloc(length),
  });
  t.is(workOf(frame('data', limits.largeFrameBytes)), 0);
  t.is(workOf(frame('message', 60_000)), 0);
  t.is(workOf(frame('data', limits.largeFrameBytes - 1)), 1);
  t.is(workOf(frame('open', 60_000)), limits.workPerCall);
  for (const type of ['ping', 'pong', 'credit', 'reset', 'end'] as const) {
    t.is(workOf(frame(type, 8)), 1, type);
  }
});
