import test from 'ava';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import { chunkStoreSuite } from '../../suites/chunk-store.ts';
import { journalStoreSuite } from '../../suites/journal-store.ts';

const open = () => Promise.resolve(createMemoryStore());

chunkStoreSuite(test, 'memory', open);
journalStoreSuite(test, 'memory', open);

test('what the store gave out is not its own memory', async (t) => {
  const store = createMemoryStore();
  const body = Buffer.from('mine');
  const id = (await import('../../suites/chunk-store.ts')).chunkOf('x').id;
  await store.chunks.write([{ id, body }]);
  (await store.chunks.read(id, { verify: false })).fill(0);
  t.deepEqual(await store.chunks.read(id, { verify: false }), Buffer.from('mine'));
});
