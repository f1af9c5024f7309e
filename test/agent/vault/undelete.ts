import test from 'ava';
import { removeTreeOps, renameOp } from '../../../agent/namespace/author.ts';
import { restore } from '../../../agent/vault/restore.ts';
import { undelete } from '../../../agent/vault/undelete.ts';
import { formatVersion } from '../../../agent/vault/version-id.ts';
import { rootNodeId } from '../../../protocol/ids.ts';
import { writing, type Writing } from '../../helpers/past.ts';
import { contentOf, exchange, TreeDevice } from '../../helpers/tree-device.ts';

const pathOf = (text: string): Buffer[] => text.split('/').map((part) => Buffer.from(part));
const versionOf = (device: TreeDevice, path: string): string =>
  formatVersion(device.at(path).version!.op);
const remove = (device: TreeDevice, path: string): void => {
  device.say(removeTreeOps(device.tree, device.at(path)));
};

const bringBack = (
  { parts }: Writing,
  path: string,
  more: { to?: string; version?: string } = {},
) =>
  undelete(parts, {
    path: pathOf(path),
    version: more.version,
    destination: more.to === undefined ? undefined : pathOf(more.to),
  });

test('a file comes back with its history: the same node, its chunks named again', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  a.put('x', 'two');
  const before = a.at('x');
  remove(a, 'x');
  const device = writing(a);
  const result = await bringBack(device, 'x');
  t.is(a.read('x'), 'two');
  t.is(a.at('x').node.id, before.node.id);
  t.deepEqual(result, { entries: 1, version: versionOf(a, 'x') });
  const content = contentOf('two');
  const chunk = content.type === 'chunk' ? content.chunk : undefined;
  t.deepEqual(device.publisher.contributions[0]?.chunksReused, [
    { id: chunk!.cid, length: chunk!.sealedLength },
  ]);
});

test('a file comes back at another place, and in another version, without a conflict', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  const first = versionOf(a, 'x');
  a.put('x', 'two');
  remove(a, 'x');
  a.put('x', 'another');
  await bringBack(writing(a), 'x', { to: 'y', version: first.slice(0, 8) });
  t.is(a.read('y'), 'one');
  t.is(a.read('x'), 'another');
  t.deepEqual(a.list(), ['x', 'y']);
});

test('a directory comes back as it was, without what was deleted from it before', async (t) => {
  const a = new TreeDevice('a');
  a.makeDirectory('docs');
  a.makeDirectory('docs/deep');
  for (const path of ['docs/1', 'docs/2', 'docs/deep/3']) a.put(path, path);
  remove(a, 'docs/1');
  a.nowMs += 60_000;
  remove(a, 'docs');
  t.is(a.find('docs'), undefined);
  const { entries } = await bringBack(writing(a), 'docs');
  t.is(entries, 4);
  t.deepEqual(a.list('docs'), ['2', 'deep']);
  t.is(a.read('docs/deep/3'), 'docs/deep/3');
  await bringBack(writing(a), 'docs/1');
  t.is(a.read('docs/1'), 'docs/1');
});

test('a directory comes back at another place, on every device', async (t) => {
  const a = new TreeDevice('a');
  const b = new TreeDevice('b');
  a.makeDirectory('docs');
  a.put('docs/1', 'one');
  remove(a, 'docs');
  a.makeDirectory('docs');
  exchange(a, b);
  await bringBack(writing(b, [a, b]), 'docs', { to: 'old' });
  exchange(a, b);
  t.deepEqual(a.list('old'), ['1']);
  t.deepEqual(a.list('docs'), []);
  t.is(a.read('old/1'), 'one');
});

test('a large directory comes back in several publications', async (t) => {
  const a = new TreeDevice('a');
  a.makeDirectory('docs');
  for (let at = 0; at < 600; at += 1) {
    a.put(`docs/${String(at)}`, String(at));
    a.nowMs -= 999;
  }
  remove(a, 'docs');
  const device = writing(a);
  await bringBack(device, 'docs');
  t.is(a.list('docs')?.length, 600);
  for (const { ops } of device.publisher.contributions) t.true(ops.length <= 256);
});

