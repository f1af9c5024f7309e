import test from 'ava';
import { Rounds } from '../../../fuse/operations/rounds.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';

function build() {
  const clock = createManualClock();
  const rounds = new Rounds(clock);
  const begun: string[] = [];
  const wait = (name: string): void => void rounds.next().then(() => begun.push(name));
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { clock, rounds, begun, wait, settle };
}

test('what comes in one moment goes in one round, soon, and nothing runs without anybody', async (t) => {
  const { clock, begun, wait, settle } = build();
  wait('a');
  clock.advance(10);
  wait('b');
  await settle();
  t.deepEqual(begun, []);
  clock.advance(10);
  await settle();
  t.deepEqual(begun, ['a', 'b']);
  t.is(clock.waiting, 0);
});

test('rounds that take long are further apart, and never far', async (t) => {
  const { clock, rounds, begun, wait, settle } = build();
  const startMs = clock.monotonicMs();
  clock.advance(50);
  rounds.took(startMs);
  wait('a');
  clock.advance(149);
  await settle();
  t.deepEqual(begun, []);
  clock.advance(1);
  await settle();
  t.deepEqual(begun, ['a']);
  clock.advance(60_000);
  rounds.took(startMs);
  wait('b');
  clock.advance(400);
  await settle();
  t.deepEqual(begun, ['a', 'b']);
});

test('while something is put together nothing sets out, and then everything does', async (t) => {
  const { clock, rounds, begun, wait, settle } = build();
  await rounds.hold(async () => {
    wait('a');
    clock.advance(1000);
    await rounds.hurry(settle);
    t.deepEqual(begun, []);
  });
  await settle();
  t.deepEqual(begun, ['a']);
});

test('for who waits there are no rounds', async (t) => {
  const { clock, rounds, begun, wait, settle } = build();
  wait('before');
  await rounds.hurry(async () => {
    wait('during');
    await settle();
    t.deepEqual(begun, ['before', 'during']);
  });
  t.is(clock.waiting, 0);
  wait('after');
  await settle();
  t.is(begun.length, 2);
});
