import test from 'ava';
import fc from 'fast-check';
import { IdFilter } from '../../../../agent/vault/retention/id-filter.ts';
import { blake3 } from '../../../../protocol/hash.ts';
import type { ChunkId } from '../../../../protocol/ids.ts';

const idOf = (number: number): ChunkId =>
  blake3(Buffer.from(String(number))).toString('hex') as ChunkId;

test('what was added is in it, however many more than expected there are', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 800 }), fc.nat({ max: 800 }), fc.nat({ max: 3 }), (...given) => {
      const [expected, count, turn] = given;
      const filter = new IdFilter(expected, turn);
      const ids = Array.from({ length: count }, (_, at) => idOf(at));
      for (const id of ids) filter.add(id);
      return ids.every((id) => filter.has(id));
    }),
    { numRuns: 10 },
  );
  t.false(new IdFilter(0, 0).has(idOf(1)));
});

test('few others seem to be in it, and not the same ones in the next turn', (t) => {
  const wrong = [0, 1].map((turn) => {
    const filter = new IdFilter(10_000, turn);
    for (let at = 0; at < 10_000; at++) filter.add(idOf(at));
    const others = Array.from({ length: 20_000 }, (_, at) => idOf(10_000 + at));
    return new Set(others.filter((id) => filter.has(id)));
  });
  for (const each of wrong) t.true(each.size < 200, `${String(each.size)} of 20,000`);
  t.true([...wrong[0]!].filter((id) => wrong[1]!.has(id)).length < 20);
});
