/**
 * Folding to its end, as stories of whole agents in virtual time: bodies of old batches go from the journals
 * of everybody, and starts, newcomers and devices that were away come to the same tree all the same.
 */
import { createHash } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import type { FoldReport, ForgetReport } from '../../protocol/control/retention-reports.ts';
import { foldCopy, foldFile } from '../../agent/vault/fold/base-file.ts';
import type { MemberChangeReport } from '../../protocol/control/member-reports.ts';
import { waitForConvergence } from './checkers/convergence.ts';
import { getFile, listAll, putFiles } from './workload/calls.ts';
import { Findings } from './workload/findings.ts';
import { playFolded } from './workload/folded.ts';
import { setRule, strictRule } from './workload/letting-go.ts';
import { inviteFrom, startCluster, statusOf, type Cluster } from './world/cluster.ts';
import { Device } from './world/device.ts';
import { World } from './world/world.ts';

const options = { nowMs: 1_795_000_000_000, pieceBytes: 64 * 1024 };
const patienceMs = 120_000;

async function converge(t: ExecutionContext, cluster: Cluster): Promise<void> {
  const findings = new Findings(() => cluster.world.clock.monotonicMs());
  await waitForConvergence(cluster, findings);
  t.deepEqual(findings.violations, []);
}

function store({ world }: Cluster, device: Device, path: string, text: string): Promise<unknown> {
  const file = { path, content: Buffer.from(text) };
  return world.run('put', putFiles(device.connect().client, [file], options), patienceMs);
}

async function textAt({ world }: Cluster, device: Device, path: string): Promise<string> {
  const got = getFile(device.connect().client, path);
  return (await world.run('get', got, patienceMs)).bytes.toString();
}

/** Both write versions of the same files, in turns, so that each sees what the other one wrote. */
async function write(t: ExecutionContext, cluster: Cluster, turns: number): Promise<void> {
  const [one, other] = cluster.devices as [Device, Device];
  for (let turn = 0; turn < turns; turn += 1) {
    await store(cluster, one, `by one ${String(turn % 2)}`, `one ${String(turn)}`);
    await store(cluster, one, 'both', `one in both ${String(turn)}`);
    await converge(t, cluster);
    await store(cluster, other, 'both', `other in both ${String(turn)}`);
    await converge(t, cluster);
  }
}

function askFold({ world }: Cluster, device: Device, dryRun: boolean): Promise<FoldReport> {
  return world.run('fold', device.connect().client.fold({ dryRun }), patienceMs);
}

/** Lets everything go that may, and waits until it went from all that can read. */
async function fold(t: ExecutionContext, cluster: Cluster, rule = strictRule): Promise<void> {
  const { world, devices } = cluster;
  const [first] = devices as [Device];
  await world.run('the rule', setRule(first, rule), patienceMs);
  await converge(t, cluster);
  await world.clock.advance(60_000);
  const { issued } = await askFold(cluster, first, false);
  t.truthy(issued);
  await world.clock.advance(180_000);
  for (const device of devices) {
    if (!device.running || !device.mayRead) continue;
    const { folded } = await askFold(cluster, device, true);
    t.is(folded?.here, 'done', device.name);
    t.true((folded?.freedBytes ?? 0) > 0, device.name);
  }
}

function journalBytes({ machine: { disk } }: Device): number {
  const files = disk.paths.filter((path) => path.endsWith('.jnl'));
  return files.reduce((sum, path) => sum + (disk.peek(path)?.length ?? 0), 0);
}

async function restart(
  { world }: Cluster,
  device: Device,
  lose: 'index' | 'nothing',
): Promise<void> {
  await world.run('stop', device.stop(), patienceMs);
  if (lose === 'index') device.machine.index.refuseOpen();
  await world.run('start', device.start(), patienceMs);
}

/** Sends a device away, with a line before what is folded. */
function revokeAt(
  { world }: Cluster,
  admin: Device,
  { name }: Device,
  ...[until, lastStatement]: [until: string, lastStatement?: string]
): Promise<MemberChangeReport> {
  const request = { device: name, until: [until], lastStatement };
  return world.run('revoke', admin.connect().client.revoke(request), patienceMs);
}

