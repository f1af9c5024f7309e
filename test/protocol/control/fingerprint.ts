import test from 'ava';
import fc from 'fast-check';
import { fingerprintOf, hasFingerprint } from '../../../protocol/control/fingerprint.ts';

const field = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const stats = fc.record({ size: field, mtimeNs: field, ctimeNs: field, ino: field, dev: field });

test('a fingerprint is that of the same numbers, and of no others', (t) => {
  fc.assert(
    fc.property(stats, fc.constantFrom('size', 'mtimeNs', 'ctimeNs', 'ino', 'dev'), (one, name) => {
      const print = fingerprintOf(one);
      t.is(print.length, 40);
      t.true(hasFingerprint({ ...one }, print));
      t.false(hasFingerprint({ ...one, [name]: one[name as 'ino'] ^ 1n }, print));
      t.false(hasFingerprint(one, print.subarray(1)));
    }),
  );
});

test('a time before 1970 has one as well', (t) => {
  const old = { size: 1n, mtimeNs: -1n, ctimeNs: -5n, ino: 2n ** 64n - 1n, dev: 3n };
  t.true(hasFingerprint(old, fingerprintOf(old)));
});
