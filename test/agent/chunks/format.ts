import test from 'ava';
import {
  currentFormat,
  formatFromNumber,
  formatToNumber,
  headerBytes,
  knownFormat,
} from '../../../agent/chunks/format.ts';
import { isVaultError } from '../../../protocol/errors.ts';

test('a format is four bytes and comes back', (t) => {
  t.is(formatToNumber(currentFormat), 0x01011000);
  t.is(formatToNumber({ ...currentFormat, compression: 'zstd' }), 0x01011001);
  for (const compression of ['none', 'zstd'] as const) {
    const format = { ...currentFormat, compression };
    t.deepEqual(formatFromNumber(formatToNumber(format)), format);
  }
});

test('a format of another version, algorithm, segment size or compression is not opened', (t) => {
  const unknown = [
    0,
    0x00011000,
    0x02011000,
    0x01021000,
    0x01011100,
    0x01010f00,
    0x01011002,
    0x010110ff,
    -1,
    2 ** 33,
    Number.NaN,
  ];
  for (const number of unknown) {
    t.is(knownFormat(number), undefined, String(number));
    const error = t.throws(() => formatFromNumber(number));
    t.true(isVaultError(error, 'not-supported'));
  }
});

test('the header has the kind in it', (t) => {
  t.deepEqual(headerBytes(currentFormat, 'content'), Buffer.from([1, 1, 1, 16, 0]));
  t.deepEqual(headerBytes(currentFormat, 'manifest'), Buffer.from([1, 2, 1, 16, 0]));
  t.deepEqual(
    headerBytes({ ...currentFormat, compression: 'zstd' }, 'small'),
    Buffer.from([1, 3, 1, 16, 1]),
  );
});
