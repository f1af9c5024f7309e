import test from 'ava';
import fc from 'fast-check';
import { Messages } from '../../../fuse/transport/stream.ts';

function message(bytes: number, fill: number): Buffer {
  const whole = Buffer.alloc(bytes, fill);
  whole.writeUInt32LE(bytes, 0);
  return whole;
}

test('messages are put together, however they were cut', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 40, max: 300 })),
      fc.integer({ min: 1, max: 97 }),
      (sizes, step) => {
        const sent = sizes.map((size, index) => message(size, index));
        const all = Buffer.concat(sent);
        const got: Buffer[] = [];
        const messages = new Messages((bytes) => got.push(bytes));
        for (let at = 0; at < all.length; at += step) {
          if (!messages.take(all.subarray(at, at + step))) return false;
        }
        return Buffer.concat(got).equals(all) && got.length === sent.length;
      },
    ),
  );
  t.pass();
});

test('a length that no request has ends it', (t) => {
  const messages = new Messages(() => undefined);
  t.false(messages.take(Buffer.from([1, 0, 0, 0])));
  t.false(new Messages(() => undefined).take(Buffer.from([0, 0, 0, 0xff])));
});
