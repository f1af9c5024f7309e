import test from 'ava';
import { entryJson, joinPath, nameOf } from '../../../cli/output/entry-row.ts';
import { buildTree, treeJson, treeLines } from '../../../cli/output/tree.ts';
import { speaksUtf8 } from '../../../cli/commands/tree.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import type { NodeKind } from '../../../protocol/messages/op.ts';

function entryOf(path: string | Buffer, kind: NodeKind = 'file'): Entry {
  return {
    path: Buffer.from(path as string),
    kind,
    size: 1,
    mode: 0o644,
    mtime: { seconds: 0, nanoseconds: 5 },
    target: kind === 'symlink' ? Buffer.from('x\n') : undefined,
    state: 'here',
    inode: 1,
    links: 1,
    chunks: 0,
    chunksHere: 0,
  };
}

const entries = [
  entryOf('b.txt'),
  entryOf('a/z'),
  entryOf('a', 'directory'),
  entryOf('a/l', 'symlink'),
  entryOf('c', 'directory'),
];

test('entries in any order make the same tree', (t) => {
  const expected = ['d', '├── a/', '│   ├── l -> x\\n', '│   └── z', '├── b.txt', '└── c/'];
  const root = Buffer.from('d');
  t.deepEqual(treeLines(buildTree(root, entries), { ascii: false }), expected);
  t.deepEqual(treeLines(buildTree(root, entries.toReversed()), { ascii: false }), expected);
});

test('without UTF-8 the tree is drawn in ASCII', (t) => {
  t.deepEqual(treeLines(buildTree(Buffer.alloc(0), entries), { ascii: true }), [
    '/',
    '|-- a/',
    '|   |-- l -> x\\n',
    '|   `-- z',
    '|-- b.txt',
    '`-- c/',
  ]);
  t.true(speaksUtf8({ LANG: 'de_DE.UTF-8' }));
  t.false(speaksUtf8({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }));
  t.false(speaksUtf8({}));
});

test('a tree is JSON with children of directories only', (t) => {
  const json = treeJson(buildTree(Buffer.alloc(0), entries)) as {
    path: string;
    children: { path: string; children?: unknown[] }[];
  };
  t.is(json.path, '/');
  t.deepEqual(
    json.children.map(({ path, children }) => [path, children?.length]),
    [
      ['a', 2],
      ['b.txt', undefined],
      ['c', 0],
    ],
  );
});

test('a row has what scripts rely on, and bytes beside a name that is not UTF-8', (t) => {
  t.deepEqual(entryJson(Buffer.from('d/ä'), entryOf('ä')), {
    path: 'd/ä',
    name: 'ä',
    kind: 'file',
    size: 1,
    mtime: '1970-01-01T00:00:00.000000005Z',
    mode: 0o644,
    version: null,
    state: 'here',
  });
  const bad = Buffer.from('d/\xff', 'latin1');
  const row = entryJson(bad, entryOf(''));
  t.is(row['name'], '\\xff');
  t.is(row['nameBytes'], '/w==');
  t.is(row['pathBytes'], bad.toString('base64'));
});

test('paths are joined and cut', (t) => {
  const root = Buffer.alloc(0);
  t.is(joinPath(root, Buffer.from('a')).toString(), 'a');
  t.is(joinPath(Buffer.from('a'), root).toString(), 'a');
  t.is(joinPath(Buffer.from('a'), Buffer.from('b/c')).toString(), 'a/b/c');
  t.is(nameOf(Buffer.from('a/b/c')).toString(), 'c');
  t.is(nameOf(root).toString(), '/');
});
