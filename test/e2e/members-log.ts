/**
 * A membership log that is damaged in both of its files: the agent starts, says what is wrong, makes nothing
 * up, and gets the log again from a device that it remembers.
 */
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freeAddress } from '../helpers/free-address.ts';
import {
  eventually,
  mustSucceed,
  RealDevice,
  settle,
  temporaryFolder,
} from '../helpers/real-device.ts';

const logs = ['journals/members.log', 'journals/members.copy'];

async function makeTwo(t: ExecutionContext): Promise<{ laptop: RealDevice; nas: RealDevice }> {
  t.timeout(180_000);
  const laptop = new RealDevice(t, await temporaryFolder(t), 'laptop', {
    listen: await freeAddress(),
  });
  await laptop.init();
  await laptop.start();
  const nas = new RealDevice(t, await temporaryFolder(t), 'nas', { listen: await freeAddress() });
  await nas.join(await laptop.invite('writer'));
  await nas.start();
  mustSucceed(await nas.run('vault', ['put', '-', 'letter.txt'], { input: 'dear all' }));
  await settle([laptop, nas]);
  return { laptop, nas };
}

/** Turns one bit in both files; a negative offset counts from the end. */
async function damage(device: RealDevice, offset: number): Promise<void> {
  for (const name of logs) {
    const path = join(device.home, name);
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    const at = offset < 0 ? size + offset : offset;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.of(buffer.readUInt8(0) ^ 0x10), 0, 1, at);
    await file.close();
  }
}

const headerBytes = 64;
const recordHeaderBytes = 48;
const inGenesis = headerBytes + recordHeaderBytes + 60;

async function reasonCodes(device: RealDevice): Promise<readonly string[]> {
  return (await device.status()).reasons.map(({ code }) => code);
}

async function isWell(device: RealDevice): Promise<boolean> {
  const { health, peersOnline } = await device.status();
  return health === 'ok' && peersOnline === 1;
}

/** It needs nobody any more: both of its files are whole, and so is the tree. */
async function checkAlone(t: ExecutionContext, device: RealDevice): Promise<void> {
  t.deepEqual(await reasonCodes(device), []);
  t.is(mustSucceed(await device.vault('cat', 'letter.txt')).stdout, 'dear all');
}

test.serial('a lost genesis comes back from another device, wherever that is now', async (t) => {
  const { laptop, nas } = await makeTwo(t);
  for (const device of [laptop, nas]) await device.stop();
  await damage(laptop, inGenesis);

  await laptop.start();
  const status = await laptop.status();
  t.is(status.health, 'broken');
  t.is(status.deviceId, laptop.id);
  t.regex(status.reasons[0]?.message ?? '', /list of members is damaged.* asks the 1 others/);
  t.regex(status.reasons[0]?.next ?? '', /vault peers add/);
  const refused = await laptop.vault('ls');
  t.is(refused.code, 8, refused.stderr);
  t.regex(refused.stderr, /list of members is damaged/);
  const peers = (await laptop.json('peers')) as { deviceId: string; online: boolean }[];
  t.deepEqual(
    peers.map(({ deviceId, online }) => ({ deviceId, online })),
    [{ deviceId: nas.id, online: false }],
  );

  // At another address, and it cannot say so by itself: it has forgotten where this one is.
  await rm(join(nas.home, 'identity', 'peers.json'));
  nas.change({ listen: await freeAddress() });
  await nas.start();
  mustSucceed(await laptop.vault('peers', 'add', nas.listening));
  await eventually('the log comes back', () => isWell(laptop));
  await checkAlone(t, laptop);
  const [first, copy] = await Promise.all(logs.map((name) => readFile(join(laptop.home, name))));
  t.is(first?.length, copy?.length);

  await nas.kill();
  await laptop.kill();
  await laptop.start();
  await checkAlone(t, laptop);
  mustSucceed(await laptop.vault('keys', 'rotate'));
  const audit = mustSucceed(await laptop.vault('audit', '--json')).stdout;
  t.regex(audit, /members-log-lost/);
  t.regex(audit, /members-log-found/);
});

test.serial(
  'a log without its last statements reads on, and issues nothing that could contradict them',
  async (t) => {
    const { laptop, nas } = await makeTwo(t);
    for (const device of [laptop, nas]) await device.stop();
    // The grant of the only other device: without it nobody in the log could send it again.
    await damage(laptop, -60);

    await laptop.start();
    t.is((await laptop.status()).health, 'attention');
    t.deepEqual(await reasonCodes(laptop), ['members-log-gaps']);
    const rotated = await laptop.vault('keys', 'rotate');
    t.is(rotated.code, 5, rotated.stderr);
    t.regex(rotated.stderr, /disk lost statements/);

    await nas.start();
    await eventually('the gap is filled', () => isWell(laptop));
    await checkAlone(t, laptop);
    mustSucceed(await laptop.vault('keys', 'rotate'));
    await settle([laptop, nas]);
    await nas.kill();
    await laptop.stop();
    await laptop.start();
    await checkAlone(t, laptop);
  },
);

test.serial('with nothing left that says whom to ask, the start is refused in words', async (t) => {
  const { laptop } = await makeTwo(t);
  await laptop.stop();
  await damage(laptop, inGenesis);
  await rm(join(laptop.home, 'identity', 'anchor.json'));
  const { code, stderr } = await laptop.vaultd('start', '--listen', '127.0.0.1:0', '--detach');
  t.is(code, 1, stderr);
  t.regex(stderr, /list of members is damaged/);
  t.regex(stderr, /vaultd restore/);
  // It goes on in rescue mode.
  mustSucceed(await laptop.vaultd('stop'));
});
