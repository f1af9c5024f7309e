import test from 'ava';
import fc from 'fast-check';
import { control as limits, rpc } from '../../../protocol/limits.ts';
import { listPage, type Entry } from '../../../protocol/messages/control-entry.ts';
import {
  namesPage,
  NamesWriter,
  textsOfNames,
  type ListedNames,
} from '../../../protocol/messages/control-names.ts';
import type { NodeKind } from '../../../protocol/messages/op.ts';
import { peervault } from '../../../protocol/proto/control.js';
import { escapeBytes, escapeNames } from '../../../protocol/text/escape.ts';

interface Row {
  readonly path: readonly Buffer[];
  readonly kind: NodeKind;
}

const name = fc
  .uint8Array({ minLength: 1, maxLength: 255 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x61 : byte))));
const kind = fc.constantFrom<NodeKind>('file', 'directory', 'symlink');
const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({ path: fc.array(name, { minLength: 1, maxLength: 8 }), kind }),
  { maxLength: 400 },
);

/** As a list is sent: page after page. */
function pagesOf(all: readonly Row[]): Uint8Array[] {
  const writer = new NamesWriter();
  const pages: Uint8Array[] = [];
  for (const { path, kind } of all) {
    if (writer.add(path, kind)) continue;
    pages.push(namesPage.toWire(writer.take()));
    writer.add(path, kind);
  }
  return [...pages, namesPage.toWire(writer.take())];
}

/** What a page has, path by path. */
function rowsOf({ paths, kinds }: ListedNames) {
  const texts = paths.toString('latin1').split('\0').slice(0, -1);
  return kinds.map((each, at) => ({ path: texts[at], kind: each }));
}

const plain = ({ path, kind }: Row) => ({
  path: Buffer.concat(joined(path)).toString('latin1'),
  kind,
});
const joined = (path: readonly Buffer[]) =>
  path.flatMap((each, at) => (at === 0 ? [each] : [Buffer.from('/'), each]));

test('names come in pages that fit into a message, as they were', (t) => {
  fc.assert(
    fc.property(rows, (all) => {
      const pages = pagesOf(all);
      for (const page of pages) t.true(page.length <= rpc.messageBytesMax);
      t.deepEqual(
        pages.flatMap((page) => rowsOf(namesPage.fromWire(page))),
        all.map(plain),
      );
    }),
    { numRuns: 50 },
  );
  const short = Array.from({ length: 10_000 }, (): Row => ({
    path: [Buffer.from('a')],
    kind: 'file',
  }));
  const counts = pagesOf(short).map((page) => namesPage.fromWire(page).kinds.length);
  t.is(Math.max(...counts), limits.listPageNamesMax);
  t.is(
    counts.reduce((sum, count) => sum + count, 0),
    10_000,
  );
});

test('a page is filled to its end, and one path longer than that is alone', (t) => {
  for (let length = rpc.messageBytesMax - 60; length < rpc.messageBytesMax - 20; length += 1) {
    const writer = new NamesWriter();
    t.true(writer.add([Buffer.alloc(length, 'a')], 'file'));
    while (writer.add([Buffer.from('b')], 'directory'));
    const taken = writer.take();
    t.true(namesPage.toWire(taken).length <= rpc.messageBytesMax);
    t.true(taken.kinds.length > 1);
  }
  const writer = new NamesWriter();
  t.true(writer.add([Buffer.alloc(100_000, 'a')], 'file'));
  t.false(writer.add([Buffer.from('b')], 'file'));
  t.is(writer.take().paths.length, 100_001);
  t.deepEqual(writer.take(), { paths: Buffer.alloc(0), kinds: [] });
});

test('a file that lists itself has an empty path; an empty directory has nothing', (t) => {
  const writer = new NamesWriter();
  writer.add([], 'file');
  t.deepEqual(rowsOf(namesPage.fromWire(namesPage.toWire(writer.take()))), [
    { path: '', kind: 'file' },
  ]);
  t.deepEqual(rowsOf(namesPage.fromWire(namesPage.toWire(writer.take()))), []);
});

test('an agent that knows no names sends entries, and those have names', (t) => {
  const entry: Entry = {
    path: Buffer.from('d/ä'),
    kind: 'directory',
    size: 1,
    mode: 0o755,
    mtime: { seconds: 1, nanoseconds: 2 },
    state: 'here',
    inode: 1,
    links: 1,
    chunks: 0,
    chunksHere: 0,
  };
  const page = namesPage.fromWire(listPage.toWire([entry, { ...entry, path: Buffer.from('x') }]));
  t.deepEqual(textsOfNames(page), ['d/ä', 'x']);
  t.deepEqual(page.kinds, ['directory', 'directory']);
});

test('a page whose halves do not fit together is refused', (t) => {
  const bad: readonly (readonly [string, number[]])[] = [
    ['a\0b\0', [1]],
    ['a\0', [1, 1]],
    ['a\0b', [1, 1]],
    ['a', [1]],
    ['', [1]],
    ['a\0', [9]],
    ['a\0', [0]],
  ];
  for (const [paths, kinds] of bad) {
    const names = { paths: Buffer.from(paths), kinds: Buffer.from(kinds) };
    const bytes = peervault.control.ListPage.encode({ names }).finish();
    t.throws(() => namesPage.fromWire(bytes), { code: 'malformed' }, JSON.stringify(paths));
  }
  const many = limits.listPageNamesMax + 1;
  const names = { paths: Buffer.from('a\0'.repeat(many)), kinds: Buffer.alloc(many, 1) };
  const bytes = peervault.control.ListPage.encode({ names }).finish();
  t.throws(() => namesPage.fromWire(bytes), { code: 'malformed' });
});

test('names are shown as each would be by itself', (t) => {
  const hostile = fc
    .constantFrom('a\nb', '\u202egpj', '\\', 'ä', '😀')
    .map((text) => Buffer.from(text));
  fc.assert(
    fc.property(fc.array(fc.oneof(name, hostile), { maxLength: 20 }), (all) => {
      const ended = Buffer.concat(all.flatMap((each) => [each, Buffer.alloc(1)]));
      t.deepEqual(escapeNames(ended), all.map(escapeBytes));
    }),
  );
});
