import test from 'ava';
import fc from 'fast-check';
import { IdOrder } from '../../../../agent/namespace/state/id-order.ts';
import type { NodeId } from '../../../../protocol/ids.ts';
import { Dice } from '../../../helpers/dice.ts';

test('few ids come back in order', (t) => {
  const id = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const property = fc.property(fc.array(id, { maxLength: 40 }), (bytes) => {
    const ids = bytes.map((each) => Buffer.from(each).toString('hex') as NodeId);
    const order = new IdOrder();
    for (const each of ids) order.add(each);
    t.deepEqual([...order.take()], ids.sort());
    t.deepEqual([...order.take()], []);
  });
  fc.assert(property, { numRuns: 200 });
});

test('many runs are merged, whatever their lengths', (t) => {
  for (const count of [1023, 1024, 1025, 10_000]) {
    const dice = new Dice(count);
    const ids = Array.from({ length: count }, () => dice.hex(16) as NodeId);
    const order = new IdOrder();
    for (const id of ids) order.add(id);
    t.deepEqual([...order.take()], ids.sort(), String(count));
  }
});
