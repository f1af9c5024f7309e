import test from 'ava';
import type { Replication } from '../../../agent/replication/replication.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import type { Store } from '../../../agent/store/store.ts';
import { readSealed, type SourceParts } from '../../../agent/vault/chunk-source.ts';
import { VaultError, type ErrorCode } from '../../../protocol/errors.ts';
import { byteStreamOf } from '../../helpers/byte-stream-of.ts';
import { sealAlone } from '../../helpers/chunk-keys.ts';

const { ref, body } = sealAlone(byteStreamOf('a chunk', 1000), 'content');

/** A store whose reads of the chunk fail, and other devices that give this. */
async function failing(read: ErrorCode, others: Buffer | ErrorCode): Promise<SourceParts> {
  const store = createMemoryStore();
  await store.chunks.write([{ id: ref.cid, body }]);
  const chunks: Store['chunks'] = {
    ...store.chunks,
    readLent: () => Promise.reject(new VaultError(read, { op: 'chunks.read', detail: 'a flip' })),
  };
  const fetch: Replication['fetch'] = () =>
    typeof others === 'string'
      ? Promise.reject(new VaultError(others, { op: 'replication.fetch' }))
      : Promise.resolve({ bytes: others, release: () => undefined });
  return { store: { ...store, chunks }, replication: { fetch } as Replication };
}

test('what is damaged here comes from another device', async (t) => {
  const { bytes } = await readSealed(await failing('damaged', body), ref);
  t.true(body.equals(bytes));
});

test('where nobody else has it, it is damaged, wherever in the record that showed', async (t) => {
  for (const others of ['chunk-missing', 'peer-unreachable', 'timeout'] as const) {
    await t.throwsAsync(readSealed(await failing('damaged', others), ref), { code: 'damaged' });
  }
});

test('whoever gives the read up is told so', async (t) => {
  const reading = readSealed(await failing('damaged', 'cancelled'), ref);
  await t.throwsAsync(reading, { code: 'cancelled' });
});

test('what went meanwhile is missing', async (t) => {
  const reading = readSealed(await failing('chunk-missing', 'chunk-missing'), ref);
  await t.throwsAsync(reading, { code: 'chunk-missing' });
});
