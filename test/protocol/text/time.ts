import test from 'ava';
import { parseTime } from '../../../protocol/text/time.ts';

// Local times are those of the zone that the test runs in, whichever that is.
const now = new Date(2026, 10, 21, 14, 30, 15, 250);
const nowMs = now.getTime();
const local = (
  year: number,
  month: number,
  day: number,
  [hour = 0, minute = 0, second = 0, ms = 0]: readonly number[] = [],
): number => new Date(year, month, day, hour, minute, second, ms).getTime();
const parse = (text: string): number | undefined => parseTime(text, nowMs);

test('RFC 3339 with a zone is the same everywhere', (t) => {
  t.is(parse('2026-11-01T12:00:00Z'), Date.UTC(2026, 10, 1, 12));
  t.is(parse('2026-11-01t12:00:30.5+02:00'), Date.UTC(2026, 10, 1, 10, 0, 30, 500));
  t.is(parse('2026-11-01 12:00-05:30'), Date.UTC(2026, 10, 1, 17, 30));
  t.is(parse('2026-11-21T06:44:28.123456789Z'), Date.UTC(2026, 10, 21, 6, 44, 28, 123));
});

test('without a zone it is local time', (t) => {
  t.is(parse('2026-11-01T12:00'), local(2026, 10, 1, [12]));
  t.is(parse('2026-11-01 12:00:30'), local(2026, 10, 1, [12, 0, 30]));
  t.is(parse(' 2026-11-01 '), local(2026, 10, 1));
  t.is(parse('14:00'), local(2026, 10, 21, [14]));
});

test('words for days', (t) => {
  t.is(parse('now'), nowMs);
  t.is(parse('today'), local(2026, 10, 21));
  t.is(parse('Yesterday'), local(2026, 10, 20, [14, 30, 15, 250]));
  t.is(parse('yesterday 9:05'), local(2026, 10, 20, [9, 5]));
  t.is(parse('today 00:00:01'), local(2026, 10, 21, [0, 0, 1]));
});

test('how long ago', (t) => {
  t.is(parse('2h ago'), nowMs - 7_200_000);
  t.is(parse('90 min'), nowMs - 5_400_000);
  t.is(parse('1 second ago'), nowMs - 1000);
  t.is(parse('3 days ago'), local(2026, 10, 18, [14, 30, 15, 250]));
  t.is(parse('1w ago'), local(2026, 10, 14, [14, 30, 15, 250]));
  t.is(parse('2 months ago'), local(2026, 8, 21, [14, 30, 15, 250]));
  t.is(parse('1 year ago'), local(2025, 10, 21, [14, 30, 15, 250]));
});

test('what is no time is none', (t) => {
  for (const text of [
    '',
    'before-upgrade',
    '2026',
    '2026-02-30',
    '2026-02-30T12:00Z',
    '2026-13-01',
    '2026-11-01T24:00',
    '2026-11-01T12:60',
    '25:00',
    'tomorrow',
    'ago',
    '2 fortnights ago',
    '-2h ago',
    '1.5h ago',
    'abcd1234',
  ]) {
    t.is(parse(text), undefined, text);
  }
});
