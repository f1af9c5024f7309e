import test from 'ava';
import { NodeTable } from '../../../fuse/session/node-table.ts';
import { Inode } from '../../../fuse/operations/inode.ts';
import type { NodeId } from '../../../fuse/operations/port.ts';

function inode(id: string): Inode {
  const mtime = { seconds: 0, nanoseconds: 0 };
  const node = id.padEnd(32, '0') as NodeId;
  return new Inode({ id: node, kind: 'file', mode: 0, mtime, xattrs: new Map(), links: 1 });
}

test('a node is gone when it was forgotten as often as it was told', (t) => {
  const table = new NodeTable(inode('00'));
  const one = inode('ab');
  const node = table.remember(one) ?? 0;
  t.is(table.remember(one), node);
  t.is(table.forget(node, 1), undefined);
  t.is(table.inode(node), one);
  t.is(table.forget(node, 1), one);
  t.is(table.inode(node), undefined);
  t.is(table.forget(1, 99), undefined, 'the root stays');
});

test('versions of one file have numbers of their own', (t) => {
  const table = new NodeTable(inode('00'));
  const [before, after] = [inode('cd'), inode('cd')];
  const first = table.remember(before);
  const second = table.remember(after);
  t.not(first, second);
  t.is(before.number, after.number);
  t.true(Number.isSafeInteger(second));
});
