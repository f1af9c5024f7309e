/**
 * A home on a disk that is really full: writing is refused in words, nothing that was acknowledged is
 * lost, reading and removing go on, a killed agent starts again, and writing comes back by itself.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { checkDevice, startTimed } from '../helpers/crash-check.ts';
import { contentOf, digestOf } from '../helpers/control-session.ts';
import { ExpectedState } from '../helpers/expected-state.ts';
import { eventually, mustSucceed, RealDevice, temporaryFolder } from '../helpers/real-device.ts';
import { fill, makeSmallDisk, whyNoSmallDisk } from '../helpers/small-disk.ts';

const MiB = 1024 * 1024;
const obstacle = whyNoSmallDisk();
const fullTest = obstacle === undefined ? test.serial : test.serial.skip;
if (obstacle !== undefined) test(`no disk can be filled here: ${obstacle}`, (t) => t.pass());

interface Site {
  readonly folder: string;
  readonly disk: string;
  readonly device: RealDevice;
  readonly expected: ExpectedState;
}

async function build(t: ExecutionContext, environment: Record<string, string>): Promise<Site> {
  t.timeout(100_000);
  const folder = await temporaryFolder(t);
  const disk = await makeSmallDisk(t, folder, 96);
  const device = new RealDevice(t, disk, 'laptop', { environment });
  await device.init();
  await device.start();
  return { folder, disk, device, expected: new ExpectedState() };
}

/** @returns the exit status of `vault put` of so many fresh bytes */
async function put(
  site: Site,
  path: string,
  bytes: number,
): Promise<{ code: number | null; stderr: string }> {
  const content = contentOf(path, bytes);
  const source = join(site.folder, 'source');
  await writeFile(source, content);
  const change = site.expected.begin(`put ${path}`, new Map([[path, digestOf(content)]]));
  const outcome = await site.device.vault('put', source, path);
  if (outcome.code === 0) site.expected.acknowledge(change);
  return outcome;
}

/** Small puts until one is refused, so that the journal meets the end too. */
async function putUntilRefused(t: ExecutionContext, site: Site, bytes: number): Promise<void> {
  for (let number = 0; number < 200; number++) {
    const { code, stderr } = await put(site, `small-${String(bytes)}-${String(number)}`, bytes);
    if (code === 0) continue;
    t.is(code, 7, stderr);
    return;
  }
  t.fail('nothing was ever refused');
}

async function exercise(t: ExecutionContext, site: Site): Promise<void> {
  const { device, disk, expected } = site;
  t.is((await put(site, 'kept.bin', 3 * MiB)).code, 0);
  t.is((await put(site, 'kept.txt', 1000)).code, 0);
  const giveBack = await fill(disk, 60 * MiB);

  const refused = await put(site, 'too-large.bin', 80 * MiB);
  t.is(refused.code, 7, refused.stderr);
  t.regex(refused.stderr, /no space left/);
  t.regex(refused.stderr, /free some space/);
  t.deepEqual(await checkDevice(device, expected), [], 'reading goes on');

  const giveBackMore = await fill(disk, 96 * MiB);
  await putUntilRefused(t, site, 100_000);
  const status = await device.status();
  t.true(
    status.reasons.some(({ code }) => code === 'disk-full'),
    JSON.stringify(status.reasons),
  );
  t.is(status.health, 'attention');
  t.deepEqual(await checkDevice(device, expected), []);

  await device.kill();
  await startTimed(device);
  t.deepEqual(await checkDevice(device, expected), [], 'an agent starts on a full disk and reads');

  await giveBack();
  await giveBackMore();
  await eventually('writing comes back by itself', async () => {
    const { code } = await put(
      site,
      `again-${String(expected.acknowledged)}-${String(expected.inFlight)}`,
      200_000,
    );
    return code === 0;
  });
  mustSucceed(await device.vault('rm', 'kept.txt'));
  expected.acknowledge(expected.begin('rm', new Map([['kept.txt', undefined]])));
  t.deepEqual(await checkDevice(device, expected), []);
  await device.kill();
  await startTimed(device);
  t.deepEqual(await checkDevice(device, expected), [], 'and all of it is durable');
}

fullTest(
  'a disk that is full to the last byte loses nothing and is written again later',
  async (t) => {
    const environment = {
      VAULT_STORE_FREE_BYTES_MIN: '0',
      VAULT_STORE_BALLAST_BYTES: String(2 * MiB),
    };
    await exercise(t, await build(t, environment));
  },
);

fullTest(
  'a disk that is full up to the reserve loses nothing and is written again later',
  async (t) => {
    const environment = { VAULT_STORE_FREE_BYTES_MIN: String(8 * MiB) };
    await exercise(t, await build(t, environment));
  },
);

fullTest(
  'what is in the vault can be removed while the disk is full to the last byte',
  async (t) => {
    const environment = {
      VAULT_STORE_FREE_BYTES_MIN: '0',
      VAULT_STORE_BALLAST_BYTES: String(2 * MiB),
    };
    const site = await build(t, environment);
    const { device, disk, expected } = site;
    t.is((await put(site, 'one.bin', 2 * MiB)).code, 0);
    await fill(disk, 96 * MiB);
    t.is((await put(site, 'more.bin', 8 * MiB)).code, 7);
    t.deepEqual(await checkDevice(device, expected), []);
    const { code, stderr } = await device.vault('rm', 'one.bin');
    t.is(code, 0, stderr);
    expected.acknowledge(expected.begin('rm', new Map([['one.bin', undefined]])));
    t.deepEqual(await checkDevice(device, expected), []);
  },
);
