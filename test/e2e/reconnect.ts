/**
 * Agents that come and go, with real processes: they find each other again, catch up, say goodbye, are
 * started again by their supervisor, and say why when they cannot start.
 */
import { randomBytes } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { EventRecord, PeerRow } from '../../protocol/control/reports.ts';
import { SharedCleanup } from '../helpers/cleanup.ts';
import { freeAddress } from '../helpers/free-address.ts';
import {
  eventually,
  mustSucceed,
  RealDevice,
  settle,
  temporaryFolder,
} from '../helpers/real-device.ts';

const shared = new SharedCleanup();
test.after.always(shared.run);

let folder = '';
let laptop: RealDevice;
let nas: RealDevice;
let vps: RealDevice;

test.before(async () => {
  folder = await temporaryFolder(shared);
  laptop = new RealDevice(shared, folder, 'laptop');
  nas = new RealDevice(shared, folder, 'nas');
  vps = new RealDevice(shared, folder, 'vps');
  await laptop.init();
  await laptop.start();
  for (const device of [nas, vps]) {
    await device.join(await laptop.invite());
    await device.start();
  }
  await allOnline([laptop, nas, vps]);
});

const peerOf = async (device: RealDevice, other: RealDevice): Promise<PeerRow | undefined> =>
  ((await device.json('peers')) as PeerRow[]).find(({ deviceId }) => deviceId === other.id);

async function allOnline(devices: readonly RealDevice[]): Promise<void> {
  await eventually(`${devices.map(({ name }) => name).join(', ')} are connected`, async () => {
    const statuses = await Promise.all(devices.map((device) => device.status()));
    return statuses.every(({ peersOnline }) => peersOnline === devices.length - 1);
  });
}

async function put(device: RealDevice, path: string, content: string | Uint8Array): Promise<void> {
  mustSucceed(await device.run('vault', ['put', '-p', '-', path], { input: content }));
}

test.serial('a clean end is a goodbye: the others know at once, and why', async (t) => {
  const following = nas.launch('vault', ['events', '--follow', '-n', '1']);
  await new Promise((heard) => following.child.stdout.once('data', heard));
  const endMs = performance.now();
  mustSucceed(await nas.vaultd('stop'));
  await eventually('the laptop knows', async () => (await laptop.status()).peersOnline === 1);
  const { code, stderr } = await following.outcome;
  t.is(code, 9);
  t.regex(stderr, /connection to the agent.*shutting-down[^]*try: vaultd status/);
  // A connection that only went silent would be noticed after 45 s.
  t.true(performance.now() - endMs < 40_000);
  const events = mustSucceed(await laptop.vault('events', '--json'))
    .stdout.trimEnd()
    .split('\n');
  const last = events
    .map((line) => JSON.parse(line) as EventRecord)
    .findLast(({ type, subject }) => type === 'peer-offline' && subject === nas.id);
  t.regex(last?.message ?? '', /nas is gone: .*(the agent ends|shutting-down)/);
});

test.serial('a device that was away catches up with what the others did meanwhile', async (t) => {
  const large = randomBytes(5_000_000);
  await put(laptop, 'away/large', large);
  await put(laptop, 'away/a', 'one');
  await put(laptop, 'away/a', 'two');
  mustSucceed(await laptop.vault('mv', 'away/a', 'away/b'));
  await put(vps, 'away/c', 'three');
  mustSucceed(await vps.vault('mkdir', 'away/empty'));
  await nas.start();
  await allOnline([laptop, nas, vps]);
  const [first] = await settle([laptop, nas, vps]);
  t.is(first?.files, 3);
  t.is(mustSucceed(await nas.vault('cat', 'away/b')).stdout, 'two');
  t.is(mustSucceed(await nas.vault('cat', 'away/c')).stdout, 'three');
  mustSucceed(await nas.vault('get', 'away/large', join(folder, 'large')));
  t.true(large.equals(await readFile(join(folder, 'large'))));
});

test.serial(
  'two devices of a machine that are started again at once find each other alone',
  async (t) => {
    const before = [laptop.listening, nas.listening];
    await vps.stop();
    await Promise.all([laptop.stop(), nas.stop()]);
    await Promise.all([laptop.start(), nas.start()]);
    t.deepEqual([laptop.listening, nas.listening], before, 'a port that was free once is kept');
    await allOnline([laptop, nas]);
    await vps.start();
    await allOnline([laptop, nas, vps]);
  },
);

test.serial('two devices that both moved find each other through a third', async (t) => {
  const before = [laptop.listening, nas.listening];
  await laptop.stop();
  await nas.stop();
  await put(vps, 'through', 'the third');
  for (const device of [laptop, nas]) device.change({ listen: await freeAddress() });
  await nas.start();
  await laptop.start();
  const after = [laptop.listening, nas.listening];
  t.true(
    after.every((address) => !before.includes(address)),
    'new ports',
  );
  await allOnline([laptop, nas, vps]);
  const addresses = [
    (await peerOf(laptop, nas))?.addresses,
    (await peerOf(nas, laptop))?.addresses,
  ];
  t.true(addresses[0]?.includes(nas.listening), JSON.stringify(addresses));
  t.true(addresses[1]?.includes(laptop.listening), JSON.stringify(addresses));
});

