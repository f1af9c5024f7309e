import test from 'ava';
import fc from 'fast-check';
import { gearTable } from '../../../agent/chunks/gear.ts';
import { cutOffsets } from '../../../agent/chunks/split.ts';
import { holdsChunk, isSmall } from '../../../agent/vault/slab.ts';
import { chunk } from '../../../protocol/limits.ts';
import { byteStreamOf } from '../../helpers/byte-stream-of.ts';
import { testKeys } from '../../helpers/chunk-keys.ts';

test('a part that has no room for a chunk has no cut before the file ends', (t) => {
  const bytes = byteStreamOf('slab', 2 * chunk.plainBytesMin);
  const gear = gearTable(testKeys.gearKey);
  fc.assert(
    fc.property(
      fc.nat(chunk.plainBytesMin),
      fc.nat({ max: chunk.plainBytesMin + 64 }),
      (start, length) => {
        const part = { start, end: Math.min(start + length, bytes.length), final: false };
        if (!holdsChunk(part)) t.deepEqual(cutOffsets(gear, bytes, part), []);
      },
    ),
    { numRuns: 50 },
  );
  t.true(holdsChunk({ start: 5, end: 5 + chunk.plainBytesMin, final: false }));
  t.false(holdsChunk({ start: 5, end: 4 + chunk.plainBytesMin, final: false }));
});

test('a part is small when it is a small record, or nothing', (t) => {
  t.true(isSmall({ start: 7, end: 7, final: true }));
  t.true(isSmall({ start: 7, end: 9, final: true, smallSalt: Buffer.alloc(32) }));
  t.false(isSmall({ start: 7, end: 9, final: true }));
});
