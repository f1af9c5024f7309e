import test from 'ava';
import fc from 'fast-check';
import { Fifo } from '../../../protocol/rpc/fifo.ts';

test('property: a queue gives what an array gives', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer(), { nil: undefined }), { maxLength: 200 }),
      (steps) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        for (const step of steps) {
          if (step === undefined) t.is(fifo.shift(), model.shift());
          else {
            fifo.push(step);
            model.push(step);
          }
          t.is(fifo.length, model.length);
          t.is(fifo.first, model[0]);
        }
        t.deepEqual(fifo.drain(), model);
        t.is(fifo.length, 0);
        t.is(fifo.shift(), undefined);
      },
    ),
  );
});
