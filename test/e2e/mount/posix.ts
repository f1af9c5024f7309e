/** POSIX cases in a real mount, and the same ones on the disk beside it: both have to say the same. */
import test from 'ava';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { differences, imageOf } from '../../helpers/posix/image.ts';
import { realFolder, type RealFolder } from '../../helpers/posix/real-folder.ts';
import { temporaryFolder } from '../../helpers/real-device.ts';
import { mountedDevice, whyNoMount } from '../../helpers/real-mount.ts';
import { declinedCases, kernelCases } from '../../suites/posix/kernel.ts';
import { posixCases, runCases } from '../../suites/posix/suite.ts';

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

/** A folder of its own for each case. */
function folders(top: string): (name: string) => RealFolder {
  let count = 0;
  return () => {
    count += 1;
    const root = join(top, `case-${String(count)}`);
    mkdirSync(root);
    return realFolder(root);
  };
}

maybe('a directory of the disk does what the cases say', async (t) => {
  const folder = await temporaryFolder(t);
  chmodSync(folder, 0o755);
  await runCases(t, [...posixCases, ...kernelCases], { open: folders(folder) });
});

maybe('a mount does what the cases say, and what they left is in the vault', async (t) => {
  t.timeout(180_000);
  const { mount, device, folder } = await mountedDevice(t, 'one', {
    mountFlags: ['--allow-other'],
  });
  chmodSync(folder, 0o755);
  await runCases(t, [...posixCases, ...kernelCases, ...declinedCases], { open: folders(mount) });
  const before = imageOf(mount);
  t.true(before.length > 100);
  await device.stop();
  await device.start('--mount', mount);
  t.deepEqual(differences(before, imageOf(mount)), []);
});
