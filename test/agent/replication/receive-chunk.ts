import test from 'ava';
import { openChunkDoor, type ChunkDoor } from '../../../agent/replication/receive-chunk.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import type { ChunkStore } from '../../../agent/store/store.ts';
import { VaultError, isVaultError } from '../../../protocol/errors.ts';
import type { ChunkId } from '../../../protocol/ids.ts';
import { chunk as limits } from '../../../protocol/limits.ts';
import { SimClock } from '../../simulation/world/sim-clock.ts';
import { chunkOf } from '../../helpers/replication-node.ts';

interface Bench {
  readonly door: ChunkDoor;
  readonly clock: SimClock;
  readonly durable: ChunkId[];
  readonly lost: ChunkId[];
  readonly counts: { writes: number; commits: number };
  readonly store: ChunkStore;
}

function bench(faults: { write?: VaultError; commit?: VaultError } = {}): Bench {
  const clock = new SimClock();
  const real = createMemoryStore().chunks;
  const counts = { writes: 0, commits: 0 };
  const store: ChunkStore = {
    ...real,
    has: (id) => faults.commit === undefined && real.has(id),
    write: async (chunks) => {
      counts.writes += 1;
      await Promise.resolve();
      if (faults.write !== undefined) throw faults.write;
      return real.write(chunks);
    },
    commit: async () => {
      counts.commits += 1;
      if (faults.commit !== undefined) throw faults.commit;
      await real.commit();
    },
  };
  const durable: ChunkId[] = [];
  const lost: ChunkId[] = [];
  const door = openChunkDoor(
    { store, clock },
    { onDurable: (ids) => durable.push(...ids), onLost: (ids) => lost.push(...ids) },
  );
  return { door, clock, durable, lost, counts, store: real };
}

test('Many chunks that arrive together are one or two writes and one commit', async (t) => {
  const { door, clock, durable, counts } = bench();
  const chunks = Array.from({ length: 50 }, (_, index) => chunkOf(Buffer.alloc(1_000, index)));
  await Promise.all(chunks.map(({ id, body }) => door.accept(id, Buffer.from(body))));
  t.true(counts.writes <= 2, String(counts.writes));
  t.deepEqual(durable, [], 'written is not durable');
  await clock.advance(199);
  t.is(counts.commits, 0);
  await clock.advance(1);
  t.is(counts.commits, 1);
  t.is(durable.length, 50);
});

test('When nothing more is expected, little data is committed after a moment, once', async (t) => {
  const { door, clock, durable, counts } = bench();
  door.commitSoon();
  await clock.advance(50);
  t.is(counts.commits, 0, 'nothing was written');
  for (let index = 0; index < 3; index += 1) {
    const { id, body } = chunkOf(Buffer.alloc(10, index));
    await door.accept(id, Buffer.from(body));
    door.commitSoon();
    await clock.advance(3);
  }
  t.is(counts.commits, 0);
  await clock.advance(1);
  t.is(counts.commits, 1);
  t.is(durable.length, 3);
  await clock.advance(500);
  t.is(counts.commits, 1);
});

test('Much data does not wait for the timer', async (t) => {
  const { door, clock, durable, counts } = bench();
  for (let index = 0; index < 60; index += 1) {
    const { id, body } = chunkOf(Buffer.alloc(1024 * 1024, index));
    await door.accept(id, Buffer.from(body));
  }
  await clock.advance(0);
  t.is(counts.commits, 1);
  t.is(durable.length, 48);
});

test('A body that is not that of its id, or longer than any, does not reach the store', async (t) => {
  const { door, counts } = bench();
  const { id, body } = chunkOf(Buffer.from('right'));
  for (const wrong of [
    Buffer.from('wrong'),
    Buffer.alloc(0),
    Buffer.concat([body, Buffer.from([0])]),
  ]) {
    t.true(isVaultError(await t.throwsAsync(door.accept(id, wrong)), 'peer-misbehaved'));
  }
  const long = chunkOf(Buffer.alloc(limits.sealedBytesMax + 1));
  t.true(
    isVaultError(
      await t.throwsAsync(door.accept(long.id, Buffer.from(long.body))),
      'peer-misbehaved',
    ),
  );
  t.is(counts.writes, 0);
  const longest = chunkOf(Buffer.alloc(limits.sealedBytesMax));
  await t.notThrowsAsync(door.accept(longest.id, Buffer.from(longest.body)));
});

test('A full disk is told to everybody who waits, and the door goes on', async (t) => {
  const faults: { write?: VaultError } = { write: new VaultError('disk-full', { op: 'test' }) };
  const { door, clock, durable } = bench(faults);
  const { id, body } = chunkOf(Buffer.from('x'));
  const both = [door.accept(id, Buffer.from(body)), door.accept(id, Buffer.from(body))];
  for (const one of both) t.true(isVaultError(await t.throwsAsync(one), 'disk-full'));
  delete faults.write;
  await door.accept(id, Buffer.from(body));
  await clock.advance(200);
  t.deepEqual(durable, [id]);
});

test('What a failed commit lost is said to be lost, never durable', async (t) => {
  const { door, clock, durable, lost } = bench({ commit: new VaultError('io', { op: 'test' }) });
  const { id, body } = chunkOf(Buffer.from('x'));
  await door.accept(id, Buffer.from(body));
  await clock.advance(200);
  t.deepEqual(durable, []);
  t.deepEqual(lost, [id]);
});