/** Not one chunk of it can be read any more. */
function loseSegments({ machine: { disk } }: Device): void {
  for (const path of disk.paths.filter((each) => each.endsWith('.seg')))
    for (let bit = 8 * 200; bit < disk.peek(path)!.length * 8; bit += 8 * 97)
      disk.flipBit(path, bit);
}

const largeBytes = 600_000;

/** Text that nothing compresses well. */
function noise(bytes: number): string {
  let text = '';
  for (let at = 0; text.length < bytes; at += 1)
    text += createHash('sha512').update(String(at)).digest('base64');
  return text.slice(0, bytes);
}

function segmentBytes({ machine: { disk } }: Device): number {
  const segments = disk.paths.filter((each) => each.endsWith('.seg'));
  return segments.reduce((sum, path) => sum + (disk.peek(path)?.length ?? 0), 0);
}

/** A copy that was there before the fold and went before it. */
async function copyAndRemove({ world }: Cluster, device: Device): Promise<void> {
  const { client } = device.connect();
  const [source, destination] = [Buffer.from('large'), Buffer.from('copy')];
  const copying = client.copy({ source, destination, recursive: false });
  await world.run('cp', copying, patienceMs);
  const removing = { path: source, recursive: false, force: false };
  await world.run('rm', client.remove(removing), patienceMs);
}

function forgetAll(device: Device, dryRun: boolean): Promise<ForgetReport> {
  return device.connect().client.forget({ path: Buffer.alloc(0), dryRun });
}

async function collectOn({ world }: Cluster, device: Device): Promise<void> {
  await world.run('gc', device.connect().client.collect({ dryRun: false }), patienceMs);
}

/** Of the state that it begins with. */
function pagesOf({ machine: { disk } }: Device): readonly Buffer[] {
  const { pages } = JSON.parse(disk.peek(foldFile)!.toString()) as { pages: { id: string }[] };
  return pages.map(({ id }) => Buffer.from(id, 'hex'));
}

/** Whether a segment of it has a record of one of these. */
function holdsAny({ machine: { disk } }: Device, ids: readonly Buffer[]): boolean {
  const segments = disk.paths.filter((each) => each.endsWith('.seg'));
  return segments.some((path) => ids.some((id) => disk.peek(path)!.includes(id)));
}

function idOf(file: Buffer | undefined): unknown {
  return file === undefined ? undefined : (JSON.parse(file.toString()) as { id: unknown }).id;
}

async function addDevice(cluster: Cluster, role: Device['role']): Promise<Device> {
  const { world, devices } = cluster;
  const device = new Device(world.addMachine(`host-${String(devices.length)}`), role);
  const [first] = devices as [Device];
  const join = async (): Promise<void> => {
    await device.join(await inviteFrom(first, role));
    await device.start();
  };
  await world.run('join', join(), patienceMs);
  devices.push(device);
  return device;
}

test('bodies go, and everything goes on: starts, newcomers, and another fold', async (t) => {
  const world = new World({ seed: 'fold 1' });
  const cluster = await startCluster(world, { devices: 3, roles: ['admin', 'blind'] });
  const [one, other] = cluster.devices as [Device, Device, Device];
  await write(t, cluster, 6);
  const before = journalBytes(other);
  await world.run('the rule', setRule(one, strictRule), patienceMs);
  const { treeHash } = await world.run('status', statusOf(one), patienceMs);
  await fold(t, cluster);
  t.true(journalBytes(other) < before);
  await converge(t, cluster);
  for (const device of [one, other]) {
    await restart(cluster, device, 'nothing');
    await restart(cluster, device, 'index');
    t.is(await textAt(cluster, device, 'both'), 'other in both 5');
  }
  await converge(t, cluster);
  const joined = await addDevice(cluster, 'writer');
  await converge(t, cluster);
  const status = await world.run('status', statusOf(joined), patienceMs);
  t.is(status.treeHash, treeHash, 'the state shows what the batches showed');
  t.is(await textAt(cluster, joined, 'by one 1'), 'one 5');
  t.is(status.health, 'ok');
  await store(cluster, joined, 'both', 'by who joined');
  await write(t, cluster, 2);
  await fold(t, cluster);
  t.is(await textAt(cluster, joined, 'both'), 'other in both 1');
  await restart(cluster, joined, 'index');
  await converge(t, cluster);
  await t.throwsAsync(revokeAt(cluster, one, joined, '0'), { code: 'not-supported' });
  const { state, journals } = await revokeAt(cluster, one, joined, 'none');
  t.is(state, 'revoked');
  t.true(
    journals.some(({ counts }) => counts > 0),
    'what is folded',
  );
});

