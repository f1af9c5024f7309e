import test from 'ava';
import { Gate } from '../../../agent/peer/gate.ts';
import { connections } from '../../../protocol/limits.ts';

test('One address holds so many half-open connections and no more', (t) => {
  const gate = new Gate();
  for (let count = 0; count < connections.halfOpenPerAddressMax; count += 1) {
    t.is(gate.enter(`10.0.0.1:${String(count)}`, 0), 'entered');
  }
  t.is(gate.enter('10.0.0.1:99', 0), 'too many at once');
  t.is(gate.enter('10.0.0.2:1', 0), 'entered');
  gate.leave('10.0.0.1:0');
  t.is(gate.enter('10.0.0.1:99', 1_000), 'entered');
});

test('One IPv6 network counts as one address', (t) => {
  const gate = new Gate();
  const answers = Array.from({ length: 20 }, (_, index) =>
    gate.enter(`[2001:db8:1:2::${index.toString(16)}]:5`, 0),
  );
  t.is(answers.filter((answer) => answer === 'entered').length, connections.halfOpenPerAddressMax);
});

test('Handshakes that end quickly are still limited to twenty a second', (t) => {
  const gate = new Gate();
  let entered = 0;
  for (let count = 0; count < 100; count += 1) {
    if (gate.enter('10.0.0.1:1', count) !== 'entered') continue;
    entered += 1;
    gate.leave('10.0.0.1:1');
  }
  t.true(entered >= 20 && entered <= 22, String(entered));
});

test('All addresses together hold at most so many', (t) => {
  const gate = new Gate();
  let entered = 0;
  for (let count = 0; count < 1_000; count += 1) {
    const remote = `10.0.${String(count >> 8)}.${String(count & 255)}:1`;
    if (gate.enter(remote, count * 100) === 'entered') entered += 1;
  }
  t.is(entered, connections.halfOpenMax);
});

test('Refusals of one address are reported once a second', (t) => {
  const gate = new Gate();
  const reports = Array.from({ length: 30 }, (_, index) =>
    gate.mayReport('10.0.0.1:5', index * 100),
  );
  t.is(reports.filter(Boolean).length, 3);
});
