import test from 'ava';
import fc from 'fast-check';
import { copyBytes } from '../../protocol/copy-bytes.ts';
import { byteStreamOf } from '../helpers/byte-stream-of.ts';

const memories = [(n: number) => new ArrayBuffer(n), (n: number) => new SharedArrayBuffer(n)];
const anyMemory = fc.constantFrom(...memories);
const anyLength = fc.oneof(fc.nat(8), fc.integer({ min: 1000, max: 1050 }), fc.nat(70_000));
const anyCopy = fc.record({
  from: anyMemory,
  to: anyMemory,
  length: anyLength,
  skip: fc.nat(40),
  at: fc.nat(40),
});

test('bytes arrive where they should and nothing else changes, whatever memory they are in', (t) => {
  fc.assert(
    fc.property(anyCopy, ({ from, to, length, skip, at }) => {
      const source = new Uint8Array(from(length + skip), skip);
      source.set(byteStreamOf('source', length));
      const target = new Uint8Array(to(length + 100), 7).fill(0x5a);
      copyBytes(target, at, source);
      const expected = Buffer.alloc(target.length, 0x5a);
      expected.set(source, at);
      t.true(expected.equals(target));
    }),
    { numRuns: 200 },
  );
});

test('bytes that do not fit are refused', (t) => {
  for (const length of [10, 1024, 5000]) {
    const target = new Uint8Array(length);
    t.throws(() => copyBytes(target, 1, new Uint8Array(length)), { instanceOf: RangeError });
    t.true(target.every((byte) => byte === 0));
  }
});
