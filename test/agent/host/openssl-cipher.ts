import { createSecretKey } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { nodeCipher } from '../../../agent/chunks/segment-cipher.ts';
import { loadOpensslCipher } from '../../../agent/host/openssl-cipher.ts';
import { KiB } from '../../../protocol/limits.ts';
import { byteStreamOf } from '../../helpers/byte-stream-of.ts';

const header = Buffer.from([1, 1, 1, 16, 0]);
const keys = ['one', 'other'].map((name) => createSecretKey(byteStreamOf(name, 32)));
const cipher = (await loadOpensslCipher())!;

function shared(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

test('it writes what the cipher of Node writes, and opens it', (t) => {
  const lengths = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(64 * KiB));
  const borders = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 2 });
  const one = fc.record({ length: lengths, borders, key: fc.nat(1), nonce: fc.nat(255) });
  fc.assert(
    fc.property(one, ({ length, borders: at, key: number, nonce: filled }) => {
      const key = keys[number]!;
      const plain = byteStreamOf(`plain ${String(length)}`, length);
      const nonce = Buffer.alloc(12, filled);
      const cuts = [0, ...at.map((share) => Math.floor(share * length)).sort((a, b) => a - b)];
      const parts = cuts.map((from, index) => shared(plain.subarray(from, cuts[index + 1])));
      const [expected, sealed] = [Buffer.alloc(length + 16), shared(Buffer.alloc(length + 16))];
      nodeCipher.seal({ key, header }, nonce, parts, expected);
      cipher.seal({ key, header }, nonce, parts, sealed);
      t.true(sealed.equals(expected));
      const opened = shared(Buffer.alloc(length));
      t.true(cipher.open({ key, header }, nonce, sealed, opened));
      t.true(opened.equals(plain));
    }),
    { numRuns: 200 },
  );
});

test('what was changed does not open, and the next one does', (t) => {
  const key = keys[0]!;
  const nonce = Buffer.alloc(12, 7);
  const [plain, opened] = [byteStreamOf('plain', 100), Buffer.alloc(100)];
  const sealed = Buffer.alloc(116);
  cipher.seal({ key, header }, nonce, [plain], sealed);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = changed[at]! ^ 1;
    t.false(cipher.open({ key, header }, nonce, changed, opened));
  }
  t.false(cipher.open({ key: keys[1]!, header }, nonce, sealed, opened));
  t.false(cipher.open({ key, header: Buffer.from([2]) }, nonce, sealed, opened));
  t.false(cipher.open({ key, header }, Buffer.alloc(12, 8), sealed, opened));
  t.true(cipher.open({ key, header }, nonce, sealed, opened));
  t.true(opened.equals(plain));
});

test('nothing is written beyond a target, and lengths that do not fit are refused', (t) => {
  const key = keys[0]!;
  const nonce = Buffer.alloc(12, 7);
  const plain = byteStreamOf('plain', 100);
  const memory = Buffer.alloc(400, 9);
  cipher.seal({ key, header }, nonce, [plain], memory.subarray(100, 216));
  t.true(cipher.open({ key, header }, nonce, memory.subarray(100, 216), memory.subarray(250, 350)));
  const untouched = [memory.subarray(0, 100), memory.subarray(216, 250), memory.subarray(350)];
  for (const part of untouched) t.true(part.every((byte) => byte === 9));
  for (const length of [0, 99, 115, 117]) {
    t.throws(() => {
      cipher.seal({ key, header }, nonce, [plain], Buffer.alloc(length));
    });
  }
  for (const [sealedBytes, bytes] of [
    [116, 99],
    [116, 101],
    [16, 0],
    [0, 0],
  ] as const) {
    t.throws(() =>
      cipher.open({ key, header }, nonce, Buffer.alloc(sealedBytes), Buffer.alloc(bytes)),
    );
  }
  const short = Buffer.alloc(8);
  t.throws(() => cipher.open({ key, header }, short, memory.subarray(0, 116), Buffer.alloc(100)));
});
