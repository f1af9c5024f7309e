/**
 * Homes that are restored from old backups, with whole agents in virtual time: what was written behind
 * the backup shows up on every device, an admin's word brings the other branch back, and all come to
 * the same tree, in whatever order the devices meet.
 */
import test, { type ExecutionContext } from 'ava';
import type { JournalRow, StatusReport } from '../../protocol/control/reports.ts';
import { waitForConvergence } from './checkers/convergence.ts';
import { getFile, listAll, putFiles } from './workload/calls.ts';
import { Findings } from './workload/findings.ts';
import { playRestores } from './workload/restores.ts';
import { restoreBackup, takeBackup } from './world/backup.ts';
import { startCluster, statusOf, type Cluster } from './world/cluster.ts';
import type { Device } from './world/device.ts';
import { World } from './world/world.ts';

const options = { nowMs: 1_795_000_000_000, pieceBytes: 64 * 1024 };
const waitMs = 600_000;

async function startDevices(seed: string, devices: number): Promise<Cluster> {
  return startCluster(new World({ seed }), { devices });
}

async function converge(t: ExecutionContext, cluster: Cluster): Promise<readonly StatusReport[]> {
  const findings = new Findings(() => cluster.world.clock.monotonicMs());
  await waitForConvergence(cluster, findings);
  t.deepEqual(findings.violations, []);
  return cluster.world.run('status', Promise.all(cluster.devices.map(statusOf)), 60_000);
}

async function store(cluster: Cluster, device: Device, path: string, text: string): Promise<void> {
  const file = { path, content: Buffer.from(text) };
  await cluster.world.run('put', putFiles(device.connect().client, [file], options), 60_000);
}

async function textsOn(cluster: Cluster, device: Device): Promise<Record<string, string>> {
  const read = async (): Promise<Record<string, string>> => {
    const { client } = device.connect();
    const texts: Record<string, string> = {};
    for (const { path, kind } of await listAll(client)) {
      const name = path.toString();
      if (kind === 'file') texts[name] = (await getFile(client, name)).bytes.toString();
    }
    return texts;
  };
  return cluster.world.run('reading', read(), 60_000);
}

async function until(
  cluster: Cluster,
  what: string,
  isTrue: () => Promise<boolean>,
): Promise<void> {
  const { world } = cluster;
  const endMs = world.clock.monotonicMs() + waitMs;
  while (!(await world.run(what, isTrue(), 60_000))) {
    if (world.clock.monotonicMs() > endMs) throw new Error(`it did not happen: ${what}`);
    await world.clock.advance(1_000);
  }
}

async function forkedRow(device: Device): Promise<JournalRow | undefined> {
  const rows = await device.connect().client.journals();
  return rows.find(({ state }) => state === 'forked');
}

/** The device goes on from a backup that lacks its last writes, and writes before it meets anybody. */
async function forkOf(
  cluster: Cluster,
  device: Device,
  write: { before: () => Promise<void>; after: () => Promise<void> },
): Promise<void> {
  const { world, devices } = cluster;
  await world.run('stopping', device.stop(), 60_000);
  const backup = takeBackup(device);
  await world.run('starting', device.start(), 60_000);
  await world.clock.advance(30_000);
  await write.before();
  await world.clock.advance(30_000);
  await world.run('stopping', device.stop(), 60_000);
  await restoreBackup(device, backup);
  for (const other of devices) {
    if (other !== device) world.network.partition(device.name, other.name);
  }
  await world.run('starting', device.start(), 60_000);
  await write.after();
  await world.clock.advance(1_000);
}

