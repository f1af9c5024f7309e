import test from 'ava';
import { Inode } from '../../../fuse/operations/inode.ts';
import { PendingNames } from '../../../fuse/operations/names.ts';
import type { NodeId } from '../../../fuse/operations/port.ts';

const parent = 'p' as NodeId;
const place = { parent, name: Buffer.from('n') };
const mtime = { seconds: 0, nanoseconds: 0 };
const one = new Inode({
  id: '1'.repeat(32) as NodeId,
  kind: 'file',
  mode: 0,
  mtime,
  xattrs: new Map(),
  links: 1,
});

test('the latest claim on a name counts, and then the one before it', (t) => {
  const names = new PendingNames();
  const removed = names.set(place, undefined);
  const made = names.set(place, one);
  t.is(names.get(parent, place.name)?.inode, one);
  names.release(made);
  t.true(names.has(parent, place.name));
  t.is(names.get(parent, place.name)?.inode, undefined);
  names.release(removed);
  t.false(names.has(parent, place.name));
});

test('an earlier claim that ends leaves the later one', (t) => {
  const names = new PendingNames();
  const removed = names.set(place, undefined);
  names.set(place, one);
  names.release(removed);
  t.deepEqual(
    [...names.in(parent)].map(({ inode }) => inode),
    [one],
  );
});
