import test from 'ava';
import fc from 'fast-check';
import { endsInZeros, padme, zeros } from '../../../agent/chunks/pad.ts';
import { chunk, KiB, MiB } from '../../../protocol/limits.ts';
import { referencePadme } from '../../helpers/chunk-reference.ts';

test('padded lengths are those of the published algorithm', (t) => {
  // Counted by hand from the paper: L=9 keeps 9; 4097 has 4 significant bits below the first.
  for (const [length, padded] of [
    [1, 1],
    [2, 2],
    [9, 10],
    [16, 16],
    [17, 18],
    [4097, 4352],
    [MiB, MiB],
    [MiB - 1, MiB],
  ] as const) {
    t.is(padme(length), padded);
  }
  for (let length = 1; length <= 5000; length += 1) t.is(padme(length), referencePadme(length));
});

test('padding never shortens, wastes 12 percent at most, and settles at once', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 * MiB }), (length) => {
      const padded = padme(length);
      t.true(padded >= length && padded <= length * 1.12);
      t.is(padme(padded), padded);
      t.is(padded, referencePadme(length));
    }),
    { numRuns: 500 },
  );
});

test('a chunk of any length has one of few lengths, at most 3.2 percent longer', (t) => {
  const seen = new Set<number>();
  for (let length: number = chunk.plainBytesMin; length <= chunk.plainBytesMax; length += 97) {
    const padded = padme(length);
    seen.add(padded);
    t.true(padded - length <= Math.min(zeros.length, length * 0.032));
  }
  t.true(seen.size <= 130);
});

test('lengths that no chunk has are refused', (t) => {
  for (const length of [0, -1, 0.5, Number.NaN, 2 ** 30 + 1]) t.throws(() => padme(length));
});

test('a tail of zeros is told from one that is not', (t) => {
  const bytes = Buffer.alloc(64 * KiB);
  bytes[39_999] = 1;
  t.true(endsInZeros(bytes, 40_000));
  t.false(endsInZeros(bytes, 39_999));
  t.true(endsInZeros(bytes, bytes.length));
  bytes[bytes.length - 1] = 1;
  t.false(endsInZeros(bytes, 40_000));
  t.false(endsInZeros(Buffer.alloc(zeros.length + 1), 0), 'longer than any padding');
});
