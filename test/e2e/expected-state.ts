/** The yardstick of the crash tests: it has to see every kind of harm. */
import test from 'ava';
import { ExpectedState, type Effects } from '../helpers/expected-state.ts';

function settled(...files: readonly (readonly [string, string])[]): ExpectedState {
  const expected = new ExpectedState();
  for (const file of files) expected.acknowledge(expected.begin('put', new Map([file])));
  return expected;
}

function kindsOf(expected: ExpectedState, found: ReadonlyMap<string, string>): readonly string[] {
  return expected.check(found).map(({ kind, path }) => `${kind} ${path}`);
}

const move: Effects = new Map([
  ['a', undefined],
  ['b', '1'],
]);

test('what is as it was acknowledged is no problem', (t) => {
  t.deepEqual(
    kindsOf(
      settled(['a', '1'], ['b', '2']),
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    ),
    [],
  );
  t.deepEqual(kindsOf(new ExpectedState(), new Map()), []);
});

test('a file that is missing is lost', (t) => {
  t.deepEqual(kindsOf(settled(['a', '1']), new Map()), ['lost a']);
});

test('a file with the content before the last acknowledged one is wrong', (t) => {
  t.deepEqual(kindsOf(settled(['a', '1'], ['a', '2']), new Map([['a', '1']])), ['wrong a']);
});

test('a removed file that is there again has returned', (t) => {
  const expected = settled(['a', '1']);
  expected.acknowledge(expected.begin('remove', new Map([['a', undefined]])));
  t.deepEqual(kindsOf(expected, new Map([['a', '1']])), ['returned a']);
});

test('a file that nobody wrote is a stranger', (t) => {
  t.deepEqual(kindsOf(new ExpectedState(), new Map([['a', '1']])), ['stranger a']);
});

test('a change in flight may have happened or not, and is expected from then on', (t) => {
  for (const [found, other] of [
    ['1', '2'],
    ['2', '1'],
  ] as const) {
    const expected = settled(['a', '1']);
    expected.begin('put', new Map([['a', '2']]));
    t.deepEqual(kindsOf(expected, new Map([['a', found]])), []);
    t.deepEqual(kindsOf(expected, new Map([['a', found]])), []);
    t.deepEqual(kindsOf(expected, new Map([['a', other]])), ['wrong a']);
  }
});

test('a change in flight with a third outcome is wrong', (t) => {
  const expected = settled(['a', '1']);
  expected.begin('put', new Map([['a', '2']]));
  t.deepEqual(kindsOf(expected, new Map([['a', '3']])), ['wrong a']);
});

test('a move in flight happens whole or not at all', (t) => {
  const outcomes: readonly (readonly [Readonly<Record<string, string>>, readonly string[]])[] = [
    [{ a: '1' }, []],
    [{ b: '1' }, []],
    [{ a: '1', b: '1' }, ['torn b']],
    [{}, ['torn a']],
  ];
  for (const [found, problems] of outcomes) {
    const expected = settled(['a', '1']);
    expected.begin('move', move);
    const kinds = kindsOf(expected, new Map(Object.entries(found)));
    t.deepEqual(
      kinds.filter((kind) => kind.startsWith('torn')),
      problems,
    );
    t.is(kinds.length > 0, problems.length > 0);
  }
});

test('no two changes in flight touch one path', (t) => {
  const expected = settled(['a', '1']);
  expected.begin('move', move);
  t.throws(() => expected.begin('put', new Map([['b', '2']])));
  t.throws(() => expected.contentOf('a'));
});
