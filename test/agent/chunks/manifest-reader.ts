import test from 'ava';
import fc from 'fast-check';
import { encodePage } from '../../../agent/chunks/manifest.ts';
import type { PageEntry } from '../../../agent/chunks/manifest.ts';
import { keptPages, openManifest } from '../../../agent/chunks/manifest-reader.ts';
import type { ManifestReference, ManifestSpan } from '../../../agent/chunks/manifest-reader.ts';
import { createManifestWriter } from '../../../agent/chunks/manifest-writer.ts';
import type { ManifestContent } from '../../../agent/chunks/manifest-writer.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import type { ChunkRef } from '../../../protocol/messages/op.ts';
import { inventedRef, PageShelf } from '../../helpers/chunk-keys.ts';

interface Written {
  readonly shelf: PageShelf;
  readonly content: ManifestContent;
  readonly spans: readonly ManifestSpan[];
  readonly size: number;
}

/** A file of `count` chunks with a hole behind every `holeEvery`-th. */
async function written(count: number, holeEvery: number): Promise<Written> {
  const shelf = new PageShelf();
  const writer = createManifestWriter(shelf.sealPage);
  const spans: ManifestSpan[] = [];
  for (let i = 0; i < count; i += 1) {
    const chunk = inventedRef(`chunk ${String(i)}`);
    spans.push({ start: writer.size, bytes: chunk.plainLength, chunk });
    await writer.add(chunk);
    if (i % holeEvery !== 0) continue;
    spans.push({ start: writer.size, bytes: 10_000 + i, chunk: undefined });
    await writer.addHole(10_000 + i);
  }
  return { shelf, content: await writer.finish(), spans, size: writer.size };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const file = await written(3000, 7);
const reader = openManifest(file.content, file.shelf.loadPage);

test('everything that was written is read, in order', async (t) => {
  t.is(reader.size, file.size);
  t.deepEqual(await collect(reader.all()), file.spans);
});

test('every offset leads to the span that holds it', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(file.size - 1), async (offset) => {
      const { chunkOffset, ...span } = await reader.at(offset);
      t.is(span.start + chunkOffset, offset);
      t.true(chunkOffset >= 0 && chunkOffset < span.bytes);
      t.true(
        file.spans.some((one) => one.start === span.start && one.chunk?.cid === span.chunk?.cid),
      );
    }),
    { numRuns: 40 },
  );
  for (const span of [file.spans[0]!, file.spans[1500]!, file.spans.at(-1)!]) {
    t.deepEqual(await reader.at(span.start), { ...span, chunkOffset: 0 });
    const last = span.bytes - 1;
    t.deepEqual(await reader.at(span.start + last), { ...span, chunkOffset: last });
  }
  for (const offset of [-1, file.size]) await t.throwsAsync(reader.at(offset));
});

test('a range gives the spans that it touches and no others', async (t) => {
  const touching = (from: number, to: number): ManifestSpan[] =>
    file.spans.filter((span) => span.start < to && span.start + span.bytes > from);
  await fc.assert(
    fc.asyncProperty(fc.nat(file.size), fc.nat(50_000_000), async (offset, length) => {
      const spans = await collect(reader.range(offset, length));
      const now = reader.rangeNow(offset, length);
      if (now !== undefined) t.deepEqual([...now], spans);
      t.deepEqual(spans, length === 0 ? [] : touching(offset, offset + length));
    }),
    { numRuns: 30 },
  );
  const { start, bytes } = file.spans[900]!;
  t.is((await collect(reader.range(start, bytes))).length, 1);
  t.is((await collect(reader.range(start - 1, bytes + 2))).length, 3);
  t.deepEqual(reader.rangeNow(start, bytes)?.length, 1, 'its page has just been read');
  t.deepEqual(await collect(reader.range(file.size, 10)), []);
});

test('empty content and single chunks read like any other', async (t) => {
  const { shelf } = file;
  const empty = openManifest({ type: 'empty' }, shelf.loadPage);
  t.deepEqual(
    [empty.size, await collect(empty.all()), await collect(empty.references())],
    [0, [], []],
  );
  const chunk = inventedRef('one');
  const size = chunk.plainLength;
  const one = openManifest({ type: 'chunk', size, chunk }, shelf.loadPage);
  t.deepEqual(await collect(one.all()), [{ start: 0, bytes: size, chunk }]);
  t.deepEqual(await one.at(5), { start: 0, bytes: size, chunk, chunkOffset: 5 });
  t.deepEqual(await collect(one.references()), [{ kind: 'chunk', ref: chunk }]);
  const lying = openManifest({ type: 'chunk', size: size + 1, chunk }, shelf.loadPage);
  t.true(isVaultError(await t.throwsAsync(lying.at(5)), 'malformed'));
});

