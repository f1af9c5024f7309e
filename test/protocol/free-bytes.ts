import test from 'ava';
import { freeBytes } from '../../protocol/free-bytes.ts';

test('large bytes that fill their memory are freed, a header in front of them included', (t) => {
  for (const beside of [0, 12, 64]) {
    const memory = new ArrayBuffer(65_000 + beside);
    freeBytes(new Uint8Array(memory, beside));
    t.true(memory.detached);
  }
});

test('small bytes, parts of something larger and shared memory stay', (t) => {
  const small = Buffer.from('small enough to stand among strangers');
  freeBytes(small);
  t.is(small.toString(), 'small enough to stand among strangers');
  const large = new ArrayBuffer(65_000);
  freeBytes(new Uint8Array(large, 65));
  freeBytes(new Uint8Array(large, 0, 64_000));
  t.false(large.detached);
  const shared = new SharedArrayBuffer(65_000);
  freeBytes(new Uint8Array(shared));
  t.is(shared.byteLength, 65_000);
});