for (const forked of [0, 1]) {
  const who = forked === 0 ? "the owner's device" : 'another device';
  test(`what ${who} wrote after an old backup came back shows up, and a choice brings the rest back`, async (t) => {
    const cluster = await startDevices(`restored ${String(forked)}`, 3);
    const { world, devices } = cluster;
    const device = devices[forked]!;
    await store(cluster, device, 'kept', 'from before');
    await store(cluster, device, 'edited', 'first');
    await converge(t, cluster);
    await forkOf(cluster, device, {
      before: async () => {
        await store(cluster, device, 'forgotten', 'only the others have it');
        await store(cluster, device, 'edited', 'second');
      },
      after: async () => {
        await store(cluster, device, 'edited', 'behind the backup');
        await store(cluster, device, 'new', 'small');
        await store(cluster, device, 'large', 'not that small '.repeat(2_000));
      },
    });
    world.network.heal();
    await until(cluster, 'everybody knows of the fork', async () => {
      const rows = await Promise.all(devices.map(forkedRow));
      return rows.every((row) => row !== undefined);
    });
    const reports = await converge(t, cluster);
    for (const report of reports) {
      t.is(report.health, 'attention', report.name);
      t.true(
        report.reasons.some(({ code }) => code === 'journal-forked'),
        report.name,
      );
    }
    const hidden = {
      kept: 'from before',
      edited: 'behind the backup',
      new: 'small',
      large: 'not that small '.repeat(2_000),
    };
    for (const each of devices) t.deepEqual(await textsOn(cluster, each), hidden, each.name);

    await until(cluster, 'both branches are kept everywhere', async () => {
      const rows = await Promise.all(devices.map(forkedRow));
      return rows.every((row) => row!.branches.every(({ here }) => here));
    });
    const chooser = devices[2 - forked]!;
    const row = (await world.run('rows', forkedRow(chooser), 60_000))!;
    const ours = (await world.run('rows', forkedRow(device), 60_000))!;
    t.deepEqual(ours.branches, row.branches);
    t.is(row.branches.length, 2);
    // Two batches a put, and one more: what stands on the branch that the backup does not know.
    const lost = row.branches.toSorted((a, b) => a.last! - b.last!)[0]!;
    const choosing = chooser.connect().client.journalChoose({
      journal: row.journal,
      sequence: row.forkedAt!,
      hash: lost.hash,
    });
    t.is((await world.run('choosing', choosing, 60_000)).state, 'counts');
    const settled = await converge(t, cluster);
    for (const { reasons, name } of settled) {
      // What was written on both branches is there twice, and somebody has to decide.
      const others = reasons.filter(({ code }) => code !== 'conflicts');
      t.deepEqual(others, [], name);
    }
    const pictures = await Promise.all(devices.map((each) => textsOn(cluster, each)));
    for (const picture of pictures) {
      t.deepEqual(picture, pictures[0]);
      const texts = Object.values(picture);
      for (const text of Object.values(hidden)) t.true(texts.includes(text), text.slice(0, 20));
    }
  });
}

test('a journal that others know more of is left for good, also after a restart', async (t) => {
  const cluster = await startDevices('left', 2);
  const { world, devices } = cluster;
  const [, device] = devices as [Device, Device];
  await converge(t, cluster);
  await world.run('stopping', device.stop(), 60_000);
  const backup = takeBackup(device);
  await world.run('starting', device.start(), 60_000);
  for (let count = 0; count < 5; count += 1)
    await store(cluster, device, `old ${String(count)}`, 'x');
  await converge(t, cluster);
  await world.run('stopping', device.stop(), 60_000);
  await restoreBackup(device, backup);
  await world.run('starting', device.start(), 60_000);
  await converge(t, cluster);
  await store(cluster, device, 'new', 'behind the backup');
  const writing = async (): Promise<JournalRow> => {
    const rows = await world.run('rows', device.connect().client.journals(), 60_000);
    t.true(
      rows.every(({ state }) => state === 'counts'),
      'nothing has forked',
    );
    return rows.find((row) => row.writing)!;
  };
  const before = await writing();
  t.true(before.sequence < 5, 'it is a new one');
  await world.run('stopping', device.stop(), 60_000);
  await world.run('starting', device.start(), 60_000);
  await store(cluster, device, 'newer', 'after a restart');
  t.is((await writing()).journal, before.journal);
  await converge(t, cluster);
  t.is(Object.keys(await textsOn(cluster, devices[0]!)).length, 7);
});

test.serial(
  'random histories of restored backups: one tree, and nothing that left its device is lost',
  async (t) => {
    let forked = 0;
    for (const seed of ['a', 'b', 'c']) {
      const report = await playRestores({ seed: `restores ${seed}`, devices: 3, steps: 40 });
      t.deepEqual(report.violations, [], seed);
      forked += report.forked;
    }
    t.true(forked > 0, 'there were forks');
  },
);

test.serial('control: without a choice the checkers miss what a fork hides', async (t) => {
  const missing: string[] = [];
  for (const seed of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const asked = { seed: `restores ${seed}`, devices: 3, steps: 40, withoutChoice: true };
    missing.push(...(await playRestores(asked)).violations);
    if (missing.length > 0) break;
  }
  t.true(missing.some((each) => each.includes('does not show')));
});
