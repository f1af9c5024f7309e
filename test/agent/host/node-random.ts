import test from 'ava';
import { createNodeRandom } from '../../../agent/host/node-random.ts';

test('bytes are as many as asked for, and never the same or shared', (t) => {
  const random = createNodeRandom();
  const drawn = Array.from({ length: 3000 }, (_, index) => random.bytes(8 + (index % 40)));
  t.deepEqual(
    drawn.map(({ length }) => length),
    drawn.map((_, index) => 8 + (index % 40)),
  );
  t.is(new Set(drawn.map((bytes) => bytes.toString('hex', 0, 8))).size, drawn.length);
  const [first] = drawn;
  const copy = Buffer.from(first ?? []);
  random.bytes(8).fill(0);
  t.deepEqual(first, copy);
});

test('more than is drawn at once comes straight from the generator', (t) => {
  const random = createNodeRandom();
  for (const count of [1024, 1025, 4096, 100_000]) {
    const bytes = random.bytes(count);
    t.is(bytes.length, count);
    t.true(new Set(bytes).size > 100);
  }
});