test.serial('where nobody knows the way, vault peers add shows it', async (t) => {
  await vps.stop();
  await nas.stop();
  await laptop.stop();
  for (const device of [laptop, nas]) device.change({ listen: await freeAddress() });
  await nas.start();
  await laptop.start();
  t.is((await laptop.status()).peersOnline, 0);
  await eventually('it says that nobody answers there', async () =>
    /ECONNREFUSED[^]*start its agent/.test(mustSucceed(await laptop.vault('peers')).stdout),
  );
  t.is((await laptop.status()).peersOnline, 0);
  mustSucceed(await laptop.vault('peers', 'add', nas.listening));
  await allOnline([laptop, nas]);
  const row = await peerOf(laptop, nas);
  t.true(row?.addresses.includes(nas.listening), 'the address belongs to the device now');
  const nameless = ((await laptop.json('peers')) as PeerRow[]).filter(
    ({ deviceId }) => deviceId === null,
  );
  t.deepEqual(nameless, []);

  // One address is enough: the other device is found by what the first one tells.
  await vps.start();
  mustSucceed(await vps.vault('peers', 'add', laptop.listening, '--device', 'laptop'));
  await allOnline([laptop, nas, vps]);
  await settle([laptop, nas, vps]);
});

test.serial('a killed agent is back, with its content and its peers', async (t) => {
  const before = await nas.status();
  process.kill(before.pid, 'SIGKILL');
  await eventually('another agent answers', async () => {
    const { code, stdout } = await nas.vault('status', '--json');
    return code === 0 && (JSON.parse(stdout) as { pid: number }).pid !== before.pid;
  });
  const after = await nas.status();
  t.like(after, {
    deviceId: before.deviceId,
    supervisorPid: before.supervisorPid,
    treeHash: before.treeHash,
  });
  await allOnline([laptop, nas, vps]);
  await put(nas, 'after-crash', 'still writing');
  await settle([laptop, nas, vps]);
  t.is(mustSucceed(await laptop.vault('cat', 'after-crash')).stdout, 'still writing');
});

test.serial('an agent that cannot start any more says why in rescue mode', async (t) => {
  const { pid, treeHash } = await vps.status();
  const identity = join(vps.home, 'identity');
  const [name] = (await readdir(identity)).filter((each) => /tickets|device|identity/.test(each));
  const file = join(identity, name ?? '');
  const good = await readFile(file);
  await writeFile(file, 'scrambled');
  process.kill(pid, 'SIGKILL');
  await eventually('rescue mode answers', async () => {
    const { code, stdout } = await vps.vault('status', '--json');
    return code === 0 && (JSON.parse(stdout) as { health: string }).health === 'broken';
  });
  const status = mustSucceed(await vps.vault('status')).stdout;
  t.regex(status, new RegExp(`identity/${name ?? ''}.*damaged`), status);
  t.regex(status, /try: mend the cause, then vaultd stop and vaultd start/);
  t.is((await vps.vault('doctor')).code, 1);
  for (const words of [['ls'], ['cat', 'after-crash'], ['mkdir', 'x']]) {
    const refused = await vps.vault(...words);
    t.is(refused.code, 5, refused.stderr);
    t.regex(refused.stderr, /rescue mode: .*damaged[^]*try: vault doctor/);
  }
  mustSucceed(await vps.vaultd('stop'));
  await writeFile(file, good);
  await vps.start();
  t.is((await vps.status()).treeHash, treeHash, 'nothing is lost');
});

test.serial(
  '--detach returns when the agent is ready; stop and status know when nothing runs',
  async (t) => {
    const device = new RealDevice(t, folder, 'detached');
    t.is((await device.vaultd('status')).code, 6);
    t.is((await device.vaultd('stop')).code, 6);
    await device.init();
    const absent = await device.vaultd('status');
    t.is(absent.code, 6);
    t.regex(absent.stdout, /^not running: .*detached\n {2}try: vaultd start/);
    t.is((await device.vaultd('status', '--json')).stdout, '{"running":false}\n');
    const stopped = await device.vaultd('stop');
    t.is(stopped.code, 6);
    t.regex(stopped.stderr, /no agent answers[^]*try: /);

    const busy = await device.vaultd('start', '--detach', '--listen', laptop.listening);
    t.is(busy.code, 4, busy.stderr);
    t.regex(busy.stderr, /the port is in use[^]*--listen/);
    t.is(busy.stdout, '');

    const start = ['start', '--detach', '--listen', '127.0.0.1:0'];
    const ready = mustSucceed(await device.vaultd(...start));
    t.teardown(() => device.vaultd('stop'));
    t.regex(
      ready.stdout,
      /^vaultd ready device=\w{32} vault=\w{64} listen=127\.0\.0\.1:\d+ socket=\S+\n$/,
    );
    t.is((await device.vaultd(...start)).code, 4);
    t.like(JSON.parse((await device.vaultd('status', '--json')).stdout), { running: true });
    t.is(mustSucceed(await device.vaultd('stop')).stdout, 'stopped\n');
    t.is((await device.vaultd('status')).code, 6);
    t.regex(await readFile(join(device.home, 'log', 'vaultd.log'), 'utf8'), /agent ready/);
    t.false((await readdir(device.home)).includes('agent.sock'));
  },
);