test('who joins, or was away before it, comes to the same tree from those who folded', async (t) => {
  const world = new World({ seed: 'fold 2' });
  const cluster = await startCluster(world, { devices: 3, roles: ['admin', 'reader'] });
  const [one, other, reader] = cluster.devices as [Device, Device, Device];
  await write(t, cluster, 2);
  await world.run('stop', reader.stop(), patienceMs);
  cluster.devices.pop();
  await write(t, cluster, 4);
  await fold(t, cluster);
  await world.run('start', reader.start(), patienceMs);
  cluster.devices.push(reader);
  await converge(t, cluster);
  t.is(await textAt(cluster, reader, 'both'), 'other in both 3');
  t.is((await askFold(cluster, reader, true)).folded?.here, 'done');
  const blind = await addDevice(cluster, 'blind');
  await converge(t, cluster);
  // Only the blind one is there for the next who joins, once it is invited.
  const joined = await addDevice(cluster, 'reader');
  for (const { name } of [one, other, reader]) world.network.partition(name, joined.name);
  await world.clock.advance(120_000);
  const alone = { world, devices: [joined, blind] };
  t.is(await textAt(alone, joined, 'by one 1'), 'one 3');
  world.network.heal();
  await converge(t, cluster);
  await restart(cluster, joined, 'index');
  await converge(t, cluster);
});

test('a device that agreed and was away since loses nothing of what it wrote', async (t) => {
  const world = new World({ seed: 'fold 3' });
  const cluster = await startCluster(world, { devices: 2 });
  const [one, other] = cluster.devices as [Device, Device];
  await write(t, cluster, 5);
  await world.run('the rule', setRule(one, strictRule), patienceMs);
  await converge(t, cluster);
  await world.clock.advance(60_000);
  t.truthy((await askFold(cluster, one, false)).issued);
  for (let turn = 0; (await askFold(cluster, one, true)).checkpoint?.isAgreed !== true; turn += 1) {
    t.true(turn < 100);
    await world.clock.advance(200);
  }
  world.network.partition(one.name, other.name);
  await store(cluster, other, 'both', 'while it was away');
  await store(cluster, other, 'unsent', 'nobody has this');
  await world.clock.advance(30_000);
  other.crash('power');
  await store(cluster, one, 'both', 'by who stayed');
  await world.clock.advance(120_000);
  t.is((await askFold(cluster, one, true)).folded?.here, 'done');
  await world.run('start', other.start(), patienceMs);
  world.network.heal();
  await converge(t, cluster);
  await world.clock.advance(120_000);
  for (const device of [one, other]) {
    t.is(await textAt(cluster, device, 'unsent'), 'nobody has this');
    const entries = await world.run('list', listAll(device.connect().client), patienceMs);
    const names = entries
      .map(({ path }) => path.toString())
      .filter((name) => name.startsWith('both'));
    const texts = await Promise.all(names.map((name) => textAt(cluster, device, name)));
    t.deepEqual(texts.sort(), ['by who stayed', 'while it was away'], device.name);
    t.is((await askFold(cluster, device, true)).folded?.here, 'done');
  }
});

test('a power cut and a lost index after it cost nothing', async (t) => {
  t.deepEqual((await playFolded('folded')).violations, []);
});

