import test from 'ava';
import type { ByteStream } from '../../../agent/ports.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { connections } from '../../../protocol/limits.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';
import { startFleet, type Fleet } from '../../helpers/replication-fleet.ts';
import type { TestNode } from '../../helpers/replication-node.ts';
import { smallVault } from '../../helpers/small-vault.ts';

function connected(a: TestNode, b: TestNode): boolean {
  const sees = (from: TestNode, to: TestNode): boolean =>
    from.peers.peers().some(({ device }) => device === to.device);
  return sees(a, b) && sees(b, a);
}

/** Ends a node and starts it again somewhere else, with what it had on its disk. */
async function move(
  fleet: Fleet,
  node: TestNode,
  to: { host: string; port: number; disk?: ReturnType<typeof memoryDisk>; beacon?: boolean },
): Promise<TestNode> {
  const closing = node.close();
  await fleet.clock.advance(5_000);
  await closing;
  return fleet.add({
    identity: node.identity,
    store: node.store,
    statements: fleet.vault.log.all(),
    host: to.host,
    port: to.port,
    ...(to.disk === undefined ? {} : { disk: to.disk }),
    peerOptions: { beacon: to.beacon ?? false },
  });
}

test('Two devices that both moved find each other through a third', async (t) => {
  const fleet = await startFleet('gossip', 3, () => ({ disk: memoryDisk() }));
  const [a, b, c] = fleet.nodes;
  await fleet.clock.advance(5_000);
  t.true(connected(b!, c!));
  const movedB = await move(fleet, b!, { host: 'host-1', port: 7501 });
  const movedC = await move(fleet, c!, { host: 'host-2', port: 7502 });
  await fleet.introduce(movedB, a!);
  await fleet.introduce(movedC, a!);
  await fleet.clock.advance(10_000);
  t.true(connected(movedB, movedC));
  await fleet.close();
});

test('Two devices that know no address of each other meet by beacon', async (t) => {
  const fleet = await startFleet('beacon', 1);
  const identity = fleet.vault.admit('writer');
  await fleet.nodes[0]!.learn(fleet.vault.log.all());
  const one = await fleet.add({
    identity,
    statements: fleet.vault.log.all(),
    peerOptions: { beacon: true },
  });
  const other = await move(fleet, fleet.nodes[0]!, { host: 'host-5', port: 7700, beacon: true });
  await fleet.clock.advance(40_000);
  t.true(connected(one, other));
  await fleet.close();
});

test('`peers add` is enough to find a device that moved, with and without its id', async (t) => {
  const fleet = await startFleet('add', 2);
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  const moved = await move(fleet, b!, { host: 'host-8', port: 7800 });
  await fleet.clock.advance(5_000);
  t.false(connected(a!, moved));
  await a!.peers.addAddress('host-8:7800');
  await fleet.clock.advance(2_000);
  t.true(connected(a!, moved));
  const row = a!.peers.book().find(({ device }) => device === moved.device);
  t.true(row?.addresses.includes('host-8:7800'), 'the address belongs to its device now');
  await fleet.close();
});

test('Everybody keeps one connection with everybody, also when all dial at once', async (t) => {
  const fleet = await startFleet('mesh', 5);
  const { nodes } = fleet;
  for (const node of nodes)
    for (const other of nodes) if (node !== other) await fleet.introduce(node, other);
  await fleet.clock.advance(10_000);
  for (const node of nodes) t.is(node.peers.peers().length, 4);
  const before = nodes.map(({ happened }) => happened.gone.length);
  await fleet.clock.advance(30_000);
  t.deepEqual(
    nodes.map(({ happened }) => happened.gone.length),
    before,
    'and nothing flaps',
  );
  await fleet.close();
});

test('A device that crashed and came back is connected at once, not when the old connection dies', async (t) => {
  const fleet = await startFleet('crashed', 2);
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(20_000);
  t.true(connected(a!, b!));
  fleet.network.crash('host-1');
  const again = await fleet.add({
    identity: b!.identity,
    host: 'host-1',
    port: 7420,
    statements: fleet.vault.log.all(),
  });
  await fleet.introduce(again, a!);
  await fleet.clock.advance(3_000);
  t.true(connected(a!, again));
  await fleet.close();
});

test('Connections that broke come back within seconds', async (t) => {
  const fleet = await startFleet('broken', 2);
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  for (let round = 0; round < 5; round += 1) {
    fleet.network.breakConnections('host-0', 'host-1');
    await fleet.clock.advance(2_500);
    t.true(connected(a!, b!), `round ${String(round)}`);
  }
  await fleet.close();
});

test('An address where nobody answers is tried more and more rarely, and says why', async (t) => {
  const fleet = await startFleet('nobody', 1);
  const [a] = fleet.nodes;
  await a!.peers.addAddress('nowhere:1');
  await fleet.clock.advance(60_000);
  const row = a!.peers.book().find(({ addresses }) => addresses.includes('nowhere:1'));
  t.regex(row?.lastError ?? '', /cannot be reached/);
  t.true((row?.nextAttemptMs ?? 0) > fleet.clock.nowMs());
  t.false(row?.online);
  await a!.peers.removeAddress('nowhere:1');
  t.deepEqual(a!.peers.book(), []);
  await fleet.close();
});

