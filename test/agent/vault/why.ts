/**
 * Each state that a path can be held up in, brought about with whole agents in a simulated world: the
 * report has to name it, the device, and what to do.
 */
import test, { type ExecutionContext } from 'ava';
import type { Reason, WhyReport } from '../../../protocol/control/reports.ts';
import { getFile, listAll, putFiles } from '../../simulation/workload/calls.ts';
import { restoreBackup, takeBackup } from '../../simulation/world/backup.ts';
import { startCluster, statusOf } from '../../simulation/world/cluster.ts';
import { Device } from '../../simulation/world/device.ts';
import { World } from '../../simulation/world/world.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

interface Trio {
  readonly world: World;
  readonly devices: readonly [Device, Device, Device];
}

const secondMs = 1000;

async function startTrio(seed: string): Promise<Trio> {
  const world = new World({ seed });
  const { devices } = await startCluster(world, { devices: 3 });
  const trio = { world, devices: devices as [Device, Device, Device] };
  await allHave(trio);
  return trio;
}

/** Lets time pass until all running devices show the same, whole, and know it of each other. */
async function allHave({ world, devices }: Trio): Promise<void> {
  for (let waited = 0; waited < 120; waited += 1) {
    await world.clock.advance(secondMs);
    const running = devices.filter((device) => device.running);
    const statuses = await Promise.all(
      running.map((device) => world.run('status', statusOf(device), 60 * secondMs)),
    );
    const hashes = new Set(statuses.map(({ treeHash }) => treeHash));
    const isSettled = statuses.every(
      ({ behindBytes, behindOps, peersOnline }) =>
        behindBytes === 0 && behindOps === 0 && peersOnline === running.length - 1,
    );
    if (hashes.size > 1 || !isSettled) continue;
    await world.clock.advance(5 * secondMs);
    return;
  }
  throw new Error('the devices do not come together');
}

async function put(trio: Trio, device: Device, path: string, content: Buffer): Promise<void> {
  const options = { nowMs: 1_795_000_000_000, pieceBytes: 64 * 1024 };
  const putting = putFiles(device.connect().client, [{ path, content }], options);
  await trio.world.run('put', putting, 600 * secondMs);
}

function explain({ world }: Trio, device: Device, path: string): Promise<WhyReport> {
  const asking = device.connect().client.why({ path: Buffer.from(path) });
  return world.run('why', asking, 60 * secondMs);
}

/** Bytes that no compression makes smaller. */
const noise = (seed: string, length: number): Buffer => seededRandom(seed).bytes(length);

/** The reason of this code, which has to be there and to say what to do. */
function reason(t: ExecutionContext, report: WhyReport, code: string): Reason {
  const found = report.reasons.find((each) => each.code === code);
  t.truthy(found, `${code} in ${JSON.stringify(report.reasons)}`);
  t.truthy(found?.next, 'a next step');
  t.not(report.health, 'ok');
  return found ?? { code, message: '' };
}

const nameOf = (device: Device): string => device.name;

test('all is well when every device has it', async (t) => {
  const trio = await startTrio('well');
  const [a, , c] = trio.devices;
  await put(trio, a, 'f', noise('well', 300_000));
  await allHave(trio);
  for (const device of trio.devices) {
    const report = await explain(trio, device, 'f');
    t.like(report, { health: 'ok', reasons: [], files: 1, filesHere: 1, missingChunks: 0 });
    t.true(report.devices.every(({ seen, holds }) => seen === true && holds === true));
    t.regex(report.summary, new RegExp(nameOf(c)));
  }
  t.like(await explain(trio, c, ''), { kind: 'directory', health: 'ok', files: 1, bytes: 300_000 });
});