test('a device that lost the state knows nothing and writes nothing until it has it again', async (t) => {
  const world = new World({ seed: 'fold 5' });
  const cluster = await startCluster(world, { devices: 2 });
  const [one, other] = cluster.devices as [Device, Device];
  await write(t, cluster, 4);
  await fold(t, cluster);
  await world.run('stop', other.stop(), patienceMs);
  world.network.partition(one.name, other.name);
  other.machine.index.refuseOpen();
  loseSegments(other);
  await world.run('start', other.start(), patienceMs);
  const lost = await world.run('status', statusOf(other), patienceMs);
  t.is(lost.files, 0);
  t.true(lost.reasons.some(({ code }) => code === 'state-missing'));
  await t.throwsAsync(store(cluster, other, 'both', 'upon nothing'), {
    message: /state of what was/,
  });
  world.network.heal();
  await converge(t, cluster);
  t.is(await textAt(cluster, other, 'both'), 'other in both 3');
  await store(cluster, other, 'both', 'upon all of it');
  await converge(t, cluster);
  t.is(await textAt(cluster, one, 'both'), 'upon all of it');
});

test('a device that lost both files about its beginning finds it again, with an index and without', async (t) => {
  const world = new World({ seed: 'fold 6' });
  const cluster = await startCluster(world, { devices: 2 });
  const [one, other] = cluster.devices as [Device, Device];
  await write(t, cluster, 4);
  await fold(t, cluster);
  // A second fold, so that there is an earlier one that would say too little.
  await write(t, cluster, 4);
  await fold(t, cluster);
  const { disk } = other.machine;
  for (const [lose, harm] of [
    ['nothing', 'flip'],
    ['index', 'flip'],
    ['nothing', 'remove'],
    ['index', 'remove'],
  ] as const) {
    await world.run('stop', other.stop(), patienceMs);
    world.network.partition(one.name, other.name);
    const before = disk.peek(foldFile)!;
    for (const path of [foldFile, foldCopy]) {
      if (harm === 'remove') await world.run('remove', disk.remove(path), patienceMs);
      else disk.flipBit(path, 8 * 100);
    }
    if (lose === 'index') other.machine.index.refuseOpen();
    await world.run('start', other.start(), patienceMs);
    t.is(idOf(disk.peek(foldFile)), idOf(before));
    t.is(idOf(disk.peek(foldCopy)), idOf(before));
    t.is(await textAt({ world, devices: [other] }, other, 'both'), 'other in both 3');
    t.is((await askFold(cluster, other, true)).folded?.here, 'done');
    world.network.heal();
    await store(cluster, other, 'more', `${lose} ${harm}`);
    await converge(t, cluster);
    t.is((await world.run('status', statusOf(other), patienceMs)).health, 'ok');
  }
});

test('without these files and without the state it waits, and goes on when the pages come', async (t) => {
  const world = new World({ seed: 'fold 7' });
  const cluster = await startCluster(world, { devices: 2 });
  const [one, other] = cluster.devices as [Device, Device];
  await write(t, cluster, 4);
  await fold(t, cluster);
  for (const lose of ['index', 'nothing'] as const) {
    await world.run('stop', other.stop(), patienceMs);
    world.network.partition(one.name, other.name);
    const { disk, index } = other.machine;
    for (const path of [foldFile, foldCopy]) disk.flipBit(path, 8 * 100);
    loseSegments(other);
    if (lose === 'index') index.refuseOpen();
    await world.run('start', other.start(), patienceMs);
    const { reasons } = await world.run('status', statusOf(other), patienceMs);
    if (lose === 'index') {
      t.true(reasons.some(({ code, subject }) => code === 'state-missing' && subject === foldFile));
      await t.throwsAsync(store(cluster, other, 'both', 'upon nothing'), {
        message: /state of what was/,
      });
    }
    world.network.heal();
    await converge(t, cluster);
    await world.clock.advance(60_000);
    await store(cluster, other, 'both', `upon all of it: ${lose}`);
    await converge(t, cluster);
    t.is(await textAt(cluster, one, 'both'), `upon all of it: ${lose}`);
    t.is((await askFold(cluster, other, true)).folded?.here, 'done');
  }
});

