/**
 * What random histories found once, as short stories of their own: whole agents, one fault each, in
 * virtual time.
 */
import test, { type ExecutionContext } from 'ava';
import { waitForConvergence } from './checkers/convergence.ts';
import { playApart } from './workload/apart.ts';
import { playAway } from './workload/away.ts';
import { Findings } from './workload/findings.ts';
import { getFile, listAll, putFiles } from './workload/calls.ts';
import { startCluster, type Cluster } from './world/cluster.ts';
import type { Device } from './world/device.ts';
import { World } from './world/world.ts';

const options = { nowMs: 1_795_000_000_000, pieceBytes: 64 * 1024 };

async function startPair(seed: string): Promise<Cluster & { a: Device; b: Device }> {
  const world = new World({ seed });
  const cluster = await startCluster(world, { devices: 2 });
  return { ...cluster, a: cluster.devices[0]!, b: cluster.devices[1]! };
}

async function converge(t: ExecutionContext, cluster: Cluster): Promise<void> {
  const findings = new Findings(() => cluster.world.clock.monotonicMs());
  await waitForConvergence(cluster, findings);
  t.deepEqual(findings.violations, []);
}

function store(cluster: Cluster, device: Device, path: string, text: string): Promise<unknown> {
  const file = { path, content: Buffer.from(text) };
  return cluster.world.run('put', putFiles(device.connect().client, [file], options), 60_000);
}

async function textAt(cluster: Cluster, device: Device, path: string): Promise<string> {
  const got = getFile(device.connect().client, path);
  return (await cluster.world.run('get', got, 60_000)).bytes.toString();
}

async function conflictOf(cluster: Cluster, device: Device): Promise<string> {
  const entries = await cluster.world.run('list', listAll(device.connect().client), 60_000);
  return entries.find(({ state }) => state === 'conflict')!.path.toString();
}

test('a disk that fails while the address book is read does not cost the addresses', async (t) => {
  const pair = await startPair('address book');
  const { world, a, b } = pair;
  await converge(t, pair);
  await world.clock.advance(5_000);
  for (const device of [a, b]) {
    const { disk } = device.machine;
    device.crash('power');
    disk.fault = (call, path) =>
      call === 'read' && path === 'identity/peers.json' ? 'io' : undefined;
    await t.throwsAsync(world.run('start', device.start(), 60_000), { message: /peers\.json/ });
    disk.fault = undefined;
  }
  for (const device of [a, b]) await world.run('start', device.start(), 60_000);
  await converge(t, pair);
});

test('batches of one journal are shown though the file of another journal fails', async (t) => {
  const world = new World({ seed: 'two journals' });
  const cluster = await startCluster(world, { devices: 3 });
  const [a, b, c] = cluster.devices as [Device, Device, Device];
  await converge(t, cluster);
  for (const failing of [b, c]) {
    for (const other of [b, c]) world.network.partition(a.name, other.name);
    for (let count = 0; count < 8; count += 1) {
      await store(cluster, b, `b${String(count)}`, `by b beside ${failing.name}`);
      await store(cluster, c, `c${String(count)}`, `by c beside ${failing.name}`);
    }
    await world.clock.advance(60_000);
    a.machine.disk.fault = (call, path) =>
      call === 'write' && path.startsWith(`journals/${failing.id}`) ? 'io' : undefined;
    world.network.heal(a.name, b.name);
    await world.clock.advance(90_000);
    a.machine.disk.fault = undefined;
    world.network.heal();
    await converge(t, cluster);
    for (const name of ['b', 'c']) {
      t.is(await textAt(cluster, a, `${name}7`), `by ${name} beside ${failing.name}`);
    }
  }
});

test('removing the copy of a conflict leaves the version that has the name', async (t) => {
  const pair = await startPair('conflict copy');
  const { world, a, b } = pair;
  await store(pair, a, 'notes', 'before');
  await converge(t, pair);
  world.network.partition(a.name, b.name);
  await store(pair, a, 'notes', 'by a');
  await store(pair, b, 'notes', 'by b');
  world.network.heal();
  await converge(t, pair);
  const kept = await textAt(pair, a, 'notes');
  const copy = await conflictOf(pair, a);
  t.deepEqual([kept, await textAt(pair, b, copy)].sort(), ['by a', 'by b']);
  const path = Buffer.from(copy);
  const removing = a.connect().client.remove({ path, recursive: false, force: false });
  await world.run('rm', removing, 60_000);
  await converge(t, pair);
  for (const device of [a, b]) t.is(await textAt(pair, device, 'notes'), kept);
});

test('a chunk that rots on one device is replaced from the other one', async (t) => {
  const pair = await startPair('bit rot');
  const { a, b } = pair;
  const text = 'not compressible at all '.repeat(20_000);
  await store(pair, a, 'film', text);
  await converge(t, pair);
  const { disk } = b.machine;
  const segment = disk.paths.find((path) => path.endsWith('.seg'))!;
  for (let bit = 8 * 200; bit < disk.peek(segment)!.length * 8; bit += 8 * 997) {
    disk.flipBit(segment, bit);
  }
  t.is(await textAt(pair, b, 'film'), text);
  await converge(t, pair);
});

test('what a device needs that is away is not dropped by the others', async (t) => {
  t.deepEqual((await playAway('away')).violations, []);
});

test('devices that wrote apart agree to what both have seen', async (t) => {
  const { violations, counts } = await playApart('apart');
  t.deepEqual(violations, []);
  t.true((counts.get('agreed to a checkpoint') ?? 0) > 1);
});
