/** What a log can still say of what was folded: names and kept versions, and no more than is known. */
import test from 'ava';
import { setAttributesOp, removeTreeOps, renameOp } from '../../../../agent/namespace/author.ts';
import type { FoldBase } from '../../../../agent/vault/fold/fold-base.ts';
import { FoldedPast } from '../../../../agent/vault/fold/folded-past.ts';
import { eventsOf } from '../../../../agent/vault/node-events.ts';
import type { Change } from '../../../../agent/history/history.types.ts';
import type { NodeId } from '../../../../protocol/ids.ts';
import { exchange, TreeDevice } from '../../../helpers/tree-device.ts';

async function toldOf({ tree }: TreeDevice, node: NodeId, since: readonly Change[] = []) {
  const base = { pastTree: () => Promise.resolve(tree) };
  const folded = await new FoldedPast(base as unknown as FoldBase).changesOf(node);
  const changes = [...folded, ...since].sort((a, b) => a.stamp.wallMs - b.stamp.wallMs);
  return eventsOf(changes, new Set([node])).map(
    ({ what, version, place }) =>
      `${what} ${place?.name.toString() ?? '?'} ${sizeText(version?.content)}`,
  );
}

const sizeText = (content: object | undefined): string =>
  content === undefined ? '-' : String('size' in content ? content.size : 0);

test('a file that is as it was made was created; of a later version nothing is made up', async (t) => {
  const a = new TreeDevice('a');
  a.put('made', 'one');
  t.deepEqual(await toldOf(a, a.at('made').node.id), ['created made 3']);
  a.put('made', 'three');
  t.deepEqual(await toldOf(a, a.at('made').node.id), ['folded made -', 'changed made 5']);
});

test('a version that is older than the name is shown under it', async (t) => {
  const a = new TreeDevice('a');
  a.put('old name', 'one');
  const { parent, node } = a.at('old name');
  a.say(renameOp(a.tree, a.at('old name'), { parent, name: Buffer.from('new name') }));
  t.deepEqual(await toldOf(a, node.id), ['changed new name 3', 'folded new name -']);
});

test('only versions that want one name are in conflict', async (t) => {
  const [a, b] = [new TreeDevice('a'), new TreeDevice('b')];
  a.put('both', 'one');
  exchange(a, b);
  a.put('both', 'by a');
  b.put('both', 'and by b');
  exchange(a, b);
  const { id } = a.at('both').node;
  const told = await toldOf(a, id);
  t.is(told.filter((text) => text.startsWith('conflict')).length, 1);
  t.is(told.length, 3);
});

test('what was deleted when it was folded is there, and comes back as undeleted', async (t) => {
  const a = new TreeDevice('a');
  const directory = a.makeDirectory('gone');
  a.say(removeTreeOps(a.tree, a.at('gone')));
  t.deepEqual(await toldOf(a, directory), ['folded gone -']);
  const back: Change = {
    op: { journal: a.journal, sequence: 9, index: 0 },
    author: a.id,
    stamp: { wallMs: a.nowMs + 1, counter: 0 },
    body: setAttributesOp(a.tree, directory, {}),
  };
  t.deepEqual(await toldOf(a, directory, [back]), ['folded gone -', 'undeleted gone -']);
  a.put('file', 'one');
  const { entry, parent, name, node } = a.at('file');
  a.say(removeTreeOps(a.tree, a.at('file')));
  const again: Change = {
    ...{ ...back, stamp: { wallMs: a.nowMs + 1, counter: 0 } },
    body: { type: 'link', entry, parent, name, node: node.id },
  };
  t.deepEqual(await toldOf(a, node.id, [again]), ['created file 3', 'undeleted file -']);
});
