import test from 'ava';
import fc from 'fast-check';
import { varintBytes, writeVarint } from '../../../protocol/messages/varint.ts';

/** By the definition, with exact numbers of any size. */
function definition(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt(value); bytes.length === 0 || rest > 0n; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | (rest >> 7n > 0n ? 0x80 : 0));
  }
  return bytes;
}

test('a number has the bytes of the definition, where it was asked for, and as many as were said', (t) => {
  const powers = Array.from({ length: 53 }, (_, bits) => [2 ** bits - 1, 2 ** bits]).flat();
  const value = fc.oneof(fc.maxSafeNat(), fc.constantFrom(...powers));
  fc.assert(
    fc.property(value, fc.nat(9), (number, at) => {
      const room = new Uint8Array(20);
      const end = writeVarint(room, at, number);
      t.deepEqual([...room.subarray(at, end)], definition(number));
      t.is(end - at, varintBytes(number));
      t.true([...room.subarray(0, at), ...room.subarray(end)].every((byte) => byte === 0));
    }),
  );
});