test('a transfer that runs: from whom, how fast, how long', async (t) => {
  const trio = await startTrio('running');
  const [a, b, c] = trio.devices;
  for (const other of [a, c])
    trio.world.network.link(b.name, other.name, { bytesPerSecond: 40_000 });
  trio.world.network.link(a.name, c.name, { bytesPerSecond: 40_000 });
  await put(trio, a, 'd/film', noise('running', 3_000_000));
  await trio.world.clock.advance(20 * secondMs);
  const report = await explain(trio, b, 'd/film');
  const running = reason(t, report, 'transfer-running');
  t.regex(running.message, new RegExp(`missing here: it comes from .*${nameOf(a)}.* at .*/s`));
  t.true(running.secondsLeft! > 5 && running.secondsLeft! < 1000, String(running.secondsLeft));
  t.is(report.health, 'working');
  const below = await explain(trio, b, 'd');
  t.like(below, { kind: 'directory', files: 1, filesHere: 0, missingBytes: report.missingBytes });
  reason(t, below, 'transfer-running');

  // From the other side: who has not got it yet.
  const behind = await explain(trio, a, 'd/film');
  const subjects = behind.reasons.filter(({ code }) => code === 'peer-behind');
  t.deepEqual(new Set(subjects.map(({ subject }) => subject)), new Set([b.id, c.id]));
  t.regex(subjects[0]!.message, /does not hold everything up to it yet; it is online/);
});

test('the only device that has it is away: which one, since when', async (t) => {
  const trio = await startTrio('offline');
  const [a, b, c] = trio.devices;
  for (const other of [b, c])
    trio.world.network.link(a.name, other.name, { bytesPerSecond: 3_000 });
  await put(trio, a, 'film', noise('offline', 3_000_000));
  // Long after the connection began.
  await trio.world.clock.advance(400 * secondMs);
  const goneMs = trio.world.clock.nowMs();
  a.crash('kill');
  await trio.world.clock.advance(3600 * secondMs);
  const report = await explain(trio, b, 'film');
  const offline = reason(t, report, 'holder-offline');
  t.is(offline.subject, a.id);
  t.regex(offline.message, new RegExp(`${nameOf(a)} should have it and is offline since`));
  const since = /since (\S+), (\d+ minutes) ago/.exec(offline.message);
  t.true(Math.abs(Date.parse(since?.[1] ?? '') - goneMs) < 60_000, offline.message);
  t.regex(offline.next ?? '', new RegExp(`start the agent of ${nameOf(a)}`));
  const row = report.devices.find(({ deviceId }) => deviceId === a.id);
  t.like(row, { online: false, seen: true });
});

test('a full disk: whose', async (t) => {
  const trio = await startTrio('full');
  const [a, b] = trio.devices;
  const { disk } = b.machine;
  disk.quotaBytes = disk.usedBytes + 400_000;
  await put(trio, a, 'film', noise('full', 2_000_000));
  await trio.world.clock.advance(120 * secondMs);
  const there = reason(t, await explain(trio, b, 'film'), 'disk-full');
  t.regex(there.message, new RegExp(`the disk of ${nameOf(b)} is full`));
  const from = reason(t, await explain(trio, a, 'film'), 'peer-full');
  t.is(from.subject, b.id);
  t.regex(from.message, new RegExp(`${nameOf(b)} .* its disk has no room for it`));
});

test('a device without keys says that it cannot know', async (t) => {
  const world = new World({ seed: 'blind' });
  const { devices } = await startCluster(world, { devices: 1 });
  const [a] = devices as [Device];
  const inviting = a
    .connect()
    .client.invite({ role: 'blind', expiresS: 3600, approve: false, addresses: [] });
  const { ticket } = await world.run('invite', inviting, 60 * secondMs);
  const blind = new Device(world.addMachine('host-blind'));
  await world.run('join', blind.join(ticket), 60 * secondMs);
  await world.run('start', blind.start(), 60 * secondMs);
  const trio = { world, devices: [a, blind] } as unknown as Trio;
  await put(trio, a, 'f', noise('blind', 100_000));
  await world.clock.advance(30 * secondMs);
  const report = await explain(trio, blind, 'f');
  t.is(report.kind, null);
  t.regex(reason(t, report, 'no-key').message, /^host-blind stores the vault and has no key/);
  // It holds what it cannot read, and the other one knows.
  const seen = await explain(trio, a, 'f');
  t.like(
    seen.devices.find(({ deviceId }) => deviceId === blind.id),
    { seen: true, holds: true },
  );
});