test('a writer that joins writes nothing before it has the state that the others begin with', async (t) => {
  const world = new World({ seed: 'fold 8' });
  const cluster = await startCluster(world, { devices: 2 });
  const [one, other] = cluster.devices as [Device, Device];
  await write(t, cluster, 4);
  await fold(t, cluster);
  const joined = new Device(world.addMachine('host-2'), 'writer');
  const ticket = await world.run('invite', inviteFrom(one, 'writer'), patienceMs);
  await world.run('join', joined.join(ticket), patienceMs);
  for (const { name } of [one, other]) world.network.partition(name, joined.name);
  await world.run('start', joined.start(), patienceMs);
  await t.throwsAsync(store(cluster, joined, 'both', 'upon nothing'), {
    message: /state of what was/,
  });
  const { reasons } = await world.run('status', statusOf(joined), patienceMs);
  t.true(reasons.some(({ code }) => code === 'state-missing'));
  world.network.heal();
  cluster.devices.push(joined);
  await converge(t, cluster);
  await store(cluster, joined, 'both', 'upon all of it');
  await converge(t, cluster);
  t.is(await textAt(cluster, one, 'both'), 'upon all of it');
});

test('what folding left goes from everybody who begins elsewhere, and nothing else does', async (t) => {
  const world = new World({ seed: 'fold 9' });
  const cluster = await startCluster(world, { devices: 3, roles: ['admin', 'reader'] });
  const [one, other, reader] = cluster.devices as [Device, Device, Device];
  await write(t, cluster, 4);
  await store(cluster, one, 'large', noise(largeBytes));
  await copyAndRemove(cluster, one);
  await store(cluster, one, 'stays', 'stays '.repeat(20_000));
  await converge(t, cluster);
  await fold(t, cluster);
  const earlier = pagesOf(one);
  t.true(earlier.length > 0);
  t.true([one, other, reader].every((device) => holdsAny(device, earlier)));
  await world.run('stop', reader.stop(), patienceMs);
  cluster.devices.pop();
  const copy = { path: Buffer.from('copy'), recursive: false, force: false };
  await world.run('rm', one.connect().client.remove(copy), patienceMs);
  await write(t, cluster, 4);
  await fold(t, cluster);
  for (let turn = 0; turn < 3; turn += 1) {
    const report = await world.run('forget', forgetAll(one, false), patienceMs);
    if (turn === 2) t.is(report.leftChunks, 0);
    await world.clock.advance(120_000);
  }
  for (const device of [one, other]) {
    await collectOn(cluster, device);
    t.false(holdsAny(device, earlier), `${device.name} gave the pages back`);
    t.true(segmentBytes(device) < largeBytes);
    t.true(holdsAny(device, pagesOf(device)));
    await restart(cluster, device, 'index');
    t.is(await textAt(cluster, device, 'both'), 'other in both 3');
    t.is(await textAt(cluster, device, 'stays'), 'stays '.repeat(20_000));
  }
  // It begins at the earlier state still, and has its pages although all others let them go.
  for (const { name } of [one, other]) world.network.partition(name, reader.name);
  await world.run('start', reader.start(), patienceMs);
  await restart({ world, devices: [reader] }, reader, 'index');
  t.is(await textAt({ world, devices: [reader] }, reader, 'stays'), 'stays '.repeat(20_000));
  world.network.heal();
  cluster.devices.push(reader);
  await converge(t, cluster);
  await world.clock.advance(180_000);
  t.is((await askFold(cluster, reader, true)).folded?.here, 'done');
  await collectOn(cluster, reader);
  t.false(holdsAny(reader, earlier));
  await converge(t, cluster);
  const joined = await addDevice(cluster, 'writer');
  await converge(t, cluster);
  t.is(await textAt(cluster, joined, 'stays'), 'stays '.repeat(20_000));
});

