import test from 'ava';
import {
  linkOps,
  removeTreeOps,
  renameOp,
  setAttributesOp,
  writeOp,
} from '../../../agent/namespace/author.ts';
import { rootNodeId, type EntryId } from '../../../protocol/ids.ts';
import { contentOf, exchange, nextId, TreeDevice } from '../../helpers/tree-device.ts';

function pair(): [TreeDevice, TreeDevice] {
  return [new TreeDevice('a'), new TreeDevice('b')];
}

function rename(device: TreeDevice, from: string, to: string): void {
  const name = Buffer.from(to.split('/').at(-1) ?? '');
  const above = to.split('/').slice(0, -1).join('/');
  const parent = above === '' ? rootNodeId : device.at(above).node.id;
  device.say(renameOp(device.tree, device.at(from), { parent, name }));
}

function remove(device: TreeDevice, path: string): void {
  device.say(removeTreeOps(device.tree, device.at(path)));
}

test('a file that is put is listed, and a second put makes a new version of the same node', (t) => {
  const [a] = pair();
  a.put('f.txt', 'one');
  const { node } = a.at('f.txt');
  a.put('f.txt', 'two');
  t.is(a.at('f.txt').node.id, node.id);
  t.is(a.read('f.txt'), 'two');
  t.deepEqual(a.tree.totals(), { files: 1, directories: 0, symlinks: 0, bytes: 3 });
});

test('of two concurrent versions the later keeps the name and the other is shown as a conflict', (t) => {
  const [a, b] = pair();
  a.put('f.txt', 'base');
  b.hear(a);
  b.put('f.txt', 'from b');
  a.nowMs += 60_000;
  a.put('f.txt', 'from a');
  exchange(a, b);
  t.is(a.read('f.txt'), 'from a');
  const [conflict = '', plain] = a.list() ?? [];
  t.is(plain, 'f.txt');
  t.regex(conflict, /^f \(conflict 2026-11-21 dev-b [0-9a-f]{4}\)\.txt$/);
  t.is(a.read(conflict), 'from b');
  t.true(a.at(conflict).conflict);
  t.deepEqual(b.list(), a.list());
  t.deepEqual(b.tree.treeHash(), a.tree.treeHash());
});

test('a write that names both versions ends the conflict, whatever its stamp', (t) => {
  const [a, b] = pair();
  a.put('f', 'base');
  b.hear(a);
  a.put('f', 'x');
  b.put('f', 'y');
  exchange(a, b);
  b.nowMs = 0;
  const { node } = b.at('f');
  b.say([
    {
      ...writeOp(b.tree, b.at('f'), { content: contentOf('both'), attributes: {} }),
      supersedes: b.tree.headsOf(node.id),
    } as never,
  ]);
  exchange(a, b);
  t.deepEqual(a.list(), ['f']);
  t.is(a.read('f'), 'both');
});

test('an edit wins over a concurrent deletion', (t) => {
  const [a, b] = pair();
  a.put('f', 'base');
  b.hear(a);
  remove(a, 'f');
  b.put('f', 'edited');
  t.deepEqual(a.list(), []);
  exchange(a, b);
  t.is(a.read('f'), 'edited');
  t.is(b.read('f'), 'edited');
  remove(a, 'f');
  exchange(a, b);
  t.deepEqual(b.list(), []);
});

test('of one version that a deletion saw nothing comes back', (t) => {
  const [a, b] = pair();
  a.put('f', 'base');
  b.hear(a);
  remove(a, 'f');
  rename(b, 'f', 'g');
  exchange(a, b);
  t.deepEqual(a.list(), []);
  t.deepEqual(b.list(), []);
});

test('removing the name of a conflict leaves the other version as a file under its own name', (t) => {
  const [a, b] = pair();
  a.put('f', 'base');
  b.hear(a);
  a.put('f', 'x');
  b.nowMs += 99_000;
  b.put('f', 'y');
  exchange(a, b);
  const [, conflict = ''] = a.list() ?? [];
  remove(a, 'f');
  remove(b, 'f');
  t.deepEqual(a.list(), [conflict]);
  t.is(a.read(conflict), 'x');
  exchange(a, b);
  t.deepEqual(a.list(), [conflict], 'two devices that do so at once make one file');
  t.false(b.at(conflict).conflict);
});

test('removing the conflict leaves the name, and renaming it makes a file of it', (t) => {
  const [a, b] = pair();
  a.put('f', 'base');
  b.hear(a);
  a.put('f', 'x');
  b.nowMs += 99_000;
  b.put('f', 'y');
  const c = new TreeDevice('c');
  exchange(a, b, c);
  const [, conflict = ''] = a.list() ?? [];
  remove(a, conflict);
  t.deepEqual(a.list(), ['f']);
  t.is(a.read('f'), 'y');
  rename(c, conflict, 'g');
  t.deepEqual(c.list(), ['f', 'g']);
  t.is(c.read('g'), 'x');
});

test('of three concurrent versions one can be removed and the other two stay', (t) => {
  const [a, b] = pair();
  const c = new TreeDevice('c');
  a.put('f', 'base');
  exchange(a, b, c);
  for (const device of [a, b, c]) device.put('f', `by ${device.id.slice(0, 1)}`);
  exchange(a, b, c);
  const rows = a.list() ?? [];
  t.is(rows.length, 3);
  const removed = a.read(rows[1] ?? '');
  remove(a, rows[1] ?? '');
  exchange(a, b, c);
  const left = (c.list() ?? []).map((name) => c.read(name)).sort();
  t.deepEqual(
    left,
    ['by a', 'by b', 'by c'].filter((text) => text !== removed),
  );
});

