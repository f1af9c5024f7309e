import test from 'ava';
import fc from 'fast-check';
import { gearTable } from '../../../agent/chunks/gear.ts';
import { cutOffsets } from '../../../agent/chunks/split.ts';
import { chunk, KiB, MiB } from '../../../protocol/limits.ts';
import { byteStreamOf } from '../../helpers/byte-stream-of.ts';
import { testKeys } from '../../helpers/chunk-keys.ts';
import { referenceCuts } from '../../helpers/chunk-reference.ts';

const gear = gearTable(testKeys.gearKey);
const whole = (bytes: Uint8Array): number[] =>
  cutOffsets(gear, bytes, { start: 0, end: bytes.length, final: true });
/** Has cuts by both masks. */
const random = byteStreamOf('long file 5', 6 * MiB);

function lengthsOf(cuts: readonly number[]): number[] {
  return cuts.map((cut, index) => cut - (cuts[index - 1] ?? 0));
}

test('cuts are those of the slow reference, for random, flat and repeating bytes', (t) => {
  const repeating = Buffer.alloc(3 * MiB, byteStreamOf('a page', 5000));
  for (const file of [random, Buffer.alloc(3 * MiB + 5), repeating]) {
    t.deepEqual(whole(file), referenceCuts(testKeys.gearKey, file));
  }
});

test('of several boundaries close together the first one counts', (t) => {
  // Flat bytes have no boundary; the 32 bytes before a cut of the long file carry one anywhere.
  const flat = Buffer.alloc(96 * KiB);
  const cuts = whole(random);
  const strict = cuts.find((cut, i) => cut - (cuts[i - 1] ?? 0) < 256 * KiB)!;
  const boundary = random.subarray(strict - 32, strict);
  const place = fc.integer({ min: 64 * KiB, max: 64 * KiB + 20_000 });
  fc.assert(
    fc.property(place, fc.integer({ min: 32, max: 5000 }), (at, gap) => {
      const file = Buffer.from(flat);
      boundary.copy(file, at - 32);
      boundary.copy(file, at + gap - 32);
      t.is(whole(file)[0], at);
    }),
    { numRuns: 200 },
  );
});

test('cuts do not depend on where in memory the bytes lie, nor on where they end', (t) => {
  const room = Buffer.alloc(600 * KiB + 64);
  const from = fc.nat(5 * MiB);
  const length = fc.integer({ min: 300 * KiB, max: 600 * KiB });
  fc.assert(
    fc.property(fc.nat(63), from, length, (offset, start, bytes) => {
      const expected = referenceCuts(testKeys.gearKey, random.subarray(start, start + bytes));
      // What lies around is not looked at.
      random.copy(room, offset, start, start + bytes);
      const view = room.subarray(offset, offset + bytes);
      t.deepEqual(whole(view), expected);
      const stretch = { start: offset, end: offset + bytes, final: true };
      t.deepEqual(
        cutOffsets(gear, room, stretch).map((cut) => cut - offset),
        expected,
      );
    }),
    { numRuns: 24 },
  );
});

test('a boundary counts wherever in its word, its lane and its span it lies', (t) => {
  const cuts = whole(random);
  const strict = cuts.find((cut, i) => cut - (cuts[i - 1] ?? 0) < 256 * KiB)!;
  const boundary = random.subarray(strict - 32, strict);
  const room = Buffer.alloc(300 * KiB + 8);
  const spanEnds = [64, 72, 128, 256, 264, 300].flatMap((kib) =>
    [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5].map((more) => kib * KiB + more),
  );
  const place = fc.oneof(
    fc.constantFrom(...spanEnds),
    fc.integer({ min: 64 * KiB, max: 300 * KiB }),
  );
  fc.assert(
    fc.property(fc.nat(8), place, (offset, at) => {
      const end = Math.min(at, 300 * KiB);
      const view = room.fill(0).subarray(offset, offset + 300 * KiB);
      boundary.copy(view, end - 32);
      const first = end >= 64 * KiB ? end : 300 * KiB;
      t.is(whole(view)[0], first);
    }),
    { numRuns: 300 },
  );
});