test('what came back elsewhere does not come back twice', async (t) => {
  const a = new TreeDevice('a');
  a.makeDirectory('docs');
  a.put('docs/1', 'one');
  a.put('docs/2', 'two');
  remove(a, 'docs');
  await bringBack(writing(a), 'docs/1', { to: '1' });
  const twice = await t.throwsAsync(bringBack(writing(a), 'docs/1', { to: 'again' }));
  t.like(twice, { code: 'not-found', next: 'it is now /1' });
  await bringBack(writing(a), 'docs');
  t.deepEqual(a.list('docs'), ['2']);
});

test('two deletions of one name: the later one comes back', async (t) => {
  const a = new TreeDevice('a');
  for (const text of ['one', 'two']) {
    a.put('x', text);
    remove(a, 'x');
  }
  await bringBack(writing(a), 'x');
  t.is(a.read('x'), 'two');
});

test('what cannot come back says why and what to do', async (t) => {
  const a = new TreeDevice('a');
  const docs = a.makeDirectory('docs');
  a.put('docs/1', 'one');
  a.put('x', 'one');
  a.put('y', 'one');
  a.say(renameOp(a.tree, a.at('y'), { parent: docs, name: Buffer.from('z') }));
  const live = await t.throwsAsync(bringBack(writing(a), 'x'));
  t.like(live, { code: 'exists', detail: 'it is there' });
  const moved = await t.throwsAsync(bringBack(writing(a), 'y'));
  t.like(moved, { code: 'not-found', next: 'it is now /docs/z' });
  const never = await t.throwsAsync(bringBack(writing(a), 'never'));
  t.like(never, { code: 'not-found', next: 'vault log / shows what was' });
  remove(a, 'docs');
  const above = await t.throwsAsync(bringBack(writing(a), 'docs/1'));
  t.like(above, { code: 'not-found', subject: '/docs' });
  t.regex((above as unknown as { next: string }).next, /vault undelete \/docs/);
  const taken = await t.throwsAsync(bringBack(writing(a), 'docs', { to: 'x' }));
  t.like(taken, { code: 'exists', subject: '/x' });
  const version = await t.throwsAsync(bringBack(writing(a), 'docs', { version: 'abcd' }));
  t.like(version, { code: 'is-directory' });
});

test('an earlier version is restored as a new one', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  const first = versionOf(a, 'x');
  a.put('x', 'two');
  const device = writing(a);
  const path = pathOf('x');
  const result = await restore(device.parts, { path, version: first, destination: undefined });
  t.is(a.read('x'), 'one');
  t.not(versionOf(a, 'x'), first);
  t.is(result.version, versionOf(a, 'x'));
  t.is(device.publisher.contributions[0]?.chunksReused?.length, 1);
  t.deepEqual(a.list(), ['x']);
});

test('restored elsewhere it is a copy; what is shown already costs nothing', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  const first = versionOf(a, 'x');
  a.put('x', 'two');
  const device = writing(a);
  await restore(device.parts, { path: pathOf('x'), version: first, destination: pathOf('copy') });
  t.deepEqual([a.read('x'), a.read('copy')], ['two', 'one']);
  const version = versionOf(a, 'x');
  const nothing = await restore(device.parts, {
    path: pathOf('x'),
    version,
    destination: undefined,
  });
  t.deepEqual(nothing, { entries: 0, version });
});

test('a version of a deleted file is restored where the file was', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  const first = versionOf(a, 'x');
  a.put('x', 'two');
  remove(a, 'x');
  const device = writing(a);
  await restore(device.parts, { path: pathOf('x'), version: first, destination: undefined });
  t.is(a.read('x'), 'one');
  t.is(a.tree.list(rootNodeId)?.length, 1);
});
