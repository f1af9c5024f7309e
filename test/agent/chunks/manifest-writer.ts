import test from 'ava';
import { decodePage } from '../../../agent/chunks/manifest.ts';
import { createManifestWriter, pageEntries } from '../../../agent/chunks/manifest-writer.ts';
import type { ManifestContent } from '../../../agent/chunks/manifest-writer.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { parseId } from '../../../protocol/ids.ts';
import { GiB } from '../../../protocol/limits.ts';
import type { ChunkRef } from '../../../protocol/messages/op.ts';
import { inventedRef, PageShelf } from '../../helpers/chunk-keys.ts';

/** A number is a hole of so many bytes. */
type Piece = ChunkRef | number;

async function write(shelf: PageShelf, pieces: readonly Piece[]): Promise<ManifestContent> {
  const writer = createManifestWriter(shelf.sealPage);
  for (const piece of pieces) {
    await (typeof piece === 'number' ? writer.addHole(piece) : writer.add(piece));
  }

  return writer.finish();
}

const refsOf = (name: string, count: number): ChunkRef[] =>
  Array.from({ length: count }, (_, i) => inventedRef(`${name} ${String(i)}`));

const many = refsOf('many', 6000);

test('nothing is empty content, one chunk is itself, and neither has a page', async (t) => {
  const shelf = new PageShelf();
  t.deepEqual(await write(shelf, []), { type: 'empty' });
  t.deepEqual(await write(shelf, [0, 0]), { type: 'empty' });
  const [chunk] = many;
  t.deepEqual(await write(shelf, [chunk!]), { type: 'chunk', size: chunk!.plainLength, chunk });
  t.is(shelf.sealed, 0);
});

test('two chunks, or one and a hole, or a hole alone, are one page', async (t) => {
  for (const pieces of [many.slice(0, 2), [many[0]!, 1], [1, many[0]!], [5 * GiB]]) {
    const shelf = new PageShelf();
    const content = await write(shelf, pieces);
    t.is(content.type, 'manifest');
    t.is(shelf.sealed, 1);
  }
});

test('holes that touch are one hole', async (t) => {
  const shelf = new PageShelf();
  const split = await write(shelf, [many[0]!, 1000, 0, 24]);
  t.deepEqual(split, await write(shelf, [many[0]!, 1024]));
});

test('pages keep their bounds and the tree is as low as it can be', async (t) => {
  const shelf = new PageShelf();
  const counts: number[] = [];
  const sealPage = (bytes: Buffer): Promise<ChunkRef> => {
    const page = decodePage(bytes);
    if (page.level === 0) counts.push(page.entries.length);
    t.true(page.level <= 1);
    return shelf.sealPage(bytes);
  };
  const writer = createManifestWriter(sealPage);
  for (const ref of many) await writer.add(ref);
  await writer.finish();
  t.is(
    counts.reduce((a, b) => a + b),
    many.length,
  );
  for (const count of counts.slice(0, -1)) {
    t.true(count >= pageEntries.min && count <= pageEntries.max);
  }
  t.true(counts.length >= 5 && counts.length <= 40, String(counts.length));
});

test('a page ends at the greatest count when no pid says so', async (t) => {
  const dull = many.find((ref) => (Number.parseInt(ref.pid.slice(0, 8), 16) & 0x1ff) !== 0)!;
  const shelf = new PageShelf();
  await write(
    shelf,
    Array.from({ length: pageEntries.max }, () => dull),
  );
  t.is(shelf.sealed, 1, 'a single page that ends by itself is the root');
  await write(
    shelf,
    Array.from({ length: pageEntries.max + 1 }, () => dull),
  );
  t.is(shelf.sealed, 1 + 3);
});

test('a changed chunk changes few pages', async (t) => {
  const shelf = new PageShelf();
  await write(shelf, many);
  const before = new Set(shelf.bodies.keys());
  const changed = many.with(3000, inventedRef('changed'));
  await write(shelf, changed);
  const added = [...shelf.bodies.keys()].filter((cid) => !before.has(cid));
  t.true(added.length >= 2 && added.length <= 4, String(added.length));
});

test('chunks put in and taken out change few pages', async (t) => {
  const shelf = new PageShelf();
  await write(shelf, many);
  const pages = shelf.bodies.size;
  await write(shelf, [...many.slice(0, 2000), ...refsOf('new', 3), ...many.slice(2500)]);
  t.true(shelf.bodies.size - pages <= 5, String(shelf.bodies.size - pages));
});

test('more epochs than a page can name begin another page', async (t) => {
  const epochs = Array.from({ length: 600 }, (_, i) =>
    parseId('epoch', i.toString(16).padStart(64, '0')),
  );
  const shelf = new PageShelf();
  const content = await write(
    shelf,
    epochs.map((epoch) => inventedRef('x', epoch)),
  );
  t.is(content.type, 'manifest');
  t.is(shelf.sealed, 3 + 1);
});

test('a file beyond what numbers can count is refused, and so is a negative hole', async (t) => {
  const writer = createManifestWriter(new PageShelf().sealPage);
  await writer.addHole(Number.MAX_SAFE_INTEGER);
  for (const bytes of [1, -1, 0.5, Number.NaN]) {
    const error = await t.throwsAsync(async () => writer.addHole(bytes));
    t.true(isVaultError(error, 'too-large'));
  }
});

test('what sealing a page throws comes out of the writer', async (t) => {
  const writer = createManifestWriter(() => Promise.reject(new Error('no space')));
  await writer.add(many[0]!);
  await writer.add(many[1]!);
  await t.throwsAsync(writer.finish(), { message: 'no space' });
});
