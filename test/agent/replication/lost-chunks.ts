import test from 'ava';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import type { Store } from '../../../agent/store/store.ts';
import type { JournalId } from '../../../protocol/ids.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { peerMethods } from '../../../protocol/methods.ts';
import { startFleet, type FleetNode } from '../../helpers/replication-fleet.ts';
import { chunkOf, type TestNode } from '../../helpers/replication-node.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const random = seededRandom('lost chunks');

/** A store whose losses the node hears of, as in the agent. */
function tellingStore(node: () => TestNode | undefined): Store {
  return createMemoryStore(({ chunk }) => {
    if (chunk !== undefined) node()?.replication.chunkLost(chunk);
  });
}

/** Gives no chunk away while `closed.shop` says so. */
function shopkeeper(closed: { shop: boolean }): FleetNode['corrupt'] {
  return (_peer, honest) => (call) =>
    closed.shop && call.method === peerMethods.fetch
      ? Promise.reject(new VaultError('overload', { op: 'test' }))
      : honest(call);
}

/** Up to which batch of a journal `of` has every chunk, as `as` was told. */
function completeOf(of: TestNode, as: TestNode, journal: JournalId): number | undefined {
  return as.replication.state().holdings.get(of.device)?.complete.get(journal);
}

test('A damaged chunk is not announced, is fetched again at once, and is announced again', async (t) => {
  const closed = { shop: false };
  const nodes: (TestNode | undefined)[] = [];
  const fleet = await startFleet('lost', 3, (index) => ({
    store: tellingStore(() => nodes[index]),
    corrupt: shopkeeper(closed)!,
  }));
  nodes.push(...fleet.nodes);
  const [a, b, c] = fleet.nodes;
  const bodies = Array.from({ length: 9 }, () => random.bytes(70_000));
  for (let batch = 0; batch < 3; batch += 1) {
    await a!.write({ chunks: bodies.slice(batch * 3, batch * 3 + 3) });
  }
  t.true(await fleet.clock.until(() => c!.happened.chunks === 9 && b!.happened.chunks === 9, 9e3));
  await fleet.clock.advance(2_000);
  t.is(completeOf(b!, c!, a!.journal), 3);

  closed.shop = true;
  const { id, body } = chunkOf(bodies[4]!);
  await b!.store.chunks.quarantine(id, 'a test says so');
  t.like(b!.replication.state(), { missingChunks: 1, missingBytes: body.length });
  await fleet.clock.advance(1_500);
  t.is(completeOf(b!, c!, a!.journal), 1, 'only what comes before the batch that names it');
  t.is(completeOf(b!, a!, a!.journal), 1);
  const { damaged } = b!.replication.state();
  t.like(damaged, { chunks: 1, bytes: body.length, nowhere: 0 });
  t.deepEqual([...damaged.from].sort(), [a!.device, c!.device].sort());

  // Somebody new gets everything, although one of those that it asks lacks a chunk.
  const identity = fleet.vault.admit('writer');
  await a!.learn(fleet.vault.log.all());
  closed.shop = false;
  t.true(await fleet.clock.until(() => b!.replication.state().missingChunks === 0, 20_000));
  t.true((await b!.store.chunks.read(id)).equals(body));
  t.is(b!.replication.state().damaged.chunks, 0);
  t.is(b!.happened.mended, 1);
  await fleet.clock.advance(1_000);
  t.is(completeOf(b!, c!, a!.journal), 3);
  const late = await fleet.add({ identity, statements: fleet.vault.log.all() });
  await fleet.introduce(late, b!);
  t.true(await fleet.clock.until(() => late.happened.chunks === 9, 20_000));
  for (const node of fleet.nodes) t.deepEqual(node.happened.misbehaved, []);
  await fleet.close();
});

