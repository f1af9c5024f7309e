/** What every ChunkStore does; run by the memory store and the disk store. */
import type { TestFn } from 'ava';
import fc from 'fast-check';
import { isVaultError } from '../../protocol/errors.ts';
import { blake3 } from '../../protocol/hash.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import { chunk as chunkLimits } from '../../protocol/limits.ts';
import type { SealedChunk, Store, WrittenChunks } from '../../agent/store/store.ts';

export type OpenStore = () => Promise<Store>;

/** A sealed chunk as the store sees one: bytes under their hash. */
export function chunkOf(seed: string | number, bytes = 1000): SealedChunk {
  const body = Buffer.alloc(bytes, blake3(Buffer.from(String(seed))));
  return { id: blake3(body).toString('hex') as ChunkId, body };
}

/** What a write answers of which these were new. */
function written(...fresh: readonly SealedChunk[]): WrittenChunks {
  return {
    chunks: fresh.length,
    bytes: fresh.reduce((sum, { body }) => sum + body.length, 0),
    fresh: new Set(fresh.map(({ id }) => id)),
  };
}

export function chunkStoreSuite(test: TestFn, title: string, open: OpenStore): void {
  test(`${title}: a chunk is here after it was written, and reads back as it was`, async (t) => {
    const { chunks } = await open();
    const one = chunkOf('one');
    t.false(chunks.has(one.id));
    t.deepEqual(await chunks.write([one]), written(one));
    t.true(chunks.has(one.id));
    t.is(chunks.lengthOf(one.id), 1000);
    t.deepEqual(await chunks.read(one.id), one.body);
    await chunks.commit();
    t.deepEqual(await chunks.read(one.id), one.body);
    t.deepEqual(await chunks.read(one.id, { verify: false }), one.body);
  });

  test(`${title}: what is here already costs nothing, also twice in one call`, async (t) => {
    const { chunks } = await open();
    const [one, two] = [chunkOf(1), chunkOf(2)];
    t.deepEqual(await chunks.write([one, two, one]), written(one, two));
    t.deepEqual(await chunks.write([two, one]), written());
    await chunks.commit();
    t.deepEqual(await chunks.write([two]), written());
    t.deepEqual(await chunks.write([]), written());
  });

  test(`${title}: writers of the same chunk at once store it once`, async (t) => {
    const { chunks } = await open();
    const one = chunkOf('same');
    const counts = await Promise.all([1, 2, 3, 4].map(() => chunks.write([one])));
    await chunks.commit();
    t.is(
      counts.reduce((sum, count) => sum + count.chunks, 0),
      1,
    );
    t.deepEqual(await chunks.read(one.id), one.body);
  });

  test(`${title}: bodies may be reused once the write has resolved`, async (t) => {
    const { chunks } = await open();
    const one = chunkOf('reused');
    const body = Buffer.from(one.body);
    await chunks.write([{ id: one.id, body }]);
    body.fill(0);
    await chunks.commit();
    t.deepEqual(await chunks.read(one.id), one.body);
  });

  test(`${title}: a missing chunk is chunk-missing, whoever asks`, async (t) => {
    const { chunks } = await open();
    const { id } = chunkOf('missing');
    t.is(chunks.lengthOf(id), undefined);
    for (const ask of [
      () => chunks.read(id),
      () => chunks.read(id, { verify: false }),
      () => chunks.readPart(id, 0, 1),
    ]) {
      t.true(isVaultError(await t.throwsAsync(ask), 'chunk-missing'));
    }
    await t.notThrowsAsync(chunks.quarantine(id, 'nothing there'));
  });

  test(`${title}: parts are the bytes asked for, and nothing beyond the chunk`, async (t) => {
    const { chunks } = await open();
    const body = Buffer.from(Array.from({ length: 300 }, (_, at) => at & 0xff));
    const id = blake3(body).toString('hex') as ChunkId;
    await chunks.write([{ id, body }]);
    t.deepEqual(await chunks.readPart(id, 0, 300), body);
    t.deepEqual(await chunks.readPart(id, 17, 100), body.subarray(17, 117));
    t.deepEqual(await chunks.readPart(id, 299, 1), body.subarray(299));
    t.deepEqual(await chunks.readPart(id, 300, 0), Buffer.alloc(0));
    for (const [offset, length] of [
      [0, 301],
      [300, 1],
      [-1, 1],
      [0, -1],
      [0.5, 1],
      [2 ** 53, 1],
    ] as const) {
      const error = await t.throwsAsync(chunks.readPart(id, offset, length));
      t.true(isVaultError(error, 'malformed'));
    }
  });

  test(`${title}: chunks of every length up to the bound come back`, async (t) => {
    const { chunks } = await open();
    const lengths = [0, 1, 16, chunkLimits.sealedBytesMax - 1, chunkLimits.sealedBytesMax];
    const all = lengths.map((bytes) => chunkOf(`length ${String(bytes)}`, bytes));
    await chunks.write(all);
    await chunks.commit();
    for (const { id, body } of all) t.true((await chunks.read(id)).equals(body));
  });

  test(`${title}: a chunk beyond the bound is refused, and its neighbours with it`, async (t) => {
    const { chunks } = await open();
    const big = chunkOf('big', chunkLimits.sealedBytesMax + 1);
    const error = await t.throwsAsync(chunks.write([chunkOf('fine'), big]));
    t.true(isVaultError(error, 'too-large'));
    t.false(chunks.has(big.id));
    t.false(chunks.has(chunkOf('fine').id));
  });

  test(`${title}: a quarantined chunk is missing until it is written again`, async (t) => {
    const store = await open();
    const { chunks } = store;
    const one = chunkOf('bad one');
    await chunks.write([one, chunkOf('good one')]);
    await chunks.commit();
    t.false(chunks.wasDamaged(one.id));
    await chunks.quarantine(one.id, 'a test says so');
    t.true(chunks.wasDamaged(one.id));
    t.false(chunks.has(one.id));
    t.true(isVaultError(await t.throwsAsync(chunks.read(one.id)), 'chunk-missing'));
    t.true(chunks.has(chunkOf('good one').id));
    t.is(store.report().chunks, 1);
    t.true(store.report().events.some(({ type }) => type === 'record-quarantined'));
    t.deepEqual(await chunks.write([one]), written(one));
    await chunks.commit();
    t.deepEqual(await chunks.read(one.id), one.body);
  });

  test(`${title}: a body under a wrong id is damaged, then missing`, async (t) => {
    const { chunks } = await open();
    const { id } = chunkOf('the id');
    await chunks.write([{ id, body: Buffer.from('other bytes') }]);
    await chunks.commit();
    t.true(isVaultError(await t.throwsAsync(chunks.read(id)), 'damaged'));
    t.false(chunks.has(id));
  });

  test(`${title}: the list is what was written, committed or not`, async (t) => {
    const { chunks } = await open();
    const all = Array.from({ length: 40 }, (_, at) => chunkOf(`list ${String(at)}`, 50 + at));
    await chunks.write(all.slice(0, 20));
    await chunks.commit();
    await chunks.write(all.slice(20));
    const listed: string[] = [];
    for await (const { id, length } of chunks.list()) listed.push(`${id} ${String(length)}`);
    t.deepEqual(listed.sort(), all.map(({ id, body }) => `${id} ${String(body.length)}`).sort());
  });

  test(`${title}: any mixture of writes, commits and reads agrees with a map`, async (t) => {
    const step = fc.record({ put: fc.boolean(), which: fc.integer({ min: 0, max: 30 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const store = await open();
        const model = new Map<ChunkId, Uint8Array>();
        for (const { put, which } of steps) {
          const one = chunkOf(which, which * 37);
          if (!put) await store.chunks.commit();
          else {
            const written = await store.chunks.write([one]);
            t.is(written.chunks, model.has(one.id) ? 0 : 1);
            model.set(one.id, one.body);
          }
        }
        for (const [id, body] of model) t.true((await store.chunks.read(id)).equals(body));
        t.is(store.report().chunks, model.size);
        await store.close();
      }),
      { numRuns: 20 },
    );
  });
}
