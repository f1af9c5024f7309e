import test from 'ava';
import fc from 'fast-check';
import { messageLengthOf, sealedLengthOf, segmentsFor } from '../../../agent/chunks/segments.ts';
import { chunk, KiB, MiB } from '../../../protocol/limits.ts';

test('a segment adds one tag, and no body ends with an empty segment', (t) => {
  t.is(sealedLengthOf(1), 17);
  t.is(sealedLengthOf(64 * KiB), 64 * KiB + 16);
  t.is(sealedLengthOf(64 * KiB + 1), 64 * KiB + 1 + 32);
  t.is(sealedLengthOf(MiB), MiB + 256);
});

test('the length of the message follows from the length of the body, or there is none', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: MiB }), (length) => {
      t.is(messageLengthOf(sealedLengthOf(length)), length);
    }),
  );
  for (const bad of [-1, 0, 1, 16, 64 * KiB + 17, 64 * KiB + 32, 17.5, Number.NaN]) {
    t.is(messageLengthOf(bad), undefined, String(bad));
  }
  t.is(messageLengthOf(chunk.sealedBytesMax + 1), undefined);
});

test('a range lies inside the segments that are named for it, and no more are named', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: MiB }), fc.nat(), fc.nat(), (message, a, b) => {
      const offset = a % message;
      const length = 1 + (b % (message - offset));
      const sealedLength = sealedLengthOf(message);
      const range = segmentsFor(sealedLength, { offset, length });
      const tags = range.segments * chunk.segmentTagBytes;
      t.true(range.skip < chunk.segmentPlainBytes);
      t.is(range.firstSegment * chunk.segmentPlainBytes + range.skip, offset);
      t.true(range.sealedOffset + range.sealedLength <= sealedLength);
      t.true(range.sealedLength - tags >= range.skip + length);
      t.true((range.segments - 1) * chunk.segmentPlainBytes < range.skip + length);
    }),
  );
});

test('4 KiB in the middle of a chunk need one segment', (t) => {
  const range = segmentsFor(sealedLengthOf(MiB), { offset: 200 * KiB, length: 4 * KiB });
  const sealedOffset = 3 * (64 * KiB + 16);
  const sealedLength = 64 * KiB + 16;
  t.deepEqual(range, { firstSegment: 3, segments: 1, sealedOffset, sealedLength, skip: 8 * KiB });
});
