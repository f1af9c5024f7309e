import test from 'ava';
import { Conduct } from '../../../agent/peer/conduct.ts';
import type { DeviceId } from '../../../protocol/ids.ts';
import { flood as limits } from '../../../protocol/limits.ts';

const [evil, good] = ['e', 'a'].map((digit) => digit.repeat(32) as DeviceId) as [
  DeviceId,
  DeviceId,
];

test('a device may connect often at once, and then one time after the other', (t) => {
  const conduct = new Conduct();
  for (let count = 0; count < limits.connectsAtOnceMax; count += 1) {
    t.is(conduct.connect(evil, 0), undefined);
  }
  t.is(conduct.connect(evil, 0)?.goodbye, 'overload');
  t.is(conduct.connect(good, 0), undefined, 'the others are not meant');
  t.is(conduct.connect(evil, 0, { isOurs: true }), undefined, 'what we began is not its doing');
  t.is(conduct.connect(evil, limits.connectEveryMs), undefined);
  t.regex(conduct.connect(evil, limits.connectEveryMs)?.detail ?? '', /too often/);
});

test('who was thrown out stays out for a minute, and is remembered for ten', (t) => {
  const conduct = new Conduct();
  conduct.throwOut(evil, 'sent noise', 1_000);
  t.is(conduct.connect(evil, 60_000)?.goodbye, 'protocol-error');
  t.is(conduct.connect(evil, 62_000), undefined);
  t.deepEqual(conduct.troubleOf(evil, 600_000)?.thrownOut, { atMs: 1_000, reason: 'sent noise' });
  t.is(conduct.troubleOf(evil, 602_000), undefined);
  t.is(conduct.troubleOf(good, 1_000), undefined);
});

test('that a device is slowed down is news once a minute, and its guard outlives a connection', (t) => {
  const conduct = new Conduct();
  t.true(conduct.slowed(evil, 0));
  t.false(conduct.slowed(evil, 59_000));
  t.false(conduct.slowed(evil, 100_000), 'it went on all the time');
  t.true(conduct.slowed(evil, 170_000));
  t.is(conduct.troubleOf(evil, 170_000)?.slowedAtMs, 170_000);
  t.is(conduct.guardOf(evil, 0), conduct.guardOf(evil, 9_000));
});
