/** Files of every size through an ingest and back, beside what was written. */
import test from 'ava';
import fc from 'fast-check';
import { createJobRunner } from '../../../agent/chunks/jobs-run.ts';
import { openSmall } from '../../../agent/chunks/small.ts';
import type { WorkPool } from '../../../agent/ports.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import type { Store } from '../../../agent/store/store.ts';
import { Ingest, type IngestedFile } from '../../../agent/vault/ingest.ts';
import { readContent } from '../../../agent/vault/read-content.ts';
import { isVaultError, VaultError } from '../../../protocol/errors.ts';
import { KiB, MiB } from '../../../protocol/limits.ts';
import { noiseOf } from '../../helpers/byte-stream-of.ts';
import { testEpoch, testKeys } from '../../helpers/chunk-keys.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const work = { ...createJobRunner(), width: 2, close: () => Promise.resolve() };

function ingestInto(store: Store, pool: WorkPool = work): Ingest {
  return new Ingest({
    work: pool,
    chunks: store.chunks,
    use: () => undefined,
    random: seededRandom('ingest'),
    keys: testKeys,
    epoch: testEpoch,
    earlier: { find: () => undefined, remember: () => Promise.resolve() },
    announce: () => Promise.resolve(),
  });
}

/** Writes one file in pieces. Resolves when the next may begin. */
async function put(
  ingest: Ingest,
  content: Buffer,
  pieceBytes: number,
): Promise<{ done: Promise<IngestedFile> }> {
  const { promise, resolve, reject } = Promise.withResolvers<IngestedFile>();
  promise.catch(() => undefined);
  ingest.beginWhole({ resolve, reject });
  for (let at = 0; at < content.length; at += pieceBytes) {
    await ingest.write(content.subarray(at, at + pieceBytes));
  }
  await ingest.finish();
  return { done: promise };
}

async function readBack(store: Store, { content, small }: IngestedFile): Promise<Buffer> {
  if (content.type === 'small') {
    const { body } = small!;
    return openSmall({ body, ref: content.small, chunkKey: testKeys.chunkKey });
  }
  const parts = {
    store,
    replication: {} as never,
    work,
    chunkKey: () => testKeys.chunkKey,
  };
  const pieces: Buffer[] = [];
  for await (const piece of readContent(parts, content, { offset: 0 }))
    pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** Around every border there is: small records, chunks, slabs. */
const sizes = fc.oneof(
  fc.integer({ min: 0, max: 10 }),
  fc.integer({ min: 4 * KiB - 2, max: 4 * KiB + 2 }),
  fc.integer({ min: 60 * KiB, max: 300 * KiB }),
  fc.integer({ min: 4 * MiB - 3, max: 4 * MiB + 3 }),
);

test('what was written comes back, with small records for small files and chunks for others', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(sizes, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(1000, 64 * KiB, 8 * MiB),
      async (lengths, pieceBytes) => {
        const store = createMemoryStore();
        const ingest = ingestInto(store);
        const files: { content: Buffer; done: Promise<IngestedFile> }[] = [];
        for (const [index, length] of lengths.entries()) {
          const content = noiseOf(`file ${String(index)}`, length);
          files.push({ content, done: (await put(ingest, content, pieceBytes)).done });
        }
        ingest.flush();
        for (const { content, done } of files) {
          const file = await done;
          const { length } = content;
          t.is(file.content.type === 'empty', length === 0);
          t.is(file.content.type === 'small', length > 0 && length <= 4 * KiB);
          t.is(file.content.type === 'empty' ? 0 : file.content.size, length);
          t.true((await readBack(store, file)).equals(content));
        }
      },
    ),
    { numRuns: 8 },
  );
});

test('what is put into the room that is there comes back as what is written does', async (t) => {
  const store = createMemoryStore();
  const ingest = ingestInto(store);
  const files: { content: Buffer; done: Promise<IngestedFile> }[] = [];
  for (const [index, length] of [9 * MiB + 17, 0, 5000, 4 * MiB, 100].entries()) {
    const content = noiseOf(`filled ${String(index)}`, length);
    const { promise, resolve, reject } = Promise.withResolvers<IngestedFile>();
    ingest.beginWhole({ resolve, reject });
    for (let done = 0; done < length;) {
      done += await ingest.fill((room) => {
        // As a disk does, now and then it gives less than was asked for.
        const piece = content.subarray(done, done + Math.min(room.length, 3 * MiB));
        room.set(piece);
        return Promise.resolve(piece.length);
      });
    }
    await ingest.finish();
    files.push({ content, done: promise });
  }
  ingest.flush();
  for (const { content, done } of files) {
    t.true((await readBack(store, await done)).equals(content));
  }
});

test('a file that is given up while it is filled leaves the next one whole', async (t) => {
  const store = createMemoryStore();
  const ingest = ingestInto(store);
  ingest.beginWhole({ resolve: () => t.fail(), reject: () => undefined });
  const fillWith = (bytes: Buffer) =>
    ingest.fill((room) => {
      room.set(bytes);
      return Promise.resolve(bytes.length);
    });
  await fillWith(noiseOf('given up', 2 * MiB));
  t.true(ingest.abandon());
  const content = noiseOf('whole', MiB);
  const { done } = await put(ingest, content, MiB);
  ingest.flush();
  t.true((await readBack(store, await done)).equals(content));
});

test('a few small files need no worker', async (t) => {
  const store = createMemoryStore();
  const idle = { ...work, run: () => Promise.reject(new Error('a worker was asked')) };
  const ingest = ingestInto(store, idle);
  const contents = [Buffer.from('one'), Buffer.alloc(0), noiseOf('three', 4 * KiB)];
  const files: Promise<IngestedFile>[] = [];
  for (const content of contents) files.push((await put(ingest, content, MiB)).done);
  ingest.flush();
  for (const [index, file] of files.entries()) {
    t.true((await readBack(store, await file)).equals(contents[index]!));
  }
});

