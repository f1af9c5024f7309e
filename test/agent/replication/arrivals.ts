import test from 'ava';
import { Arrivals } from '../../../agent/replication/arrivals.ts';
import { idFromBytes } from '../../../protocol/ids.ts';

test('Arrivals are counted by device, and told once', (t) => {
  const [one, other] = [1, 2].map((n) => idFromBytes('device', Buffer.alloc(16, n)));
  const arrivals = new Arrivals();
  arrivals.count(one!, 10);
  arrivals.count(other!, 5);
  arrivals.count(one!, 20);
  t.deepEqual(arrivals.drain(), [
    { device: one!, chunks: 2, bytes: 30 },
    { device: other!, chunks: 1, bytes: 5 },
  ]);
  t.deepEqual(arrivals.drain(), []);
  arrivals.count(other!, 7);
  t.deepEqual(arrivals.drain(), [{ device: other!, chunks: 1, bytes: 7 }]);
});
