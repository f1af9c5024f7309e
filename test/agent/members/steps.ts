import test from 'ava';
import { atOnce, type Steps } from '../../../agent/members/steps.ts';

function* countTo(end: number): Steps<number> {
  let count = 0;
  while (count < end) {
    yield;
    count += 1;
  }
  return count;
}

test('work that may be interrupted comes to its end at once, however often it yields', (t) => {
  for (const steps of [0, 1, 1000]) t.is(atOnce(countTo(steps)), steps);
});