test('what an admin folded who is sent away with a line before it is said again by another', async (t) => {
  const world = new World({ seed: 'fold 10' });
  const cluster = await startCluster(world, { devices: 3, roles: ['admin', 'writer'] });
  const [one, other, third] = cluster.devices as [Device, Device, Device];
  await write(t, cluster, 4);
  await foldBy(t, cluster);
  await revokeAt(cluster, one, other, 'all', 'none');
  await world.clock.advance(30_000);
  const before = await world.run('status', statusOf(one), patienceMs);
  t.true(before.reasons.some(({ code }) => code === 'fold-unsaid'));
  const joined = await addDevice(cluster, 'writer');
  cluster.devices.splice(1, 1);
  await world.clock.advance(60_000);
  await t.throwsAsync(textAt(cluster, joined, 'both'), { code: 'not-found' });
  t.truthy((await askFold(cluster, one, false)).issued);
  await converge(t, cluster);
  t.is(await textAt(cluster, joined, 'both'), 'other in both 3');
  for (const device of [one, third]) {
    const { reasons } = await world.run('status', statusOf(device), patienceMs);
    t.false(reasons.some(({ code }) => code === 'fold-unsaid'));
  }
  await store(cluster, joined, 'both', 'by who joined');
  await converge(t, cluster);
});

/** The second device folds, since the first one, which has agreed, is away when the last one agrees. */
async function foldBy(t: ExecutionContext, cluster: Cluster): Promise<void> {
  const { world } = cluster;
  const [one, other, last] = cluster.devices as [Device, Device, Device];
  await world.run('the rule', setRule(other, strictRule), patienceMs);
  await converge(t, cluster);
  await world.clock.advance(60_000);
  await world.run('stop', last.stop(), patienceMs);
  t.truthy((await askFold(cluster, other, false)).issued);
  await world.clock.advance(60_000);
  const { checkpoint } = await askFold(cluster, other, true);
  t.deepEqual(
    checkpoint?.waitsFor.map(({ name }) => name),
    [last.name],
  );
  await world.run('stop', one.stop(), patienceMs);
  await world.run('start', last.start(), patienceMs);
  await world.clock.advance(180_000);
  await world.run('start', one.start(), patienceMs);
  await converge(t, cluster);
  await world.clock.advance(120_000);
  t.is((await askFold(cluster, one, true)).folded?.here, 'done');
}

test('the past that is kept is shown as before, and what is folded is refused by its date', async (t) => {
  const world = new World({ seed: 'fold 4' });
  const cluster = await startCluster(world, { devices: 2 });
  const [one, other] = cluster.devices as [Device, Device];
  const beforeMs = one.machine.wall.skewMs + world.clock.nowMs();
  await write(t, cluster, 4);
  await store(cluster, one, 'deleted', 'is in the trash later');
  const said = one.connect().client.say({ text: 'for all' });
  await world.run('say', said, patienceMs);
  await converge(t, cluster);
  await fold(t, cluster, 'keep-last=1 trash-days=30');
  const removing = { path: Buffer.from('deleted'), recursive: false, force: false };
  await world.run('rm', other.connect().client.remove(removing), patienceMs);
  await store(cluster, other, 'by one 0', 'a new version');
  await converge(t, cluster);
  for (const device of [one, other]) {
    await restart(cluster, device, 'index');
    await converge(t, cluster);
    const { client } = device.connect();
    const log = await world.run(
      'log',
      all(client.log({ path: Buffer.from('by one 0') })),
      patienceMs,
    );
    t.deepEqual(
      log.map(({ what, path }) => `${what} ${path.toString()}`),
      ['changed by one 0', 'changed by one 0', 'folded by one 0'],
      'the version after it, and what the state knows: no conflict, and no version that nobody wrote',
    );
    const trash = await world.run(
      'trash',
      all(client.trash({ path: Buffer.alloc(0) })),
      patienceMs,
    );
    t.deepEqual(
      trash.map(({ path }) => path.toString()),
      ['deleted'],
    );
    const notes = await world.run('notes', all(client.notes({ follow: false })), patienceMs);
    t.deepEqual(
      notes.map(({ text }) => text),
      ['for all'],
    );
    const past = all(client.moment({ text: 'then', timeMs: beforeMs }));
    const refused = await t.throwsAsync(world.run('moment', past, patienceMs));
    t.regex(refused?.message ?? '', /was folded/);
  }
  const undeleting = { path: Buffer.from('deleted'), version: undefined, to: undefined };
  await world.run('undelete', one.connect().client.undelete(undeleting as never), patienceMs);
  await converge(t, cluster);
  t.is(await textAt(cluster, other, 'deleted'), 'is in the trash later');
});

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