test('Others plan around a device that lost a chunk', async (t) => {
  const nodes: (TestNode | undefined)[] = [];
  const fleet = await startFleet('around', 2, (index) => ({
    store: tellingStore(() => nodes[index]),
  }));
  nodes.push(...fleet.nodes);
  const [a, b] = fleet.nodes;
  const bodies = Array.from({ length: 6 }, () => random.bytes(70_000));
  await a!.write({ chunks: bodies });
  t.true(await fleet.clock.until(() => b!.happened.chunks === 6, 9_000));
  const identity = fleet.vault.admit('writer');
  await a!.learn(fleet.vault.log.all());
  await fleet.clock.advance(2_000);
  fleet.network.partition('host-0', 'host-1');
  await fleet.clock.advance(60_000);
  await b!.store.chunks.quarantine(chunkOf(bodies[2]!).id, 'a test says so');
  t.like(b!.replication.state().damaged, { chunks: 1, from: [], nowhere: 1 });

  const late = await fleet.add({ identity, statements: fleet.vault.log.all() });
  fleet.network.partition('host-0', 'host-2');
  await fleet.introduce(late, b!);
  t.true(await fleet.clock.until(() => late.happened.chunks === 5, 20_000));
  await fleet.clock.advance(5_000);
  t.is(late.replication.state().missingChunks, 1);
  t.is(late.peers.peers().length, 1);
  t.is(completeOf(b!, late, a!.journal), 0);
  fleet.network.heal();
  t.true(
    await fleet.clock.until(
      () => [b!, late].every((node) => node.replication.state().missingChunks === 0),
      120_000,
    ),
  );
  for (const node of fleet.nodes) t.deepEqual(node.happened.misbehaved, []);
  await fleet.close();
});

test('What was damaged before a restart is still known as damaged, and mended', async (t) => {
  const nodes: (TestNode | undefined)[] = [];
  const fleet = await startFleet('restart', 2, (index) => ({
    store: tellingStore(() => nodes[index]),
  }));
  nodes.push(...fleet.nodes);
  const [a, b] = fleet.nodes;
  const bodies = Array.from({ length: 4 }, () => random.bytes(70_000));
  await a!.write({ chunks: bodies });
  t.true(await fleet.clock.until(() => b!.happened.chunks === 4, 9_000));
  const closing = b!.close();
  await fleet.clock.advance(5_000);
  await closing;
  nodes[1] = undefined;
  await b!.store.chunks.quarantine(chunkOf(bodies[1]!).id, 'a test says so');
  const { identity, store } = b!;
  const again = await fleet.add({ identity, store, host: 'host-1', port: 7500 });
  await again.replication.ready;
  t.like(again.replication.state().damaged, { chunks: 1, bytes: 70_000, nowhere: 1 });
  await fleet.introduce(again, a!);
  t.true(await fleet.clock.until(() => again.replication.state().missingChunks === 0, 20_000));
  t.is(again.replication.state().damaged.chunks, 0);
  t.is(again.happened.mended, 1);
  await fleet.close();
});

test('A damaged chunk that no journal names is not missed', async (t) => {
  const nodes: (TestNode | undefined)[] = [];
  const fleet = await startFleet('unnamed', 1, () => ({ store: tellingStore(() => nodes[0]) }));
  nodes.push(...fleet.nodes);
  const [a] = fleet.nodes;
  const stray = chunkOf(random.bytes(70_000));
  await a!.write({ chunks: [random.bytes(70_000)] });
  await a!.store.chunks.write([stray]);
  await a!.store.chunks.quarantine(stray.id, 'a test says so');
  t.is(a!.replication.state().missingChunks, 1);
  await fleet.clock.advance(1_000);
  t.is(a!.replication.state().missingChunks, 0);
  t.is(a!.replication.state().damaged.chunks, 0);
  await fleet.close();
});

test('Many that are lost one after the other, in many batches, shrink the announcement once and right', async (t) => {
  const closed = { shop: false };
  const nodes: (TestNode | undefined)[] = [];
  const fleet = await startFleet('many lost', 2, (index) => ({
    store: tellingStore(() => nodes[index]),
    corrupt: shopkeeper(closed)!,
  }));
  nodes.push(...fleet.nodes);
  const [a, b] = fleet.nodes;
  const bodies = Array.from({ length: 150 }, () => random.bytes(66_000));
  for (const body of bodies) await a!.write({ chunks: [body] });
  t.true(await fleet.clock.until(() => b!.happened.chunks === 150, 30_000));
  closed.shop = true;
  for (const at of [140, 60, 61, 100, 60]) {
    await b!.store.chunks.quarantine(chunkOf(bodies[at]!).id, 'a test says so');
    await fleet.clock.advance(30);
  }
  await a!.write();
  await fleet.clock.advance(3_000);
  t.is(completeOf(b!, a!, a!.journal), 60, 'batch 61 names chunk 60');
  t.is(b!.replication.state().damaged.chunks, 4);
  closed.shop = false;
  t.true(await fleet.clock.until(() => b!.replication.state().missingChunks === 0, 30_000));
  await fleet.clock.advance(1_000);
  t.is(completeOf(b!, a!, a!.journal), 151);
  await fleet.close();
});
