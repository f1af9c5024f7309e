/** What a change inside a large file costs on the disk: what is around the change, and not the file. */
import test from 'ava';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, type RealDevice } from '../../helpers/real-device.ts';
import { mountedDevice, whyNoMount } from '../../helpers/real-mount.ts';

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

const MiB = 1024 * 1024;
const fileBytes = 10 * 1024 * MiB;
/** Only here something is written; the rest are holes. */
const data = { offset: 6_000 * MiB, bytes: 24 * MiB };
const writes = 8;

/** Everything that was closed is a version. */
async function storedBytes(device: RealDevice, version: string): Promise<number> {
  await eventually('it is published', async () => {
    const [row] = (await device.json('ls', '/large')) as { version: string }[];
    return row !== undefined && row.version !== version;
  });
  return (await device.status()).storedBytes;
}

async function versionOf(device: RealDevice): Promise<string> {
  const [row] = (await device.json('ls', '/large')) as { version: string }[];
  return row?.version ?? '';
}

maybe('random writes into a file of 10 GiB store what is around them', async (t) => {
  t.timeout(100_000);
  const { device, mount } = await mountedDevice(t, 'one');
  const path = join(mount, 'large');
  let file = openSync(path, 'w');
  truncateSync(path, fileBytes);
  for (let at = 0; at < data.bytes; at += MiB) {
    writeSync(file, randomBytes(MiB), 0, MiB, data.offset + at);
  }
  closeSync(file);
  await eventually('it is there', async () => (await device.vault('ls', '/large')).code === 0);
  await eventually('it is whole', async () => {
    const [row] = (await device.json('ls', '/large')) as { size: number }[];
    return row?.size === fileBytes && (await device.status()).storedBytes > data.bytes;
  });
  const version = await versionOf(device);
  const before = (await device.status()).storedBytes;
  t.true(before < data.bytes * 1.2, 'holes cost nothing');

  const patches = Array.from({ length: writes }, (_, index) => ({
    offset: data.offset + Math.floor(((index + Math.random()) * data.bytes) / writes / 4096) * 4096,
    bytes: randomBytes(4096),
  }));
  file = openSync(path, 'r+');
  for (const { offset, bytes } of patches) writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
  const grown = (await storedBytes(device, version)) - before;
  t.log(`${(grown / MiB).toFixed(1)} MiB more for ${String(writes)} writes of 4 KiB`);
  // A write touches one chunk, seldom two, of 256 KiB on average; each may be cut anew with its neighbours.
  t.true(grown < writes * 1.25 * MiB, String(grown));

  await device.stop();
  await device.start('--mount', mount);
  file = openSync(path, 'r');
  for (const { offset, bytes } of patches) {
    const read = Buffer.alloc(bytes.length);
    readSync(file, read, 0, read.length, offset);
    t.true(read.equals(bytes), String(offset));
  }
  closeSync(file);
});
