import test from 'ava';
import { removeTreeOps, renameOp } from '../../../agent/namespace/author.ts';
import { trashBelow } from '../../../agent/vault/trash.ts';
import { undelete } from '../../../agent/vault/undelete.ts';
import { rootNodeId } from '../../../protocol/ids.ts';
import { pastOf, writing } from '../../helpers/past.ts';
import { exchange, TreeDevice } from '../../helpers/tree-device.ts';

const pathOf = (text: string): Buffer[] =>
  text === '' ? [] : text.split('/').map((part) => Buffer.from(part));
const remove = (device: TreeDevice, path: string): void => {
  device.say(removeTreeOps(device.tree, device.at(path)));
};

async function told(device: TreeDevice, all: readonly TreeDevice[], path = ''): Promise<string[]> {
  const rows: string[] = [];
  for await (const { path: at, kind, size, entries, author } of trashBelow(
    pastOf(device, all),
    pathOf(path),
  )) {
    rows.push(`${at.toString()} ${kind} ${String(size)} bytes, ${String(entries)}, ${author}`);
  }
  return rows;
}

test('files by themselves, a directory as one, the latest first', async (t) => {
  const a = new TreeDevice('a');
  const b = new TreeDevice('b');
  a.makeDirectory('docs');
  a.makeDirectory('docs/deep');
  for (const path of ['docs/earlier', 'docs/2', 'docs/deep/3', 'x']) a.put(path, 'four');
  remove(a, 'docs/earlier');
  exchange(a, b);
  b.nowMs = a.nowMs + 60_000;
  remove(b, 'docs');
  remove(b, 'x');
  exchange(a, b);
  t.deepEqual(await told(a, [a, b]), [
    'x file 4 bytes, 1, dev-b',
    'docs directory 8 bytes, 4, dev-b',
  ]);
  // In the directory, which is gone itself.
  t.deepEqual(await told(a, [a, b], 'docs'), [
    'docs/deep directory 4 bytes, 2, dev-b',
    'docs/2 file 4 bytes, 1, dev-b',
    'docs/earlier file 4 bytes, 1, dev-a',
  ]);
});

test('what came back, was moved, or made way for another file is not in it', async (t) => {
  const a = new TreeDevice('a');
  for (const path of ['back', 'moved', 'old', 'new']) a.put(path, path);
  remove(a, 'back');
  a.say(renameOp(a.tree, a.at('moved'), { parent: rootNodeId, name: Buffer.from('elsewhere') }));
  a.say(renameOp(a.tree, a.at('new'), { parent: rootNodeId, name: Buffer.from('old') }));
  t.deepEqual(await told(a, [a]), ['back file 4 bytes, 1, dev-a']);
  await undelete(writing(a).parts, {
    path: pathOf('back'),
    version: undefined,
    destination: undefined,
  });
  t.deepEqual(await told(a, [a]), []);
});

test('what was deleted in a directory that is there is listed by it and by those above', async (t) => {
  const a = new TreeDevice('a');
  a.makeDirectory('docs');
  a.put('docs/1', '1');
  a.put('2', '2');
  remove(a, 'docs/1');
  remove(a, '2');
  t.deepEqual(await told(a, [a], 'docs'), ['docs/1 file 1 bytes, 1, dev-a']);
  t.is((await told(a, [a])).length, 2);
  await t.throwsAsync(told(a, [a], 'never'), { code: 'not-found' });
});
