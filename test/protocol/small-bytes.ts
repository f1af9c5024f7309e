import test from 'ava';
import { zeroedBytes } from '../../protocol/small-bytes.ts';

test('whatever was in the pool before, the bytes are zero', (t) => {
  for (let round = 0; round < 200; round += 1) {
    Buffer.allocUnsafe(100).fill(0xff);
    for (const length of [0, 1, 12, 160, 1024, 1025, 70_000]) {
      const bytes = zeroedBytes(length);
      t.is(bytes.length, length);
      t.true(bytes.every((byte) => byte === 0));
      bytes.fill(0xff);
    }
  }
});

test('two of them share no byte', (t) => {
  const [one, other] = [zeroedBytes(12), zeroedBytes(12)];
  one.fill(1);
  t.deepEqual([...other], new Array<number>(12).fill(0));
});