test('a damaged copy, and who has a good one', async (t) => {
  const trio = await startTrio('damaged');
  const [a, b, c] = trio.devices;
  await put(trio, a, 'film', noise('damaged', 900_000));
  await allHave(trio);
  for (const device of [a, c]) device.crash('kill');
  await trio.world.clock.advance(60 * secondMs);
  const { disk } = b.machine;
  const segment = disk.paths.find((path) => path.endsWith('.seg'))!;
  for (let bit = 8 * 200; bit < disk.peek(segment)!.length * 8; bit += 8 * 997) {
    disk.flipBit(segment, bit);
  }
  const reading = getFile(b.connect().client, 'film');
  await t.throwsAsync(trio.world.run('get', reading, 600 * secondMs));
  const report = await explain(trio, b, 'film');
  t.regex(reason(t, report, 'damaged').message, /damaged chunks? of it (was|were) set aside here/);
  const holders = report.reasons.filter(({ code }) => code === 'holder-offline');
  t.true(holders.some(({ subject }) => subject === a.id));
  t.false(report.devices.find(({ self }) => self)!.holds!);
});

test('a journal that lost batches on this disk: whose', async (t) => {
  const trio = await startTrio('journal');
  const [a, b, c] = trio.devices;
  for (let at = 0; at < 5; at += 1) await put(trio, a, `f${String(at)}`, Buffer.from('small'));
  await allHave(trio);
  for (const device of trio.devices) device.crash('kill');
  const { disk } = b.machine;
  const file = disk.paths.find((path) => path.startsWith(`journals/${a.id}`))!;
  disk.flipBit(file, 8 * Math.floor(disk.peek(file)!.length / 2));
  // An index of before would be believed.
  await b.machine.index.destroy();
  await trio.world.run('start', b.start(), 60 * secondMs);
  t.false(c.running);
  const damaged = reason(t, await explain(trio, b, 'f0'), 'journal-damaged');
  t.regex(damaged.message, new RegExp(`a journal of ${nameOf(a)} lost batches`));
});

test('a journal with two branches: whose, and from where on', async (t) => {
  const trio = await startTrio('forked');
  const [a, b, c] = trio.devices;
  await put(trio, a, 'f', Buffer.from('before'));
  await allHave(trio);
  await trio.world.run('stop', a.stop(), 60 * secondMs);
  const backup = takeBackup(a);
  await trio.world.run('start', a.start(), 60 * secondMs);
  await put(trio, a, 'f', Buffer.from('on the one branch'));
  await allHave(trio);
  await trio.world.run('stop', a.stop(), 60 * secondMs);
  await restoreBackup(a, backup);
  for (const other of [b, c]) trio.world.network.partition(a.name, other.name);
  await trio.world.run('start', a.start(), 60 * secondMs);
  await put(trio, a, 'f', Buffer.from('on the other branch'));
  await trio.world.clock.advance(30 * secondMs);
  trio.world.network.heal();
  await trio.world.clock.advance(120 * secondMs);
  const report = await explain(trio, b, 'f');
  const forked = reason(t, report, 'journal-forked');
  t.regex(forked.message, new RegExp(`changes by ${nameOf(a)} after its batch \\d+ do not count`));
  t.regex(forked.next ?? '', /vault journal choose/);
});

test('a conflict names all versions', async (t) => {
  const trio = await startTrio('conflict');
  const [a, b, c] = trio.devices;
  await put(trio, a, 'notes', Buffer.from('before'));
  await allHave(trio);
  for (const other of [b, c]) trio.world.network.partition(a.name, other.name);
  await put(trio, a, 'notes', Buffer.from('by a'));
  await put(trio, b, 'notes', Buffer.from('by b'));
  trio.world.network.heal();
  await trio.world.clock.advance(120 * secondMs);
  await allHave(trio);
  const entries = await trio.world.run('list', listAll(c.connect().client), 60 * secondMs);
  for (const { path } of entries) {
    const report = await explain(trio, c, path.toString());
    reason(t, report, 'conflict');
    const authors = report.conflicts.map(({ author }) => author ?? '');
    t.deepEqual(authors.toSorted(), [nameOf(a), nameOf(b)].toSorted());
  }
  t.regex(reason(t, await explain(trio, c, ''), 'conflict').message, /1 name in it is in conflict/);
});
