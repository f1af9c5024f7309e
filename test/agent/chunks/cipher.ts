import { createSecretKey } from 'node:crypto';
import test from 'ava';
import { openSegments, sealSegments } from '../../../agent/chunks/cipher.ts';
import { sealedLengthOf } from '../../../agent/chunks/segments.ts';
import { KiB } from '../../../protocol/limits.ts';
import { byteStreamOf } from '../../helpers/byte-stream-of.ts';
import { decryptStream } from '../../helpers/chunk-reference.ts';

const rawKey = byteStreamOf('cipher key', 32);
const header = Buffer.from([1, 1, 1, 16, 0]);
const cipherKey = { key: createSecretKey(rawKey), header };
const step = 64 * KiB + 16;

function seal(head: Uint8Array, paddingBytes = 0): Buffer {
  const body = Buffer.alloc(sealedLengthOf(head.length + paddingBytes));
  sealSegments(cipherKey, { head, paddingBytes }, body);
  return body;
}

function open(sealed: Uint8Array, length: number): 'wrong-tag' | 'wrong-length' | Buffer {
  const target = Buffer.alloc(length);
  const whole = { sealed, firstSegment: 0, reachesEnd: true };
  return openSegments(cipherKey, whole, target) ?? target;
}

test('a message opens to itself, around every border of segments and padding', (t) => {
  const borders = [1, 2, 64 * KiB - 1, 64 * KiB, 64 * KiB + 1, 128 * KiB, 200_000];
  for (const length of borders) {
    for (const padding of [0, 1, 500, 30_000]) {
      const head = byteStreamOf('message', length);
      const body = seal(head, padding);
      t.true(head.equals(open(body, length) as Buffer));
      const padded = Buffer.concat([head, Buffer.alloc(padding)]);
      t.true(padded.equals(open(body, padded.length) as Buffer));
      t.true(padded.equals(decryptStream(rawKey, header, body)));
    }
  }
});

test('segments that are cut off, moved, doubled or left out do not open', (t) => {
  const length = 3 * 64 * KiB;
  const body = seal(byteStreamOf('message', length));
  const [a, b, c] = [0, 1, 2].map((i) => body.subarray(i * step, (i + 1) * step)) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  const forged = {
    cut: [a, b],
    moved: [b, a, c],
    doubled: [a, b, b, c],
    without: [a, c],
    twice: [a, b, c, c],
  };
  for (const [name, parts] of Object.entries(forged)) {
    t.is(open(Buffer.concat(parts), length), 'wrong-tag', name);
  }
});

test('no flipped bit goes unseen', (t) => {
  const body = seal(byteStreamOf('message', 65_600));
  for (const at of [0, 1, 40_000, 65_535, 65_536, 65_551, 65_552, body.length - 1]) {
    for (const bit of [1, 128]) {
      const forged = Buffer.from(body);
      forged[at] = forged[at]! ^ bit;
      t.is(open(forged, 65_600), 'wrong-tag', String(at));
    }
  }
});

test('another key and another header do not open', (t) => {
  const sealed = seal(Buffer.from('hello'));
  const target = Buffer.alloc(5);
  const whole = { sealed, firstSegment: 0, reachesEnd: true };
  const otherKey = { ...cipherKey, key: createSecretKey(byteStreamOf('other', 32)) };
  t.is(openSegments(otherKey, whole, target), 'wrong-tag');
  for (let i = 0; i < header.length; i += 1) {
    const changed = Buffer.from(header);
    changed[i] = changed[i]! + 1;
    t.is(openSegments({ ...cipherKey, header: changed }, whole, target), 'wrong-tag');
  }
});

test('bodies too short for a tag and a byte are refused', (t) => {
  const body = seal(Buffer.from('x'));
  t.is(open(body.subarray(0, 16), 0), 'wrong-tag');
  t.is(open(body.subarray(0, 1), 1), 'wrong-tag');
  t.is(open(Buffer.alloc(0), 1), 'wrong-length');
  t.is(
    open(Buffer.concat([seal(byteStreamOf('m', 64 * KiB)), Buffer.alloc(16)]), 64 * KiB),
    'wrong-tag',
  );
});

test('what follows the plain bytes must be zeros, and there must be enough of them all', (t) => {
  const body = seal(Buffer.from('hello\u0001'), 10);
  t.is(open(body, 5), 'wrong-length');
  t.deepEqual(open(body, 6), Buffer.from('hello\u0001'));
  t.is(open(body, 17), 'wrong-length');
});
