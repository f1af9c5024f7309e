import { constants, zstdCompressSync } from 'node:zlib';
import test from 'ava';
import {
  compress,
  compressedHeadLength,
  decompress,
  looksRandom,
} from '../../../agent/chunks/compress.ts';
import { padme } from '../../../agent/chunks/pad.ts';
import { KiB, MiB } from '../../../protocol/limits.ts';
import { byteStreamOf, textOf } from '../../helpers/byte-stream-of.ts';

/** A head as `compress` makes it, around any frame. */
function headOf(frame: Buffer): Buffer {
  const head = Buffer.alloc(4 + frame.length);
  head.writeUInt32BE(frame.length);
  frame.copy(head, 4);
  return head;
}

test('text is compressed and comes back', (t) => {
  for (const length of [256, 5000, 64 * KiB, MiB]) {
    const plain = textOf('text', length);
    const head = compress(plain);
    t.truthy(head, String(length));
    t.true(padme(head!.length) * 16 <= padme(length) * 15);
    t.true(decompress(head!, length)?.equals(plain));
  }
});

test('zeros and base64 are tried, random bytes and what is too short are not', (t) => {
  const random = byteStreamOf('random', 256 * KiB);
  t.truthy(compress(Buffer.alloc(256 * KiB)));
  t.truthy(compress(Buffer.from(random.toString('base64'))));
  t.is(compress(random), undefined);
  t.is(compress(byteStreamOf('random', 1000)), undefined);
  t.is(compress(Buffer.alloc(255)), undefined);
  t.is(compress(Buffer.alloc(0)), undefined);
});

test('the sample tells random bytes from others at any length', (t) => {
  for (const length of [256, 1000, 4096, 4097, 100_000, MiB]) {
    t.true(looksRandom(byteStreamOf('sample', length)), String(length));
    t.false(looksRandom(textOf('sample', length)), String(length));
  }
});

test('what would save no sixteenth is left alone', (t) => {
  // 7 of 8 bits are random: an eighth can be saved. 31 of 32 blocks are random: less than a sixteenth.
  const sevenBits = byteStreamOf('bits', 64 * KiB).map((byte) => byte & 0x7f);
  t.truthy(compress(sevenBits));
  const mostlyRandom = byteStreamOf('blocks', 64 * KiB);
  for (let at = 0; at < mostlyRandom.length; at += 4096) mostlyRandom.fill(0, at, at + 128);
  t.false(looksRandom(mostlyRandom), 'it is tried');
  t.is(compress(mostlyRandom), undefined);
});

test('a frame that grows beyond what the reference says is not unpacked', (t) => {
  const params = { [constants.ZSTD_c_windowLog]: 20 };
  const bomb = headOf(zstdCompressSync(Buffer.alloc(64 * MiB), { params }));
  const before = process.memoryUsage().arrayBuffers;
  t.is(decompress(bomb, MiB), undefined);
  t.true(process.memoryUsage().arrayBuffers - before < 8 * MiB, 'nor is memory taken for it');
  const head = headOf(zstdCompressSync(textOf('x', 1000)));
  t.is(decompress(head, 999), undefined);
  t.is(decompress(head, 1001), undefined);
  t.is(decompress(head, 0), undefined);
  t.deepEqual(decompress(head, 1000), textOf('x', 1000));
});

test('a frame that asks for a window beyond the largest chunk is refused', (t) => {
  // RFC 8878, by hand: magic, descriptor without a size, window descriptor, one last raw block.
  const plain = byteStreamOf('raw', 1000);
  const frame = (windowLog: number): Buffer => {
    const window = (windowLog - 10) << 3;
    return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, window, 0x41, 0x1f, 0]), plain]);
  };
  t.deepEqual(decompress(headOf(frame(20)), 1000), plain);
  t.is(decompress(headOf(frame(21)), 1000), undefined);
  t.is(decompress(headOf(frame(27)), 1000), undefined);
});

test('garbage and broken frames are refused', (t) => {
  const frame = zstdCompressSync(textOf('x', 1000));
  for (const bad of [
    Buffer.alloc(0),
    Buffer.from('garbage'),
    frame.subarray(1),
    frame.subarray(0, -1),
  ]) {
    t.is(decompress(headOf(bad), 1000), undefined);
  }
});

test('the length of the head must be the one that the padding fits', (t) => {
  const message = Buffer.alloc(padme(4 + 4093));
  message.writeUInt32BE(4093);
  t.is(compressedHeadLength(message), 4097);
  for (const length of [0, 1, 4093 - 256, message.length - 3, 0xffffffff]) {
    message.writeUInt32BE(length);
    t.is(compressedHeadLength(message), undefined, String(length));
  }
  for (const length of [0, 3, 4]) t.is(compressedHeadLength(Buffer.alloc(length)), undefined);
});