test('references are all pages and chunks, and known pages can be skipped', async (t) => {
  const references = await collect(reader.references());
  const pages = references.filter((one) => one.kind === 'page').map((one) => one.ref.cid);
  t.deepEqual(pages.toSorted(), [...file.shelf.bodies.keys()].toSorted());
  t.is(references.length - pages.length, 3000);
  const known = (references[1] as ManifestReference).ref.cid;
  const fewer = await collect(reader.references((page) => page.cid === known));
  t.true(fewer.length < references.length);
  t.is(fewer.filter((one) => one.kind === 'page').length, pages.length);
  t.is((await collect(reader.references(() => true))).length, 1);
});

test('pages are kept as long as there is room for their entries, for all readers that share it', async (t) => {
  const loads: ChunkRef[] = [];
  const loadPage = (ref: ChunkRef): Promise<Buffer> => {
    loads.push(ref);
    return file.shelf.loadPage(ref);
  };
  const shared = keptPages(5000);
  const [one, other] = [1, 2].map(() => openManifest(file.content, loadPage, shared));
  for (let offset = 0; offset < 100; offset += 1) await one?.at(offset);
  t.is(loads.length, 2, 'the root and a leaf');
  await one?.at(file.size - 1);
  await other?.at(0);
  t.is(loads.length, 3);
  t.deepEqual(other?.rangeNow(file.size - 1, 1), [file.spans.at(-1)]);

  const forgetful = openManifest(file.content, loadPage, keptPages(1));
  for (const offset of [0, 0]) await forgetful.at(offset);
  t.is(loads.length, 7, 'the leaf takes the place of the root, and the root that of the leaf');
});

/** A manifest whose root is any page. */
async function withRoot(shelf: PageShelf, page: Buffer, size: number): Promise<ManifestContent> {
  return { type: 'manifest', size, manifest: await shelf.sealPage(page) };
}

test('pages that do not fit the entry above them are refused', async (t) => {
  const shelf = new PageShelf();
  const chunk = inventedRef('x');
  const bytes = chunk.plainLength;
  const leafPage = encodePage(0, [{ type: 'ref', ref: chunk, bytes }]);
  const leaf = await shelf.sealPage(leafPage);
  const above = (ref: ChunkRef, level: number, claimed = bytes): Buffer =>
    encodePage(level, [{ type: 'ref', ref, bytes: claimed } satisfies PageEntry]);
  const good = await withRoot(shelf, above(leaf, 1), bytes);
  t.is((await collect(openManifest(good, shelf.loadPage).all())).length, 1);

  const middle = await shelf.sealPage(above(leaf, 1));
  const bad = {
    'size of the file': await withRoot(shelf, leafPage, bytes + 1),
    'bytes of an entry': await withRoot(shelf, above(leaf, 1, bytes + 1), bytes + 1),
    'level too high': await withRoot(shelf, above(leaf, 2), bytes),
    'level not lower': await withRoot(shelf, above(middle, 1), bytes),
    'no page at all': await withRoot(shelf, Buffer.from('not a page'), bytes),
  };
  for (const [name, content] of Object.entries(bad)) {
    const error = await t.throwsAsync(collect(openManifest(content, shelf.loadPage).all()));
    t.true(isVaultError(error, 'malformed', 'not-supported'), `${name}: ${String(error)}`);
  }
  const short = openManifest(good, (ref) => shelf.loadPage(ref).then((page) => page.subarray(1)));
  t.true(isVaultError(await t.throwsAsync(short.at(0)), 'malformed'));
});

test('what loading a page throws comes out of the reader, and nothing of it is kept', async (t) => {
  let fails = true;
  const flaky = openManifest(file.content, (ref) =>
    fails ? Promise.reject(new Error('not here')) : file.shelf.loadPage(ref),
  );
  await t.throwsAsync(flaky.at(0), { message: 'not here' });
  fails = false;
  t.is((await flaky.at(0)).start, 0);
});
