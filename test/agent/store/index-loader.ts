import test from 'ava';
import { decodeFooterBody } from '../../../agent/store/footer.ts';
import { chunkKey, decodeChunkPlace } from '../../../agent/store/keyspace.ts';
import type { IndexChange } from '../../../agent/ports.ts';
import { rebuildIndex, syntheticFooters } from '../../helpers/index-rebuild.ts';

async function loaded(records: number): Promise<readonly IndexChange[][]> {
  const writes: IndexChange[][] = [];
  const write = (changes: readonly IndexChange[]): Promise<void> => {
    writes.push([...changes]);
    return Promise.resolve();
  };
  const count = await rebuildIndex({ write }, syntheticFooters(records));
  if (count !== records) throw new Error(`${String(count)} of ${String(records)}`);
  return writes;
}

test('nothing to load writes nothing', async (t) => {
  t.deepEqual(await loaded(0), []);
});

test('every place is under its key, and keys come sorted', async (t) => {
  const [changes = []] = await loaded(2500);
  t.is(changes.length, 2500);
  const places = new Map(
    changes.map(({ key, value }) => [Buffer.from(key).toString('hex'), value]),
  );
  for (const [segment, body] of syntheticFooters(2500).entries()) {
    for (const { id, offset, length } of decodeFooterBody(body) ?? []) {
      const key = chunkKey(id);
      const value = Buffer.from(places.get(key.toString('hex'))!);
      t.deepEqual(decodeChunkPlace(key, value), { segment, offset, length });
    }
  }
  const starts = changes.map(({ key }) => Buffer.from(key).readUInt32BE(1));
  t.deepEqual(
    starts,
    starts.toSorted((one, other) => one - other),
  );
});

test('loads are written in pieces, and nothing is lost between them', async (t) => {
  const records = 2 ** 18 + 1;
  const writes = await loaded(records);
  t.deepEqual(
    writes.map(({ length }) => length),
    [...Array.from({ length: 2 ** 6 }, () => 2 ** 12), 1],
  );
  t.is(new Set(writes.flat().map(({ key }) => Buffer.from(key).toString('latin1'))).size, records);
});

test('an index that refuses a load is told to the caller', async (t) => {
  const write = () => Promise.reject(new Error('refused'));
  await t.throwsAsync(rebuildIndex({ write }, syntheticFooters(10)), { message: 'refused' });
});
