/** What every ChunkStore does; run by the memory store and the disk store. */
import type { TestFn } from 'ava';
import fc from 'fast-check';
import { isVaultError } from '../../protocol/errors.ts';
import { blake3 } from '../../protocol/hash.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import { chunk as chunkLimits } from '../../protocol/limits.ts';
import type { ChunkStore, SealedChunk, Store, WrittenChunks } from '../../agent/store/store.ts';

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

async function listed(chunks: ChunkStore): Promise<ChunkId[]> {
  const ids: ChunkId[] = [];
  for await (const { id } of chunks.list()) ids.push(id);
  return ids;
}

/** Passes until no file waits for the next one. @returns bytes of files that went */
async function collectAll(chunks: ChunkStore, isDead: (id: ChunkId) => boolean): Promise<number> {
  let freedBytes = 0;
  for (let pass = 0; pass < 4; pass++) {
    const pace = (): Promise<void> => Promise.resolve();
    const result = await chunks.collect({ isDead, deadFractionMin: 0, pace });
    freedBytes += result.freedBytes;
    if (result.segmentsLeft === 0) break;
  }
  return freedBytes;
}

export function chunkStoreSuite(test: TestFn, title: string, open: OpenStore): void {
  test(`${title}: a chunk is here after it was written, and reads back as it was`, async (t) => {
    const { chunks } = await open();
    const one = chunkOf('one');
    t.false(chunks.has(one.id));
    t.deepEqual(await chunks.write([one]), written(one));
    t.true(chunks.has(one.id));
    t.is(chunks.lengthOf(one.id), 1000);
    t.true((await chunks.read(one.id)).equals(one.body));
    await chunks.commit();
    t.true((await chunks.read(one.id)).equals(one.body));
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
    t.true((await chunks.read(one.id)).equals(one.body));
  });

  test(`${title}: bodies may be reused once the write has resolved`, async (t) => {
    const { chunks } = await open();
    const one = chunkOf('reused');
    const body = Buffer.from(one.body);
    await chunks.write([{ id: one.id, body }]);
    body.fill(0);
    await chunks.commit();
    t.true((await chunks.read(one.id)).equals(one.body));
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
    // A slow disk is asked through a thread.
    t.deepEqual(
      chunks.readPartNow?.(id, 17, 100) ?? body.subarray(17, 117),
      body.subarray(17, 117),
    );
    t.is(chunks.readPartNow?.(id, 17, 300), undefined, 'that is for readPart to say');
    t.is(chunks.readPartNow?.(chunkOf('missing').id, 0, 1), undefined);
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
    t.true((await chunks.read(one.id)).equals(one.body));
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

  test(`${title}: a dropped chunk is not here, and can be read until it is collected`, async (t) => {
    const { chunks } = await open();
    const [one, two] = [chunkOf('goes'), chunkOf('stays')];
    await chunks.write([one, two]);
    await chunks.commit();
    t.deepEqual(chunks.drop([one.id, chunkOf('never there').id]), { chunks: 1, bytes: 1000 });
    t.deepEqual(chunks.drop([one.id]), { chunks: 0, bytes: 0 });
    t.false(chunks.has(one.id));
    t.is(chunks.lengthOf(one.id), undefined);
    t.deepEqual(await listed(chunks), [two.id]);
    t.true((await chunks.read(one.id)).equals(one.body));
    t.deepEqual(await chunks.readPart(one.id, 10, 5), Buffer.from(one.body).subarray(10, 15));
    await collectAll(chunks, (id) => id === one.id);
    t.true(isVaultError(await t.throwsAsync(chunks.read(one.id)), 'chunk-missing'));
    t.true((await chunks.read(two.id)).equals(two.body));
    t.deepEqual(await listed(chunks), [two.id]);
  });

  test(`${title}: what was dropped and is needed again comes back`, async (t) => {
    const { chunks } = await open();
    const [one, two] = [chunkOf('back'), chunkOf('other')];
    await chunks.write([one, two]);
    await chunks.commit();
    chunks.drop([one.id, two.id]);
    await chunks.revive([one.id, chunkOf('never there').id]);
    t.true(chunks.has(one.id));
    t.is(chunks.lengthOf(one.id), 1000);
    t.false(chunks.has(two.id));
    await collectAll(chunks, (id) => id === two.id);
    t.true((await chunks.read(one.id)).equals(one.body));
    await chunks.revive([two.id]);
    t.false(chunks.has(two.id), 'its bytes are gone');
    t.deepEqual(await chunks.write([two]), written(two));
    t.true((await chunks.read(two.id)).equals(two.body));
  });

  test(`${title}: a collection takes only what was dropped, whatever it is told is dead`, async (t) => {
    const { chunks } = await open();
    const all = Array.from({ length: 12 }, (_, at) => chunkOf(`dead ${String(at)}`));
    await chunks.write(all);
    await chunks.commit();
    const goes = new Set(all.slice(0, 6).map(({ id }) => id));
    chunks.drop([...goes]);
    const freedBytes = await collectAll(chunks, () => true);
    t.true(freedBytes >= 6_000, String(freedBytes));
    for (const { id, body } of all) {
      t.is(chunks.has(id), !goes.has(id));
      if (!goes.has(id)) t.deepEqual(await chunks.read(id), body);
    }
  });

  test(`${title}: what was written again after it was dropped stays`, async (t) => {
    const { chunks } = await open();
    const one = chunkOf('again');
    await chunks.write([one]);
    await chunks.commit();
    chunks.drop([one.id]);
    t.deepEqual(await chunks.write([one]), written(one));
    await chunks.commit();
    await collectAll(chunks, () => false);
    t.true(chunks.has(one.id));
    t.true((await chunks.read(one.id)).equals(one.body));
  });

  test(`${title}: a collection that is told to stop stops, and has lost nothing`, async (t) => {
    const { chunks } = await open();
    const all = Array.from({ length: 8 }, (_, at) => chunkOf(`pace ${String(at)}`));
    await chunks.write(all);
    await chunks.commit();
    const [dead, ...live] = all;
    chunks.drop([dead!.id]);
    for (let stopAt = 1; stopAt < 6; stopAt++) {
      let steps = 0;
      const pace = (): Promise<void> =>
        ++steps === stopAt ? Promise.reject(new Error('stop')) : Promise.resolve();
      const options = { isDead: (id: ChunkId) => id === dead!.id, deadFractionMin: 0, pace };
      await chunks.collect(options).catch((error: unknown) => {
        t.is((error as Error).message, 'stop');
      });
      for (const { id, body } of live) t.deepEqual(await chunks.read(id), body);
    }
    await collectAll(chunks, (id) => id === dead!.id);
    for (const { id, body } of live) t.deepEqual(await chunks.read(id), body);
  });

  test(`${title}: any mixture with drops, revivals and collections agrees with a model`, async (t) => {
    const step = fc.record({
      what: fc.constantFrom('put', 'put', 'commit', 'drop', 'drop', 'revive', 'collect'),
      which: fc.integer({ min: 0, max: 12 }),
      fraction: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
        const store = await open();
        const { chunks } = store;
        const live = new Map<ChunkId, Uint8Array>();
        const committed = new Set<ChunkId>();
        // Dropped, and whether a collection has run since that was told so.
        const dropped = new Map<ChunkId, { collected: boolean }>();
        for (const { what, which, fraction } of steps) {
          const { id, body } = chunkOf(which, 100 + which * 37);
          if (what === 'put') {
            await chunks.write([{ id, body }]);
            live.set(id, body);
            dropped.delete(id);
          } else if (what === 'commit') {
            await chunks.commit();
            for (const each of live.keys()) committed.add(each);
          } else if (what === 'drop' && committed.has(id)) {
            t.is(chunks.drop([id]).chunks, live.has(id) ? 1 : 0);
            if (live.delete(id)) dropped.set(id, { collected: false });
            committed.delete(id);
          } else if (what === 'revive') {
            await chunks.revive([id]);
            const state = dropped.get(id);
            if (state?.collected === false) t.true(chunks.has(id));
            if (chunks.has(id)) {
              live.set(id, body);
              if (state !== undefined) committed.add(id);
              dropped.delete(id);
            }
          } else if (what === 'collect') {
            const isDead = (each: ChunkId): boolean => dropped.has(each);
            const pace = (): Promise<void> => Promise.resolve();
            await chunks.collect({ isDead, deadFractionMin: fraction, pace });
            for (const state of dropped.values()) state.collected = true;
          }
          for (let at = 0; at <= 12; at++) {
            const other = chunkOf(at, 100 + at * 37).id;
            t.is(chunks.has(other), live.has(other));
          }
        }
        for (const [id, body] of live) t.true((await chunks.read(id)).equals(body));
        t.deepEqual((await listed(chunks)).sort(), [...live.keys()].sort());
        await store.close();
      }),
      { numRuns: 40 },
    );
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
