import test from 'ava';
import { decodeUpdate } from '../../../protocol/messages/peer.ts';
import { peerMethods } from '../../../protocol/methods.ts';
import type { CallHandler, CallStream } from '../../../protocol/rpc/rpc.ts';
import { boundStream } from '../../helpers/bound-stream.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';
import { sameEverywhere, startFleet } from '../../helpers/replication-fleet.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';

test('Three devices have the same journals and chunks a few seconds after everybody wrote', async (t) => {
  const fleet = await startFleet('three', 3);
  const random = seededRandom('content');
  for (const node of fleet.nodes) {
    await node.write({
      chunks: [random.bytes(100_000), random.bytes(70_000)],
      small: [random.bytes(50)],
    });
  }
  await fleet.clock.advance(5_000);
  t.true(await sameEverywhere(fleet.nodes));
  for (const node of fleet.nodes) {
    t.is(node.replication.state().missingChunks, 0);
    t.is(node.replication.state().behindOps, 0);
    t.is(node.peers.peers().length, 2, 'gossip connected everybody');
    t.deepEqual(node.happened.misbehaved, []);
    t.is(node.happened.batches.length, 2);
    t.is(node.happened.chunks, 4);
  }
  await fleet.close();
});

test('A small record that the sender of its batch lacks is fetched from another device', async (t) => {
  const fleet = await startFleet('small', 2);
  const [a, b] = fleet.nodes;
  const body = seededRandom('content').bytes(300);
  const { header } = await a!.write({ small: [body] });
  const { id } = header.smallRecords[0]!;
  await fleet.clock.advance(5_000);
  await b!.store.journals.collectSmall({
    ids: [id],
    isDead: () => true,
    deadFractionMin: 0,
    pace: () => Promise.resolve(),
  });
  fleet.network.partition('host-0', 'host-2');
  const c = await fleet.add({ identity: fleet.vault.admit('writer') });
  for (const node of [a!, b!]) await node.learn(fleet.vault.log.all());
  await fleet.introduce(c, b!);
  t.true(await fleet.clock.until(() => c.happened.batches.length === 1, 60_000));
  await fleet.clock.advance(2_000);
  t.is(c.replication.state().missingChunks, 1);
  t.false(c.store.chunks.has(id));
  fleet.network.heal();
  await fleet.introduce(c, a!);
  t.true(await fleet.clock.until(() => c.store.chunks.has(id), 90_000));
  t.true((await c.store.chunks.read(id)).equals(body));
  t.is(c.replication.state().missingChunks, 0);
  for (const { happened } of fleet.nodes) t.deepEqual(happened.misbehaved, []);
  await fleet.close();
});

test('What was written on both sides of a partition is everywhere after it heals', async (t) => {
  const fleet = await startFleet('partition', 3);
  const [a, b, c] = fleet.nodes;
  const random = seededRandom('content');
  await fleet.clock.advance(3_000);
  fleet.network.partition('host-0', 'host-1');
  fleet.network.partition('host-0', 'host-2');
  await a!.write({ chunks: [random.bytes(80_000)] });
  await b!.write({ chunks: [random.bytes(90_000)] });
  await c!.write({ chunks: [random.bytes(100_000)] });
  await fleet.clock.advance(120_000);
  t.false(await sameEverywhere(fleet.nodes));
  t.true(await sameEverywhere([b!, c!]), 'the larger side went on');
  t.is(a!.peers.peers().length, 0, 'the dead connections were noticed');
  fleet.network.heal();
  t.true(
    await fleet.clock.until(() => a!.happened.chunks === 2 && c!.happened.chunks === 2, 90_000),
  );
  t.true(await sameEverywhere(fleet.nodes));
  await fleet.close();
});

test('A device that was away catches up, and is not sent again what it has', async (t) => {
  const fleet = await startFleet('away', 2);
  const [a] = fleet.nodes;
  const random = seededRandom('content');
  for (let batch = 0; batch < 5; batch += 1) await a!.write({ chunks: [random.bytes(70_000)] });
  await fleet.clock.advance(5_000);
  const away = fleet.nodes[1]!;
  const closing = away.close();
  await fleet.clock.advance(5_000);
  await closing;
  for (let batch = 0; batch < 3; batch += 1) await a!.write({ chunks: [random.bytes(70_000)] });
  const back = await fleet.add({
    identity: away.identity,
    store: away.store,
    host: 'host-1',
    port: 7500,
  });
  await fleet.introduce(back, a!);
  await fleet.clock.advance(5_000);
  t.true(await sameEverywhere([a!, back]));
  t.is(back.happened.batches.length, 3);
  t.is(back.happened.chunks, 3);
  await fleet.close();
});

test('A transfer that is interrupted again and again ends, without fetching stored chunks twice', async (t) => {
  const fleet = await startFleet('interrupted', 2);
  const [a, b] = fleet.nodes;
  fleet.network.link('host-0', 'host-1', { delayMs: 5, bytesPerSecond: 4_000_000 });
  const random = seededRandom('content');
  const count = 120;
  await a!.write({ chunks: Array.from({ length: count }, () => random.bytes(100_000)) });
  let served = 0;
  for (let round = 0; round < 100 && b!.happened.chunks < count; round += 1) {
    await fleet.clock.advance(1_200);
    const rows = a!.replication.state().transfers.filter(({ direction }) => direction === 'out');
    served += rows.reduce((sum, row) => sum + row.chunksDone, 0);
    fleet.network.breakConnections('host-0', 'host-1');
  }
  t.is(b!.happened.chunks, count);
  t.true(await sameEverywhere([a!, b!]));
  // What was on its way when the line broke is asked for again; a window is a few MiB.
  t.true(served < count * 3, `${String(served)} chunks were sent for ${String(count)}`);
  await fleet.close();
});

