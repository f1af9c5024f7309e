import test from 'ava';
import { crc32c } from '../../../agent/store/crc32c.ts';

/** Bit by bit, as RFC 3720 (appendix B.4) defines it. */
function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = (crc ^ byte) >>> 0;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
    crc >>>= 0;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

test('the examples of RFC 3720', (t) => {
  t.is(crc32c(Buffer.from('123456789')), 0xe3069283);
  t.is(crc32c(Buffer.alloc(0)), 0);
  t.is(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  t.is(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  t.is(crc32c(Buffer.from(Array.from({ length: 32 }, (_, at) => at))), 0x46dd794e);
});

test('every length and start gives the sum of the definition', (t) => {
  const bytes = Buffer.from(Array.from({ length: 70 }, (_, at) => (at * 167 + 13) & 0xff));
  for (let start = 0; start < 8; start++) {
    for (let end = start; end <= bytes.length; end++) {
      t.is(crc32c(bytes, start, end), bitByBit(bytes.subarray(start, end)));
    }
  }
});
