import test from 'ava';
import fc from 'fast-check';
import { PlaceTable } from '../../../agent/store/place-table.ts';

test('property: it gives what a map gives, and its entries fill one', (t) => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 4 });
  const value = fc.uint8Array({ maxLength: 50 });
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { maxLength: 300 }), (pairs) => {
      const table = new PlaceTable();
      const map = new Map<string, string>();
      for (const [k, v] of pairs) {
        table.add(k, v);
        map.set(Buffer.from(k).toString('hex'), Buffer.from(v).toString('hex'));
      }
      for (const [k, v] of map) t.is(table.get(Buffer.from(k, 'hex'))?.toString('hex'), v);
      t.is(table.get(Buffer.from('not there')), undefined);
      t.is(table.size, pairs.length);
      const filled = new Map(
        [...table.entries()].map(([k, v]) => [k.toString('hex'), v.toString('hex')]),
      );
      t.deepEqual(filled, map);
    }),
    { numRuns: 200 },
  );
});

test('it takes more than a page, and entries larger than a page', (t) => {
  const table = new PlaceTable();
  const keyOf = (n: number): Buffer => Buffer.from(`key ${String(n)}`);
  for (let n = 0; n < 60_000; n += 1) table.add(keyOf(n), Buffer.alloc(40, n & 0xff));
  const large = Buffer.alloc(3 * 2 ** 20, 7);
  table.add(Buffer.from('large'), large);
  table.add(keyOf(60_000), Buffer.from('behind it'));
  for (let n = 0; n < 60_000; n += 997) {
    t.true(table.get(keyOf(n))?.equals(Buffer.alloc(40, n & 0xff)));
  }
  t.true(table.get(Buffer.from('large'))?.equals(large));
  t.is(table.get(keyOf(60_000))?.toString(), 'behind it');
  t.is([...table.entries()].length, 60_002);
});

test('keys of one sum are told apart', (t) => {
  // Same CRC-32C and same last bytes: found by search.
  const [one, other] = collision();
  const table = new PlaceTable();
  table.add(one, Buffer.from('one'));
  table.add(other, Buffer.from('other'));
  t.is(table.get(one)?.toString(), 'one');
  t.is(table.get(other)?.toString(), 'other');
  table.add(other, Buffer.from('newer'));
  table.add(one, Buffer.from('newest'));
  t.is(table.get(other)?.toString(), 'newer');
  t.is(table.get(one)?.toString(), 'newest');
});

/** CRC is linear: adding the polynomial itself (33 bits, shifted to whole bytes) changes no sum. */
function collision(): [Buffer, Buffer] {
  const one = Buffer.alloc(16);
  const other = Buffer.alloc(16);
  // Reflected Castagnoli 0x82f63b78 with its leading term, bit by bit from bit 8 on.
  const bits = [1, ...Array.from({ length: 32 }, (_, at) => (0x82f63b78 >>> (31 - at)) & 1)];
  const reversed = [1, ...bits.slice(1).reverse()];
  reversed.forEach((bit, at) => {
    const place = 8 + at;
    if (bit === 1) other[place >> 3] = (other[place >> 3] ?? 0) ^ (1 << (place & 7));
  });
  return [one, other];
}