test('After a restart the want list is derived from the journals, and only what lacks is fetched', async (t) => {
  const fleet = await startFleet('derived', 1);
  const [a] = fleet.nodes;
  const random = seededRandom('content');
  const bodies = Array.from({ length: 6 }, () => random.bytes(70_000));
  await a!.write({ chunks: bodies });
  const store = createMemoryStore();
  const batches = [];
  for await (const batch of a!.store.journals.read(a!.journal, 0)) batches.push(batch);
  await store.journals.append(batches);
  for await (const { id } of a!.store.chunks.list()) {
    if ((await store.chunks.write([])).chunks === 0 && store.report().chunks < 4) {
      await store.chunks.write([{ id, body: await a!.store.chunks.read(id) }]);
    }
  }
  const identity = fleet.vault.admit('writer');
  await a!.learn(fleet.vault.log.all());
  const late = await fleet.add({ identity, store, statements: fleet.vault.log.all() });
  await late.replication.ready;
  t.is(late.replication.state().missingChunks, 2);
  t.is(late.replication.state().missingBytes, 140_000);
  await fleet.introduce(late, a!);
  await fleet.clock.advance(3_000);
  t.is(late.replication.state().missingChunks, 0);
  t.is(late.happened.chunks, 2);
  t.is(late.happened.batches.length, 0);
  await fleet.close();
});

test('Statements reach everybody, and a new member is let in where it never was', async (t) => {
  const fleet = await startFleet('newcomer', 3);
  const [a, , c] = fleet.nodes;
  await fleet.clock.advance(3_000);
  const identity = fleet.vault.admit('writer');
  await a!.learn(fleet.vault.log.all());
  await fleet.clock.advance(2_000);
  t.true(c!.membership().members.has(identity.device));
  const newcomer = await fleet.add({ identity, statements: fleet.vault.log.all() });
  await fleet.introduce(newcomer, c!);
  await newcomer.write({ chunks: [seededRandom('x').bytes(70_000)] });
  await fleet.clock.advance(5_000);
  t.true(await sameEverywhere(fleet.nodes));
  t.is(newcomer.peers.peers().length, 3);
  await fleet.close();
});

test('A write of one device is sent to each other device about once, not once per path', async (t) => {
  let sent = 0;
  const counting =
    (_peer: unknown, honest: CallHandler): CallHandler =>
    (call) => {
      const stream: CallStream = {
        ...boundStream(call.stream),
        sendMessage: (bytes) => {
          if (call.method === peerMethods.subscribe && decodeUpdate(bytes).type === 'batch')
            sent += 1;
          return call.stream.sendMessage(bytes);
        },
      };
      return honest({ ...call, stream });
    };
  const fleet = await startFleet('relay', 4, () => ({ corrupt: counting }));
  const [a, ...others] = fleet.nodes;
  await fleet.clock.advance(5_000);
  for (let batch = 0; batch < 40; batch += 1) {
    await a!.write({ small: [seededRandom(batch).bytes(100)] });
    await fleet.clock.advance(100);
  }
  await fleet.clock.advance(3_000);
  for (const node of others) t.is(node.happened.batches.length, 40);
  t.true(sent >= 120 && sent < 180, `${String(sent)} batches were sent where 120 had to be`);
  await fleet.close();
});

test('The same seed gives the same run', async (t) => {
  const run = async (): Promise<string> => {
    const fleet = await startFleet('replay', 3);
    fleet.network.link('host-0', 'host-1', { delayMs: 3, jitterMs: 20 });
    const trace: string[] = [];
    for (const node of fleet.nodes)
      await node.write({ chunks: [seededRandom(node.device).bytes(70_000)] });
    for (let step = 0; step < 40; step += 1) {
      await fleet.clock.advance(50);
      trace.push(
        fleet.nodes
          .map(({ happened }) => `${String(happened.chunks)}/${String(happened.batches.length)}`)
          .join(' '),
      );
    }
    await fleet.close();
    return trace.join('\n');
  };
  t.is(await run(), await run());
});

test('A device whose home is a fresh copy keeps its address book', async (t) => {
  const fleet = await startFleet('book', 2);
  const disk = memoryDisk();
  const identity = fleet.vault.admit('writer');
  await fleet.nodes[0]!.learn(fleet.vault.log.all());
  const node = await fleet.add({ identity, disk, statements: fleet.vault.log.all() });
  await fleet.introduce(node, fleet.nodes[0]!);
  await fleet.clock.advance(5_000);
  t.is(node.peers.peers().length, 2);
  const closing = node.close();
  await fleet.clock.advance(3_000);
  await closing;
  const again = await fleet.add({ identity, disk, statements: fleet.vault.log.all(), port: 7600 });
  await fleet.clock.advance(3_000);
  t.is(again.peers.peers().length, 2, 'it found both without being told');
  await fleet.close();
});
