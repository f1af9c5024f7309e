import test from 'ava';
import { Gate, type Visitor } from '../../../agent/peer/gate.ts';
import { connections } from '../../../protocol/limits.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const newGate = (seed = 'gate'): Gate => {
  const random = seededRandom(seed);
  return new Gate(() => random.fraction());
};

/** Visitors, and which of them had to go. */
function hall() {
  const inside = new Set<Visitor>();
  const visitor = (remote: string): Visitor => {
    const made: Visitor = {
      remote,
      drop: () => {
        inside.delete(made);
      },
    };
    return made;
  };
  const enter = (gate: Gate, remote: string, nowMs: number) => {
    const made = visitor(remote);
    const answer = gate.enter(made, nowMs);
    if (answer === 'entered') inside.add(made);
    return { visitor: made, answer };
  };
  return { inside, enter };
}

test('one address holds so many half-open connections: one more takes the place of another', (t) => {
  const gate = newGate();
  const { inside, enter } = hall();
  const first = Array.from({ length: connections.halfOpenPerAddressMax }, (_, at) =>
    enter(gate, `10.0.0.1:${String(at)}`, 0),
  );
  t.true(first.every(({ answer }) => answer === 'entered'));
  const more = enter(gate, '10.0.0.1:99', 1_000);
  t.is(more.answer, 'entered');
  t.is(inside.size, connections.halfOpenPerAddressMax);
  t.true(inside.has(more.visitor));
  enter(gate, '10.0.0.2:1', 1_000);
  t.is(inside.size, connections.halfOpenPerAddressMax + 1, 'another address has places of its own');
});

test('one IPv6 network counts as one address', (t) => {
  const gate = newGate();
  const { inside, enter } = hall();
  for (let at = 0; at < 20; at++) enter(gate, `[2001:db8:1:2::${at.toString(16)}]:5`, 0);
  t.is(inside.size, connections.halfOpenPerAddressMax);
});

test('handshakes that end quickly are still limited to twenty a second', (t) => {
  const gate = newGate();
  const { enter } = hall();
  let entered = 0;
  for (let count = 0; count < 100; count += 1) {
    const { visitor, answer } = enter(gate, '10.0.0.1:1', count);
    if (answer !== 'entered') continue;
    entered += 1;
    gate.leave(visitor);
  }
  t.true(entered >= 20 && entered <= 22, String(entered));
});

test('all addresses together hold at most so many', (t) => {
  const gate = newGate();
  const { inside, enter } = hall();
  for (let count = 0; count < 1_000; count += 1) {
    enter(gate, `10.0.${String(count >> 8)}.${String(count & 255)}:1`, count * 100);
    t.true(inside.size <= connections.halfOpenMax);
  }
  t.is(inside.size, connections.halfOpenMax);
});

test('whoever fills all places with silence does not keep a quick one out', (t) => {
  const gate = newGate('quick');
  const { inside, enter } = hall();
  let through = 0;
  for (let round = 0; round < 200; round++) {
    for (let at = 0; at < 4; at++) {
      const host = `10.1.${String(round)}.${String(at)}`;
      enter(gate, `${host}:1`, round * 100);
    }
    const { visitor, answer } = enter(gate, '192.168.0.7:1', round * 100);
    // One flood comes in before its handshake is over.
    enter(gate, `10.2.${String(round)}.1:1`, round * 100);
    if (answer === 'entered' && inside.has(visitor)) through += 1;
    gate.leave(visitor);
  }
  t.true(through >= 195, `${String(through)} of 200`);
});

test('who was dropped, or leaves twice, is not counted twice', (t) => {
  const gate = newGate();
  const { inside, enter } = hall();
  const all = Array.from({ length: 20 }, (_, at) => enter(gate, `10.0.0.1:${String(at)}`, 0));
  for (const { visitor } of all) {
    gate.leave(visitor);
    gate.leave(visitor);
  }
  inside.clear();
  for (let at = 0; at < 17; at++) enter(gate, `10.0.0.1:${String(at)}`, 2_000);
  t.is(inside.size, connections.halfOpenPerAddressMax);
});

test('refusals of one address are reported once a second', (t) => {
  const gate = newGate();
  const reports = Array.from({ length: 30 }, (_, index) =>
    gate.mayReport('10.0.0.1:5', index * 100),
  );
  t.is(reports.filter(Boolean).length, 3);
});
