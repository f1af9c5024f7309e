/** The agent is killed while programs read: they wait, and get the bytes that are there, from its successor. */
import test from 'ava';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mountAt } from '../../../fuse/mount/mount-table.ts';
import { readAheadBytes } from '../../../fuse/protocol/constants.ts';
import { contentOf } from '../../helpers/control-session.ts';
import { mountedDevice, whyNoMount } from '../../helpers/real-mount.ts';

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

const MiB = 1024 * 1024;
const fileBytes = 48 * MiB;
const stepBytes = 128 * 1024;
/** What is promised of a mount whose agent died. */
const answersWithinMs = 5_000;
/** Past the kernel's cache, so that the agent answers every read. */
const past = constants.O_RDONLY | constants.O_DIRECT;
const large = contentOf('killed while it is read', fileBytes);

/** In order. @returns the digest of what came */
async function readOn(path: string, came: (bytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, past);
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(stepBytes), 0, stepBytes);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
      came(bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Here and there, until `isOver`. @returns how many reads gave other bytes */
async function readAround(path: string, isOver: () => boolean): Promise<number> {
  const file = await open(path, past);
  let wrong = 0;
  try {
    for (let at = 4096; !isOver(); at = (at * 7 + 4096 * 11) % (fileBytes - 4096)) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(4096), 0, 4096, at);
      if (bytesRead !== 4096 || !buffer.equals(large.subarray(at, at + 4096))) wrong += 1;
    }
    return wrong;
  } finally {
    await file.close();
  }
}

maybe('an agent that is killed in the middle of reads is waited for by all of them', async (t) => {
  t.timeout(120_000);
  const { mount, device, folder } = await mountedDevice(t, 'one');
  await writeFile(join(folder, 'large'), large);
  t.is((await device.vault('put', join(folder, 'large'), '/large')).code, 0);
  const path = join(mount, 'large');
  // A third time within seconds would be a crash loop.
  const killsAt = [fileBytes / 4, (fileBytes * 3) / 4];
  let [read, isOver] = [0, false];
  const kills: Promise<number>[] = [];
  const around = readAround(path, () => isOver);
  const found = await readOn(path, (bytes) => {
    read += bytes;
    const killAt = killsAt[kills.length];
    if (killAt !== undefined && read >= killAt) kills.push(killed());
  });
  isOver = true;
  t.is(found, createHash('sha256').update(large).digest('hex'));
  t.is(await around, 0);
  const waits = await Promise.all(kills);
  for (const waitedMs of waits) t.log(`answered again after ${waitedMs.toFixed(0)} ms`);
  // One of the two: others use this machine, too.
  t.true(Math.min(...waits) < answersWithinMs);
  t.is(kills.length, 2);
  t.true((await readFile(path)).equals(large));

  async function killed(): Promise<number> {
    await device.killAgent();
    const startMs = performance.now();
    await readFile(join(mount, '.vault', 'status'));
    return performance.now() - startMs;
  }
});

maybe('the kernel reads ahead as far as it was asked to, also after a kill', async (t) => {
  const { mount, device } = await mountedDevice(t, 'one');
  const window = async (): Promise<string> => {
    const entry = await mountAt(mount);
    return readFile(`/sys/class/bdi/${entry?.device ?? ''}/read_ahead_kb`, 'utf8');
  };
  const wanted = `${String(readAheadBytes / 1024)}\n`;
  t.is(await window(), wanted);
  await device.killAgent();
  await readFile(join(mount, '.vault', 'status'));
  t.is(await window(), wanted);
});