test('many small files go on their way before a slab is full', async (t) => {
  const store = createMemoryStore();
  const slabs: number[] = [];
  const ingest = ingestInto(store, {
    ...work,
    run: (name, input) => {
      if ('parts' in input) slabs.push(input.parts.length);
      return work.run(name, input);
    },
  });
  const first = await put(ingest, Buffer.from('the first of many'), 100);
  for (let count = 1; count < 64; count += 1) await put(ingest, Buffer.from('another'), 100);
  t.is((await first.done).content.type, 'small');
  const next = await put(ingest, Buffer.from('the first of the second slab'), 100);
  for (let count = 1; count < 512; count += 1) await put(ingest, Buffer.from('another'), 100);
  t.is((await next.done).content.type, 'small');
  t.deepEqual(slabs, [64, 512], 'the first one is small: the worker begins with it');
});

test('the same content twice in one slab is one chunk, new to the first file only', async (t) => {
  const store = createMemoryStore();
  const ingest = ingestInto(store);
  const content = noiseOf('twice', 10 * KiB);
  const [one, two] = [await put(ingest, content, MiB), await put(ingest, content, MiB)];
  ingest.flush();
  const [first, second] = [await one.done, await two.done];
  t.deepEqual([first.added.length, first.reused.length], [1, 0]);
  t.deepEqual([second.added.length, second.reused.length], [0, 1]);
  t.deepEqual(ingest.totals, {
    chunksNew: 1,
    chunksReused: 1,
    storedBytes: first.added[0]!.length,
  });
});

test('a file that is given up is heard of no more, and the others are whole', async (t) => {
  const store = createMemoryStore();
  const ingest = ingestInto(store);
  const before = noiseOf('before', 5 * KiB);
  const after = noiseOf('after', 6 * KiB);
  const one = await put(ingest, before, MiB);
  ingest.beginWhole({
    resolve: () => {
      t.fail('it was given up');
    },
    reject: () => {
      t.fail('it was given up');
    },
  });
  await ingest.write(noiseOf('half', 7 * KiB));
  t.true(ingest.abandon());
  const two = await put(ingest, after, MiB);
  ingest.flush();
  t.true((await readBack(store, await one.done)).equals(before));
  t.true((await readBack(store, await two.done)).equals(after));
});

test('when a slab cannot be stored, each of its files hears of it once', async (t) => {
  const inner = createMemoryStore();
  const full = () => Promise.reject(new VaultError('disk-full', { op: 'test' }));
  const ingest = ingestInto({ ...inner, chunks: { ...inner.chunks, write: full } });
  const files = [
    await put(ingest, noiseOf('one', 9 * MiB), MiB),
    await put(ingest, noiseOf('two', 10 * KiB), MiB),
  ];
  ingest.flush();
  for (const { done } of files) {
    const error = await t.throwsAsync(done);
    t.true(isVaultError(error, 'disk-full'));
  }
});

test('a file that is given up takes nothing from the one before it, which began in the slab before', async (t) => {
  const store = createMemoryStore();
  const ingest = ingestInto(store);
  const contents = [4 * MiB - 77_216, 100_000].map((length) => noiseOf(String(length), length));
  const done: Promise<IngestedFile>[] = [];
  for (const content of contents) done.push((await put(ingest, content, 65_000)).done);
  ingest.beginWhole({ resolve: () => t.fail('it was given up'), reject: () => undefined });
  await ingest.write(Buffer.alloc(50_000));
  ingest.abandon();
  ingest.flush();
  for (const [at, content] of contents.entries()) {
    t.true((await readBack(store, await done[at]!)).equals(content), String(at));
  }
});

test('the next slab goes to the disk before the one before is there, and the order stays', async (t) => {
  const inner = createMemoryStore();
  const waiting: (() => void)[] = [];
  let most = 0;
  const write: Store['chunks']['write'] = async (chunks) => {
    const written = await inner.chunks.write(chunks);
    most = Math.max(most, waiting.length + 1);
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      // Whoever came last is answered first.
      setImmediate(() => waiting.pop()?.());
    });
    return written;
  };
  const ingest = ingestInto({ ...inner, chunks: { ...inner.chunks, write } });
  const content = noiseOf('in order', 14 * MiB);
  const { done } = await put(ingest, content, 3 * MiB);
  ingest.flush();
  t.true((await readBack(inner, await done)).equals(content));
  t.true(most > 1, `${String(most)} at once`);
});

for (const [what, pool, wrongWrite] of [
  ['cut', { split: true }, false],
  ['sealed', { splitSeal: true }, false],
  ['stored', {}, true],
] as const) {
  test(`slabs that cannot be ${what} leave their places to others`, async (t) => {
    const inner = createMemoryStore();
    let failing = true;
    const refused = () => Promise.reject(new VaultError('internal', { op: 'test' }));
    const run: WorkPool['run'] = (name, input) =>
      failing && name in pool ? refused() : work.run(name, input);
    const write: Store['chunks']['write'] = (chunks) =>
      failing && wrongWrite ? refused() : inner.chunks.write(chunks);
    const store = { ...inner, chunks: { ...inner.chunks, write } };
    const ingest = ingestInto(store, { ...work, run });
    const bad = await put(ingest, Buffer.alloc(60 * MiB), 4 * MiB);
    ingest.flush();
    await t.throwsAsync(bad.done);
    failing = false;
    const content = noiseOf('good', 6 * MiB);
    const good = await put(ingest, content, 4 * MiB);
    ingest.flush();
    t.true((await readBack(inner, await good.done)).equals(content));
  });
}
