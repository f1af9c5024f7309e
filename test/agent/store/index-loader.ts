import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { decodeFooterBody } from '../../../agent/store/footer.ts';
import { chunkKey, decodeChunkPlace } from '../../../agent/store/keyspace.ts';
import type { IndexChange } from '../../../agent/ports.ts';
import { rebuildIndex, syntheticFooters } from '../../helpers/index-rebuild.ts';

async function loaded(records: number): Promise<readonly IndexChange[][]> {
  const writes: IndexChange[][] = [];
  const write = (changes: readonly IndexChange[]): Promise<void> => {
    writes.push(changes.map(({ key, value }) => ({ key: Buffer.from(key), value: copyOf(value) })));
    return Promise.resolve();
  };
  const count = await rebuildIndex({ write }, syntheticFooters(records));
  if (count !== records) throw new Error(`${String(count)} of ${String(records)}`);
  return writes;
}

function copyOf(value: Uint8Array | undefined): Buffer {
  if (value === undefined) throw new Error('a loader removes nothing');
  return Buffer.from(value);
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

test('what an index has not taken yet stays as it was', async (t) => {
  const given: { changes: readonly IndexChange[]; copy: Buffer[]; done: () => void }[] = [];
  const write = (changes: readonly IndexChange[]): Promise<void> =>
    new Promise((resolve) => {
      const copy = changes.map(({ key, value }) => Buffer.concat([key, copyOf(value)]));
      given.push({ changes, copy, done: resolve });
    });
  const rebuilding = rebuildIndex({ write }, syntheticFooters(3 * 2 ** 12));
  for (let seen = 0; seen < 3;) {
    await setImmediate();
    if (given.length === seen) continue;
    // Two are under way at most; the older one is looked at after the newer one was made.
    const oldest = given[Math.max(0, given.length - 2)]!;
    t.deepEqual(
      oldest.changes.map(({ key, value }) => Buffer.concat([key, copyOf(value)])),
      oldest.copy,
    );
    if (given.length > 1) oldest.done();
    seen = given.length;
  }
  for (const { done } of given) done();
  t.is(await rebuilding, 3 * 2 ** 12);
  t.is(given.length, 3);
});

test('an index that refuses a load is told to the caller', async (t) => {
  const write = () => Promise.reject(new Error('refused'));
  await t.throwsAsync(rebuildIndex({ write }, syntheticFooters(10)), { message: 'refused' });
});