test('a file without boundaries is cut at the greatest length', (t) => {
  t.deepEqual(whole(Buffer.alloc(2 * MiB + 1)), [MiB, 2 * MiB, 2 * MiB + 1]);
});

test('chunks keep their bounds and come near their average', (t) => {
  const lengths = lengthsOf(whole(random));
  t.is(
    lengths.reduce((a, b) => a + b),
    random.length,
  );
  for (const length of lengths.slice(0, -1)) {
    t.true(length >= chunk.plainBytesMin && length <= chunk.plainBytesMax);
  }
  const before = lengths.slice(0, -1).filter((length) => length < chunk.plainBytesAverage);
  t.true(before.length >= 3 && before.length < lengths.length - 3, 'both masks were met');
  const average = random.length / lengths.length;
  t.true(average > 180 * KiB && average < 400 * KiB, String(average));
});

test('short files are one chunk, and nothing is none', (t) => {
  t.deepEqual(whole(Buffer.alloc(0)), []);
  for (const length of [1, 31, 32, 33, 64 * KiB - 1, 64 * KiB]) {
    t.deepEqual(whole(random.subarray(0, length)), [length]);
  }
});

test('a stretch that goes on gives only cuts that more bytes cannot change', (t) => {
  const cuts = whole(random);
  const first = cuts[0]!;
  const upTo = (end: number): number[] => cutOffsets(gear, random, { start: 0, end, final: false });
  t.deepEqual(upTo(0), []);
  t.deepEqual(upTo(first - 1), []);
  t.deepEqual(upTo(first), [first]);
  t.deepEqual(upTo(first + 1), [first]);
  const flat = Buffer.alloc(MiB + 1);
  t.deepEqual(cutOffsets(gear, flat, { start: 0, end: MiB - 1, final: false }), []);
  t.deepEqual(cutOffsets(gear, flat, { start: 0, end: MiB, final: false }), [MiB]);
});

test('cuts do not depend on the pieces in which a file arrives', (t) => {
  const expected = whole(random);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 2 * MiB }), { minLength: 1, maxLength: 12 }),
      fc.nat(5000),
      (pieces, prefix) => {
        // As the vault does it: a slab holds what was left over and the next piece, somewhere.
        const slab = Buffer.alloc(prefix + random.length, 0x5a);
        random.copy(slab, prefix);
        const cuts: number[] = [];
        let start = 0;
        let end = 0;
        for (const piece of [...pieces, random.length]) {
          end = Math.min(random.length, end + piece);
          const stretch = {
            start: prefix + start,
            end: prefix + end,
            final: end === random.length,
          };
          cuts.push(...cutOffsets(gear, slab, stretch).map((cut) => cut - prefix));
          start = cuts.at(-1) ?? 0;
          if (end === random.length) break;
        }
        t.deepEqual(cuts, expected);
      },
    ),
    { numRuns: 12 },
  );
});

test('after an insertion the cuts are soon the same again', (t) => {
  const before = new Set(whole(random).map((cut) => random.length - cut));
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 * MiB }),
      fc.integer({ min: 1, max: 999 }),
      (at, more) => {
        const inserted = byteStreamOf(String(more), more);
        const after = Buffer.concat([random.subarray(0, at), inserted, random.subarray(at)]);
        const cuts = whole(after);
        const moved = cuts.filter((cut) => !before.has(after.length - cut) && cut > at);
        t.true(moved.length <= 8, `${String(moved.length)} cuts moved`);
      },
    ),
    { numRuns: 8 },
  );
});

test('another key makes another table and other cuts', (t) => {
  const other = gearTable(byteStreamOf('another gear key', 32));
  const cuts = cutOffsets(other, random, { start: 0, end: random.length, final: true });
  const shared = cuts.filter((cut) => whole(random).includes(cut));
  t.deepEqual(shared, [random.length]);
});

test('a stretch outside its buffer is refused', (t) => {
  const bytes = Buffer.alloc(10);
  t.throws(() => cutOffsets(gear, bytes, { start: 0, end: 11, final: true }));
  t.throws(() => cutOffsets(gear, bytes, { start: 5, end: 4, final: true }));
  t.throws(() => cutOffsets(gear, bytes, { start: -1, end: 4, final: true }));
});
