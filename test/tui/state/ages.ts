import test from 'ava';
import fc from 'fast-check';
import { formatSince } from '../../../protocol/text/format.ts';
import { nextAgeMs, nextTextMs } from '../../../tui/state/ages.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import { drawn, consoleNowMs, consoleState } from '../../helpers/console-state.ts';
import { someMembers } from '../../fixtures/console-reports.ts';

const dayMs = 24 * 3600 * 1000;

test('the text of an age stays until the time that is said, and is another one then', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: -dayMs, max: 400 * dayMs }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (ageMs, share) => {
        const sinceMs = consoleNowMs - ageMs;
        const since = new Date(sinceMs).toISOString();
        const nextMs = nextAgeMs(sinceMs, consoleNowMs);
        const betweenMs = consoleNowMs + Math.floor((nextMs - consoleNowMs) * share);
        t.true(nextMs > consoleNowMs);
        t.is(formatSince(since, betweenMs), formatSince(since, consoleNowMs));
        t.not(formatSince(since, nextMs), formatSince(since, consoleNowMs));
      },
    ),
  );
});

test('only what is shown moves the clock', (t) => {
  const members = {
    type: 'data',
    name: 'members',
    value: someMembers,
    atMs: consoleNowMs,
  } as const;
  const devices = consoleState('devices', members);
  const nextMs = nextTextMs(devices);
  t.is(nextMs, consoleNowMs + 3600 * 1000);
  const later = reduce(devices, { type: 'tick', nowMs: nextMs ?? 0 });
  t.notDeepEqual(drawn(later), drawn(devices));
  const before = reduce(devices, { type: 'tick', nowMs: (nextMs ?? 0) - 1 });
  t.deepEqual(drawn(before), drawn(devices));
  t.is(nextTextMs(reduce(devices, { type: 'go', view: 'overview' })), undefined);
});

test('while the agent is gone, the age of what is shown is told to the second', (t) => {
  const link = { state: 'lost', sinceMs: consoleNowMs, heardMs: consoleNowMs - 1700 } as const;
  let state = reduce(consoleState('overview'), { type: 'link', link });
  const told: string[] = [];
  while (told.length < 62) {
    told.push(/this is (.*) old/.exec(drawn(state)[0] ?? '')?.[1] ?? '');
    state = reduce(state, { type: 'tick', nowMs: nextTextMs(state) ?? 0 });
  }
  t.deepEqual(told.slice(0, 3), ['1 s', '2 s', '3 s']);
  t.deepEqual(told.slice(58, 61), ['59 s', '1 min', '2 min']);
});
