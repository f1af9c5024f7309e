/** POSIX cases in a real mount, and the same ones on the disk beside it: both have to say the same. */
import test from 'ava';
import { spawnSync } from 'node:child_process';
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

/**
 * What libfuse 2 and the package around it cannot do; vaultd(8) says the same. Some of it depends on how
 * long the kernel believes what it was told, so that nothing is asked of these cases.
 */
const nativeLimits = new Set([
  'names: any bytes but the slash, and case counts',
  'unlink: an open file lives on with no link, and its bytes with it',
  'link: one file under two names, counted',
  'link: a symlink has names too',
  'symlink: the target is kept byte for byte and its length is the size',
  'rename: what was replaced lives on for those who have it open',
  'rename: NOREPLACE leaves what is there',
  'rename: EXCHANGE swaps, whatever the kinds are',
  'fallocate: makes it longer, or only promises to have room',
  'fallocate: PUNCH_HOLE and ZERO_RANGE give zeros',
  'fallocate: EFBIG beyond everything',
  'tmpfile: without a name until it gets one',
  'utimensat: nanoseconds, before 1970 and after 2038',
  'utimensat: one time alone, and now',
  'utimensat: a symlink has times of its own',
  'times: of a directory they move with its names, of a file with its bytes',
  'times: link, unlink and rename move the ctime of the file',
]);

maybe('fuse-native does what the cases say, but for its limits', async (t) => {
  const without = whyNoLibrary();
  if (without !== undefined) {
    t.log(`skipped: ${without}`);
    t.pass();
    return;
  }
  t.timeout(180_000);
  const { mount, folder } = await mountedDevice(t, 'one', {
    mountFlags: ['--driver', 'fuse-native'],
  });
  chmodSync(folder, 0o755);
  const cases = posixCases.filter(({ name }) => !nativeLimits.has(name));
  await runCases(t, cases, { open: folders(mount) });
});

function whyNoLibrary(): string | undefined {
  const found = spawnSync('sh', ['-c', 'ldconfig -p | grep -q libfuse.so.2'], { stdio: 'ignore' });
  return found.status === 0 ? undefined : 'the package libfuse2 is missing';
}
