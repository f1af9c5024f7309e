/**
 * Power cuts below a mount, and the arm that has to fail: one that does not notice an agent without syncs
 * proves nothing. The long run is in test/torture.
 */
import test from 'ava';
import { whyNoPowerCuts } from '../../helpers/loop-disk.ts';
import { temporaryFolder } from '../../helpers/real-device.ts';
import { whyNoMount } from '../../helpers/real-mount.ts';
import { skipSync } from '../../helpers/skip-sync.ts';
import { runMountPower } from '../../torture/mount-power.ts';

const missing = whyNoMount() ?? whyNoPowerCuts();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined) test(`no power can be cut here: ${missing}`, (t) => t.pass());

maybe('what was synced in a mount survives power cuts, bytes and names', async (t) => {
  t.timeout(110_000);
  const report = await runMountPower({ rounds: 2, fileSystems: ['ext4'] });
  t.log(report);
  t.deepEqual(report.problems, []);
  t.is(report.rounds, 2);
  t.true(report.promises >= 20);
});

maybe('an agent whose syncs do nothing is caught', async (t) => {
  t.timeout(110_000);
  const environment = await skipSync(await temporaryFolder(t));
  if (environment === undefined) {
    t.log('skipped: there is no C compiler here to make a lying sync with');
    t.pass();
    return;
  }
  const report = await runMountPower({ rounds: 4, fileSystems: ['ext4'], device: { environment } });
  t.log(report);
  t.true(report.problems.length > 0);
});
