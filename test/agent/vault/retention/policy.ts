/** Which versions a rule keeps, against an oracle that looks at every pair of versions. */
import test from 'ava';
import fc from 'fast-check';
import { keepReasons, type DatedVersion } from '../../../../agent/vault/retention/policy.ts';
import {
  keepKinds,
  noKeep,
  type KeepKind,
  type KeepRule,
} from '../../../../protocol/text/retention-rule.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 10, 21, 12);

/** By the calendar, as a person would say it. */
const periodName: Readonly<Record<Exclude<KeepKind, 'last'>, (date: Date) => string>> = {
  hourly: (date) => date.toISOString().slice(0, 13),
  daily: (date) => date.toISOString().slice(0, 10),
  weekly(date) {
    const monday = new Date(date);
    monday.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
    return monday.toISOString().slice(0, 10);
  },
  monthly: (date) => date.toISOString().slice(0, 7),
  yearly: (date) => date.toISOString().slice(0, 4),
};

/** A version is kept of a period when it is its newest, and fewer than so many later periods have one. */
function isKept(versions: readonly DatedVersion[], at: number, rule: KeepRule): boolean {
  const own = versions[at];
  if (own === undefined) return false;
  if (at < rule.last) return true;
  if (rule.withinHours > 0 && (own.replacedMs ?? nowMs) >= nowMs - rule.withinHours * hourMs)
    return true;
  return keepKinds.some((kind) => {
    if (kind === 'last') return false;
    const nameOf = ({ writtenMs }: DatedVersion): string => periodName[kind](new Date(writtenMs));
    const newer = versions.slice(0, at).map(nameOf);
    return !newer.includes(nameOf(own)) && new Set(newer).size < rule[kind];
  });
}

const someVersions = fc
  .array(fc.integer({ min: 0, max: 1000 * 24 * 60 }), { minLength: 1, maxLength: 40 })
  .map((minutes) => {
    const times = minutes.map((each) => nowMs - each * 60_000).sort((a, b) => b - a);
    return times.map((writtenMs, at) => ({ writtenMs, replacedMs: times[at - 1] }));
  });
const few = fc.nat({ max: 6 });
const someRule: fc.Arbitrary<KeepRule> = fc.record({
  ...{ last: few, hourly: few, daily: few, weekly: few, monthly: few, yearly: few },
  withinHours: fc.constantFrom(0, 0, 1, 24, 24 * 90),
});

test('a rule keeps exactly what the oracle keeps', (t) => {
  fc.assert(
    fc.property(someVersions, someRule, (versions, rule) => {
      const kept = keepReasons(versions, rule, nowMs).map((reasons) => reasons.length > 0);
      t.deepEqual(
        kept,
        versions.map((_, at) => isKept(versions, at, rule)),
      );
    }),
    { numRuns: 500 },
  );
});

test('no number above 0 keeps nothing, and each reason is named', (t) => {
  const versions = [
    { writtenMs: nowMs, replacedMs: undefined },
    { writtenMs: nowMs - hourMs, replacedMs: nowMs },
  ];
  t.deepEqual(keepReasons(versions, noKeep, nowMs), [[], []]);
  t.deepEqual(keepReasons(versions, { ...noKeep, last: 1, daily: 7, withinHours: 2 }, nowMs), [
    ['last', 'daily', 'within'],
    ['within'],
  ]);
});

test('a version that was the present one for years counts by when it was replaced', (t) => {
  const old = { writtenMs: nowMs - 900 * 24 * hourMs, replacedMs: nowMs - hourMs };
  const present = { writtenMs: nowMs - hourMs, replacedMs: undefined };
  const rule = { ...noKeep, withinHours: 24 };
  t.deepEqual(keepReasons([present, old], rule, nowMs), [['within'], ['within']]);
});

test('a clock that is wrong by ages stops nothing', (t) => {
  const versions = [
    { writtenMs: 2 ** 53 - 1, replacedMs: undefined },
    { writtenMs: 0, replacedMs: 2 ** 53 - 1 },
  ];
  t.notThrows(() => keepReasons(versions, { ...noKeep, monthly: 1, yearly: 1 }, nowMs));
});