test('An address that nobody can dial is refused', async (t) => {
  const fleet = await startFleet('bad address', 1);
  for (const address of ['nowhere', 'host:0', ':7420', 'host:99999', 'a b:1']) {
    const error = await t.throwsAsync(fleet.nodes[0]!.peers.addAddress(address));
    t.true(isVaultError(error, 'usage'), address);
  }
  await fleet.close();
});

test('A member of another vault is refused and named', async (t) => {
  const fleet = await startFleet('ours', 1);
  const [a] = fleet.nodes;
  const other = smallVault('theirs');
  const stranger = await fleet.add({ identity: other.first, statements: other.log.all() });
  await stranger.peers.addAddress(a!.peers.listening);
  await fleet.clock.advance(5_000);
  t.is(a!.peers.peers().length, 0);
  t.is(stranger.peers.peers().length, 0);
  t.true(a!.happened.refused.length > 0);
  t.regex(a!.happened.refused[0]!.address, /^host-1:/);
  await fleet.close();
});

test('A device that is no member any more is told so and refused', async (t) => {
  const fleet = await startFleet('not yet', 1);
  const [a] = fleet.nodes;
  // It holds the member key, but the other side has not heard of it.
  const identity = fleet.vault.admit('writer');
  const stranger = await fleet.add({ identity, statements: fleet.vault.log.all() });
  await fleet.introduce(stranger, a!);
  await fleet.clock.advance(5_000);
  t.is(a!.peers.peers().length, 0);
  t.regex(a!.happened.refused[0]?.reason ?? '', /not a member/);
  await fleet.clock.advance(55_000);
  t.true(stranger.happened.gone.length < 12, `${String(stranger.happened.gone.length)} attempts`);
  await a!.learn(fleet.vault.log.all());
  await fleet.clock.advance(65_000);
  t.true(connected(a!, stranger), 'once it is a member it gets in');
  await fleet.close();
});

test('Connections that say nothing are few at a time, end soon, and do not keep members out', async (t) => {
  const fleet = await startFleet('half open', 2);
  const [a, b] = fleet.nodes;
  const attacker = fleet.network.host('attacker');
  const streams: ByteStream[] = [];
  const dial = async (): Promise<void> => {
    for (let count = 0; count < 40; count += 1) {
      streams.push(await attacker.dial(a!.peers.listening, { timeoutMs: 1_000 }));
    }
  };
  void dial();
  await fleet.clock.advance(1_000);
  t.is(streams.length, 40);
  let open = 40;
  for (const stream of streams) void stream.closed.then(() => (open -= 1));
  await fleet.clock.advance(100);
  t.true(open <= connections.halfOpenPerAddressMax, `${String(open)} are open`);
  t.true(a!.happened.refused.some(({ address }) => address.startsWith('attacker')));
  t.true(a!.happened.refused.length < 10, 'and the log is not flooded');
  await fleet.clock.advance(4_000);
  t.is(open, 0, 'the first byte has a deadline');
  t.true(connected(a!, b!));
  await fleet.close();
});

test('Goodbye is said when the set closes, so that the other side knows at once', async (t) => {
  const fleet = await startFleet('goodbye', 2);
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  const closing = b!.peers.close();
  await fleet.clock.advance(200);
  t.is(a!.peers.peers().length, 0);
  await fleet.clock.advance(3_000);
  await closing;
  await fleet.close();
});

test('A dropped device is not dialled again at once', async (t) => {
  const fleet = await startFleet('dropped', 2);
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  const dropping = a!.peers.drop(b!.device, 'protocol-error', 'a test says so');
  await fleet.clock.advance(10);
  t.is(a!.peers.peers().length, 0);
  await dropping;
  const row = a!.peers.book().find(({ device }) => device === b!.device);
  t.regex(row?.lastError ?? '', /a test says so/);
  t.true((row?.nextAttemptMs ?? 0) > fleet.clock.nowMs() + 20_000);
  await fleet.close();
});

test('After an hour a connection is renewed, and the device is never gone in between', async (t) => {
  const fleet = await startFleet('hour', 2);
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(5_000);
  const [first] = a!.peers.peers();
  let missing = 0;
  for (let minute = 0; minute < 65; minute += 1) {
    await fleet.clock.advance(60_000);
    if (!connected(a!, b!)) missing += 1;
  }
  t.is(missing, 0);
  t.not(a!.peers.peers()[0], first);
  t.is(b!.happened.gone.length, 1);
  t.regex(b!.happened.gone[0]!.reason, /newer connection/);
  await fleet.close();
});

test('A second listener on one port is refused with what to do', async (t) => {
  const fleet = await startFleet('port', 1);
  const error = await t.throwsAsync(
    fleet.add({ identity: fleet.vault.device(), host: 'host-0', port: 7420 }),
  );
  t.true(isVaultError(error, 'port-in-use'));
  await fleet.close();
});
