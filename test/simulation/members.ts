/**
 * Whole agents in virtual time, and who belongs to them: admins that act while they are cut off from each
 * other, keys that are renewed by themselves, and content of earlier epochs.
 */
import test, { type ExecutionContext } from 'ava';
import type { KeysReport } from '../../protocol/control/member-reports.ts';
import type { MemberRow } from '../../protocol/control/reports.ts';
import { waitForConvergence } from './checkers/convergence.ts';
import { getFile, putFiles } from './workload/calls.ts';
import { Findings } from './workload/findings.ts';
import { startCluster, statusOf, type Cluster } from './world/cluster.ts';
import type { Device } from './world/device.ts';
import { World } from './world/world.ts';

const options = { nowMs: 1_795_000_000_000, pieceBytes: 64 * 1024 };

async function start(seed: string, devices: number): Promise<Cluster> {
  return startCluster(new World({ seed }), { devices });
}

function within<T>({ world }: Cluster, what: string, work: Promise<T>): Promise<T> {
  return world.run(what, work, 60_000);
}

async function converge(t: ExecutionContext, cluster: Cluster): Promise<void> {
  const findings = new Findings(() => cluster.world.clock.monotonicMs());
  await waitForConvergence(cluster, findings);
  t.deepEqual(findings.violations, []);
}

async function put(cluster: Cluster, device: Device, path: string, content: Buffer): Promise<void> {
  const { client } = device.connect();
  await within(cluster, 'put', putFiles(client, [{ path, content }], options));
}

function keysOf(cluster: Cluster, device: Device): Promise<KeysReport> {
  return within(cluster, 'keys', device.connect().client.keys());
}

function areRight({ epochs, memberKeys }: KeysReport): boolean {
  const [key] = memberKeys;
  const epoch = epochs.find(({ current }) => current);
  return epoch?.formerReaders.length === 0 && key?.formerDevices.length === 0;
}

async function revoke(cluster: Cluster, on: Device, name: string): Promise<void> {
  const { client } = on.connect();
  await within(cluster, 'revoke', client.revoke({ device: name, until: [] }));
}

test('two admins that are cut off send two writers away: all agree, and the keys become right', async (t) => {
  const cluster = await start('apart', 4);
  const { world, devices } = cluster;
  const [owner, boss, third, fourth] = devices as [Device, Device, Device, Device];
  await converge(t, cluster);
  const { client } = owner.connect();
  for (const { name } of [third, fourth]) {
    await within(cluster, 'role', client.role({ device: name, role: 'writer' }));
  }
  await converge(t, cluster);
  for (const [one, other] of [
    [owner, boss],
    [owner, fourth],
    [third, boss],
    [third, fourth],
  ] as const) {
    world.network.partition(one.name, other.name);
  }
  await revoke(cluster, owner, third.name);
  await revoke(cluster, boss, fourth.name);
  world.network.heal();
  await world.clock.advance(120_000);
  const reports = await Promise.all([owner, boss].map((device) => keysOf(cluster, device)));
  t.is(reports[0]!.currentEpoch, reports[1]!.currentEpoch);
  for (const report of reports) {
    t.true(areRight(report), JSON.stringify(report));
    t.deepEqual(
      report.epochs.find(({ current }) => current)?.readers,
      [owner.name, boss.name].sort(),
    );
  }
  const members = await Promise.all(
    [owner, boss].map((device) => within(cluster, 'members', device.connect().client.members())),
  );
  const states = (rows: readonly MemberRow[]) => rows.map(({ name, state }) => [name, state]);
  t.deepEqual(states(members[0]!), states(members[1]!));
  t.is(members[0]!.filter(({ state }) => state === 'active').length, 2);
  await put(cluster, boss, 'after', Buffer.from('with the keys of two'));
  await world.clock.advance(60_000);
  const read = getFile(owner.connect().client, 'after');
  t.is((await within(cluster, 'get', read)).bytes.toString(), 'with the keys of two');
});

test('whoever is sent away has no connection left after five seconds, with anybody', async (t) => {
  const cluster = await start('closed', 4);
  const { world, devices } = cluster;
  const [owner, ...others] = devices as [Device, Device, Device, Device];
  await converge(t, cluster);
  const away = others.at(-1)!;
  const connectedTo = async (device: Device): Promise<string[]> => {
    const rows = await within(cluster, 'peers', device.connect().client.peers());
    return rows.filter(({ online }) => online).map(({ name }) => name);
  };
  for (const device of devices) t.is((await connectedTo(device)).length, 3, device.name);
  const sentAwayAtMs = world.clock.monotonicMs();
  await revoke(cluster, owner, away.name);
  await world.clock.advance(sentAwayAtMs + 5_000 - world.clock.monotonicMs());
  for (const device of devices) {
    const names = devices.flatMap(({ name }) =>
      name === away.name || name === device.name ? [] : [name],
    );
    const wanted = device === away ? [] : names.sort();
    t.deepEqual((await connectedTo(device)).sort(), wanted, device.name);
  }
});

test('new keys by hand and by age: old content stays readable and is not stored again', async (t) => {
  const cluster = await start('rotation', 2);
  const { world, devices } = cluster;
  const [owner, other] = devices as [Device, Device];
  const content = Buffer.alloc(700_000);
  for (let at = 0; at < content.length; at += 4)
    content.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
  await put(cluster, owner, 'before', content);
  await converge(t, cluster);
  const first = await keysOf(cluster, owner);
  const rotated = await within(cluster, 'rotate', owner.connect().client.keysRotate());
  t.not(rotated.currentEpoch, first.currentEpoch);
  t.is(rotated.epochs.length, 2);
  await converge(t, cluster);
  t.is((await keysOf(cluster, other)).currentEpoch, rotated.currentEpoch);
  const stored = (await within(cluster, 'status', statusOf(owner))).storedBytes;
  await put(cluster, owner, 'again', content);
  const grown = (await within(cluster, 'status', statusOf(owner))).storedBytes - stored;
  t.true(grown < 20_000, `${String(grown)} bytes more for the same content`);
  const changed = Buffer.from(content);
  changed.fill(9, 300_000, 300_010);
  await put(cluster, owner, 'changed', changed);
  await converge(t, cluster);
  for (const [path, wanted] of [
    ['before', content],
    ['again', content],
    ['changed', changed],
  ] as const) {
    const { bytes } = await within(cluster, 'get', getFile(other.connect().client, path));
    t.true(bytes.equals(wanted), path);
  }

  // Ninety days are the default; the devices see them pass by their own clocks.
  const due = Date.parse((await keysOf(cluster, owner)).rotatesAt!);
  t.true(due > 0);
  for (const device of devices) await within(cluster, 'stop', device.stop());
  for (const { clock } of devices.map(({ machine }) => machine.world)) {
    if (clock.nowMs() < due) await clock.advance(due - clock.nowMs());
  }
  for (const device of devices) await within(cluster, 'start', device.start());
  await world.clock.advance(120_000);
  const aged = await keysOf(cluster, owner);
  t.is(aged.epochs.length, 3, 'one of the admins opened it, once');
  t.is((await keysOf(cluster, other)).currentEpoch, aged.currentEpoch);
});
