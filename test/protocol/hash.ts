import test from 'ava';
import { blake3, blake3Of, keyedBlake3, loadWasm } from '../../protocol/hash.ts';

// The empty input's digest is in the BLAKE3 paper's official test vectors.
test('BLAKE3 of nothing is the published value', (t) => {
  t.is(
    blake3(new Uint8Array()).toString('hex'),
    'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
  );
});

test('both implementations agree, plain and keyed, in one part and in several', async (t) => {
  const wasm = await loadWasm();
  const key = Buffer.alloc(32, 7);
  const native = await keyedBlake3(key);
  const other = await wasm.keyed(key);
  for (const length of [0, 1, 63, 64, 65, 1023, 1024, 1025, 65_536, 262_145]) {
    const bytes = Buffer.alloc(length, length % 251);
    const cut = Math.floor(length / 3);
    t.deepEqual(wasm.hash(bytes), blake3(bytes.subarray(0, cut), bytes.subarray(cut)));
    t.deepEqual(wasm.hash(bytes), blake3(bytes));
    t.deepEqual(other(bytes), native(bytes.subarray(0, cut), bytes.subarray(cut)));
    t.deepEqual(other(bytes), native(bytes));
  }
});

test('a hash stays what it was when others are made, and two keys do not mix', async (t) => {
  const wasm = await loadWasm();
  const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const natives = await Promise.all(keys.map(keyedBlake3));
  const others = await Promise.all(keys.map((key) => wasm.keyed(key)));
  const inputs = [10, 40_000, 70].map((length) => Buffer.alloc(length, 5));
  const made = inputs.map((bytes) => [blake3(bytes), ...natives.map((hash) => hash(bytes))]);
  const wanted = inputs.map((bytes) => [wasm.hash(bytes), ...others.map((hash) => hash(bytes))]);
  t.deepEqual(made, wanted);
});

test('the same bytes under two domains have two hashes', (t) => {
  t.notDeepEqual(blake3Of('a', Buffer.from('bc')), blake3Of('ab', Buffer.from('c')));
});
