import test from 'ava';
import { Soon } from '../../../agent/replication/soon.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';

test('What is asked for often is done once, and again when it is asked for again', (t) => {
  const clock = createManualClock();
  const soon = new Soon(clock);
  const done: string[] = [];
  const ask = (name: string): void => {
    soon.run(name, 50, () => done.push(name));
  };
  ask('one');
  clock.advance(30);
  ask('one');
  ask('other');
  clock.advance(20);
  t.deepEqual(done, ['one']);
  clock.advance(100);
  t.deepEqual(done, ['one', 'other']);
  ask('one');
  clock.advance(50);
  t.deepEqual(done, ['one', 'other', 'one']);
});

test('Nothing is done once it is closed', (t) => {
  const clock = createManualClock();
  const soon = new Soon(clock);
  const never = (): void => {
    t.fail();
  };
  soon.run('before', 10, never);
  soon.close();
  soon.run('after', 10, never);
  clock.advance(100);
  t.is(clock.waiting, 0);
});
