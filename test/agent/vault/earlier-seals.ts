import test from 'ava';
import { createMemoryIndex } from '../../../agent/store/memory-index.ts';
import { EarlierSeals } from '../../../agent/vault/earlier-seals.ts';
import { parseId, type EpochId } from '../../../protocol/ids.ts';
import type { ChunkRef } from '../../../protocol/messages/op.ts';

const dedupKey = Buffer.alloc(32, 7);
const epoch = parseId('epoch', 'ee'.repeat(32));

function refOf(digit: string): ChunkRef {
  return {
    cid: parseId('chunk', `c${digit}`.repeat(32)),
    pid: parseId('plain', `d${digit}`.repeat(32)),
    ...{ epoch, format: 3, plainLength: 100_000, sealedLength: 100_016 },
  };
}

function memory(canRead: (epoch: EpochId) => boolean = () => true) {
  const index = createMemoryIndex();
  return { index, under: (key: Buffer) => new EarlierSeals(index, canRead).under(key) };
}

test('what was sealed is found by its plain bytes, also by the next agent', async (t) => {
  const { under } = memory();
  await under(dedupKey).remember([refOf('1'), refOf('2')]);
  t.deepEqual(under(dedupKey).find(refOf('1').pid), refOf('1'));
  t.deepEqual(under(dedupKey).find(refOf('2').pid), refOf('2'));
  t.is(under(dedupKey).find(refOf('3').pid), undefined);
});

test('what this device cannot read any more, or another vault remembered, is not found', async (t) => {
  const { under } = memory(() => false);
  await under(dedupKey).remember([refOf('1')]);
  t.is(under(dedupKey).find(refOf('1').pid), undefined);
  const other = memory();
  await other.under(dedupKey).remember([refOf('1')]);
  t.is(other.under(Buffer.alloc(32, 8)).find(refOf('1').pid), undefined);
});

test('no bit of what the index gives back can be another', async (t) => {
  const { index, under } = memory();
  await under(dedupKey).remember([refOf('1')]);
  for await (const [key, value] of index.range(Buffer.alloc(0), Buffer.alloc(64, 255))) {
    t.false(value.includes(Buffer.from(refOf('1').pid, 'hex')), 'the private id is not in it');
    for (let bit = 0; bit < value.length * 8; bit += 1) {
      const bad = Buffer.from(value);
      bad.writeUInt8(bad.readUInt8(bit >>> 3) ^ (1 << (bit & 7)), bit >>> 3);
      await index.write([{ key, value: bad }]);
      t.is(under(dedupKey).find(refOf('1').pid), undefined, String(bit));
    }
    await index.write([{ key, value: value.subarray(1) }]);
    t.is(under(dedupKey).find(refOf('1').pid), undefined);
  }
});

test('an index that takes nothing fails nobody', async (t) => {
  const index = { ...createMemoryIndex(), write: () => Promise.reject(new Error('full')) };
  await t.notThrowsAsync(
    new EarlierSeals(index, () => true).under(dedupKey).remember([refOf('1')]),
  );
});
