import test from 'ava';
import { stateChunks } from '../../../../agent/namespace/state/state-chunks.ts';
import { contentOf, TreeDevice } from '../../../helpers/tree-device.ts';

test('every head names its chunk, also of what was removed; what was superseded does not', (t) => {
  const device = new TreeDevice('a');
  device.put('kept', 'one');
  device.put('kept', 'two');
  device.put('gone', 'three');
  const { entry, node } = device.at('gone');
  const heads = device.tree.headsOf(node.id);
  device.say([{ type: 'unlink', entry, node: node.id, heads }]);
  const found = [...stateChunks(device.tree)].flatMap((chunk) => (chunk ? [chunk] : []));
  const expected = ['two', 'three'].map((text) => {
    const content = contentOf(text);
    return content.type === 'chunk' ? content.chunk.cid : '';
  });
  t.deepEqual(found.map(({ id }) => String(id)).sort(), expected.sort());
  t.deepEqual(found.map(({ kind, length }) => `${kind} ${String(length)}`).sort(), [
    'chunk 19',
    'chunk 21',
  ]);
});
