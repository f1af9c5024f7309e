import test from 'ava';
import { startFleet } from '../../helpers/replication-fleet.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';

const random = seededRandom('named bytes');

test('What another device lacks counts down to nothing, and grows while it is away', async (t) => {
  const fleet = await startFleet('lacked', 2);
  const [a, b] = fleet.nodes;
  t.deepEqual(await a!.replication.lackedBytes(), new Map(), 'nobody has said anything yet');
  await a!.write({ chunks: [random.bytes(100_000)], small: [random.bytes(500)] });
  await b!.write({ chunks: [random.bytes(70_000)] });
  await fleet.clock.advance(5_000);
  t.is((await a!.replication.lackedBytes()).get(b!.device), 0);
  t.is((await b!.replication.lackedBytes()).get(a!.device), 0);
  fleet.network.partition('host-0', 'host-1');
  await a!.write({ chunks: [random.bytes(80_000)] });
  await a!.write({ chunks: [random.bytes(90_000)], small: [random.bytes(1_000)] });
  await fleet.clock.advance(60_000);
  t.is(a!.peers.peers().length, 0);
  t.is((await a!.replication.lackedBytes()).get(b!.device), 171_000);
  t.is((await b!.replication.lackedBytes()).get(a!.device), 0, 'b knows nothing of it');
  fleet.network.heal();
  t.true(await fleet.clock.until(() => b!.happened.chunks === 3, 120_000));
  await fleet.clock.advance(1_000);
  t.is((await a!.replication.lackedBytes()).get(b!.device), 0);
  await fleet.close();
});

test('It is known after a restart as soon as the other one has said what it has', async (t) => {
  const fleet = await startFleet('lacked after', 1);
  const [a] = fleet.nodes;
  for (let batch = 0; batch < 3; batch += 1) await a!.write({ chunks: [random.bytes(70_000)] });
  const identity = fleet.vault.admit('writer');
  await a!.learn(fleet.vault.log.all());
  const b = await fleet.add({
    identity,
    statements: fleet.vault.log.all(),
    store: createMemoryStore(),
  });
  await fleet.introduce(b, a!);
  await fleet.clock.advance(5_000);
  const closing = a!.close();
  await fleet.clock.advance(5_000);
  await closing;
  const again = await fleet.add({
    identity: a!.identity,
    store: a!.store,
    statements: fleet.vault.log.all(),
    host: 'host-0',
    port: 7500,
  });
  await again.write({ chunks: [random.bytes(66_000)] });
  t.deepEqual(await again.replication.lackedBytes(), new Map());
  await fleet.introduce(b, again);
  t.true(await fleet.clock.until(() => b.happened.chunks === 4, 30_000));
  await fleet.clock.advance(1_000);
  t.is((await again.replication.lackedBytes()).get(b.device), 0);
  t.is(again.peers.peers()[0]?.agent, 'peervault');
  t.is(again.peers.book().find(({ device }) => device === b.device)?.agent, 'peervault');
  await fleet.close();
});