test('two devices that save by renaming a temporary file make a conflict, not two strangers', (t) => {
  const [a, b] = pair();
  a.put('f', 'base');
  b.hear(a);
  b.nowMs += 600_000;
  for (const device of [a, b]) {
    device.put('tmp', `saved by ${device.id.slice(0, 1)}`);
    rename(device, 'tmp', 'f');
    t.deepEqual(device.list(), ['f']);
  }
  exchange(a, b);
  t.is(a.list()?.length, 2);
  t.is(a.read('f'), 'saved by b');
  t.deepEqual(a.list(), b.list());
});

test('of one history the latest version keeps the name, also when its node has the higher id', (t) => {
  const [a, b] = pair();
  a.put('f', 'base');
  b.hear(a);
  a.put('tmp', 'lower id, earlier');
  rename(a, 'tmp', 'f');
  b.nowMs += 600_000;
  b.put('tmp', 'higher id, later');
  rename(b, 'tmp', 'f');
  exchange(a, b);
  t.is(a.read('f'), 'higher id, later');
});

test('of strangers with one name the lowest node id keeps it', (t) => {
  const [a, b] = pair();
  a.put('f.txt', 'lower id');
  b.nowMs += 600_000;
  b.put('f.txt', 'higher id');
  exchange(a, b);
  t.is(a.read('f.txt'), 'lower id');
  t.is(a.list()?.length, 2);
});

test('a conflict name never shadows a real entry', (t) => {
  const [a, b] = pair();
  a.put('f', 'one');
  b.put('f', 'two');
  exchange(a, b);
  const [, conflict = ''] = a.list() ?? [];
  a.put('other', 'real');
  rename(a, 'other', conflict);
  // The row that had the name makes way for the rename; a third stranger wants it again.
  t.is(a.read(conflict), 'real');
  b.makeDirectory(conflict);
  exchange(a, b);
  t.is(a.at(conflict).node.kind, 'directory');
  t.deepEqual(a.list(), b.list());
  t.true((a.list() ?? []).length >= 3);
});

test('a directory keeps its name against a file', (t) => {
  const [a, b] = pair();
  a.put('x', 'file');
  b.makeDirectory('x');
  exchange(a, b);
  t.is(a.at('x').node.kind, 'directory');
  t.is(a.list()?.length, 2);
});

test('hard links show one content, and unlinking one leaves the other', (t) => {
  const [a, b] = pair();
  a.put('f', 'text');
  const ids = { newEntry: nextId() as EntryId, healedEntry: nextId() as EntryId };
  a.say(linkOps(a.tree, { view: a.at('f'), parent: rootNodeId, name: Buffer.from('g'), ...ids }));
  t.is(a.at('g').node.links, 2);
  a.put('g', 'new text');
  t.is(a.read('f'), 'new text');
  remove(a, 'f');
  exchange(a, b);
  t.deepEqual(b.list(), ['g']);
  t.is(b.at('g').node.links, 1);
});

test('linking a file that is shown again after its deletion keeps both names', (t) => {
  const [a, b] = pair();
  a.put('f', 'base');
  b.hear(a);
  remove(a, 'f');
  b.put('f', 'edited');
  exchange(a, b);
  const ids = { newEntry: nextId() as EntryId, healedEntry: nextId() as EntryId };
  a.say(linkOps(a.tree, { view: a.at('f'), parent: rootNodeId, name: Buffer.from('g'), ...ids }));
  t.deepEqual(a.list(), ['f', 'g']);
});

test('an attribute operation beats what it names whatever the stamps, for each key by itself', (t) => {
  const [a, b] = pair();
  a.put('f', 'x');
  a.nowMs += 1e9;
  a.say([
    setAttributesOp(a.tree, a.at('f').node.id, {
      mode: 0o600,
      mtime: { seconds: 5, nanoseconds: 6 },
    }),
  ]);
  b.hear(a);
  b.say([
    setAttributesOp(b.tree, b.at('f').node.id, {
      mode: 0o640,
      xattrs: new Map([['user.x', Buffer.from('1')]]),
    }),
  ]);
  exchange(a, b);
  t.is(a.at('f').node.mode, 0o640);
  t.deepEqual(a.at('f').node.mtime, { seconds: 5, nanoseconds: 6 });
  t.deepEqual([...a.at('f').node.xattrs], [['user.x', Buffer.from('1')]]);
  t.is(a.at('f').version?.mode, 0o640);
});

test('a rename beats the position that it names whatever the stamps; concurrent ones go by stamp', (t) => {
  const [a, b] = pair();
  a.put('f', 'x');
  a.nowMs += 1e9;
  rename(a, 'f', 'g');
  b.hear(a);
  rename(b, 'g', 'h');
  exchange(a, b);
  t.deepEqual(a.list(), ['h']);
  rename(b, 'h', 'by-b');
  rename(a, 'h', 'by-a');
  exchange(a, b);
  t.deepEqual(b.list(), ['by-a']);
});
