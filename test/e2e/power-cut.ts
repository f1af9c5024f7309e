/**
 * A few power cuts on real file systems, and the arms that have to fail: a harness that does not
 * notice an agent without syncs, or with operations before their chunks, proves nothing. The long run
 * is in test/torture.
 */
import test from 'ava';
import { whyNoPowerCuts } from '../helpers/loop-disk.ts';
import { temporaryFolder } from '../helpers/real-device.ts';
import { skipSync } from '../helpers/skip-sync.ts';
import { runPowerCuts } from '../torture/power-cut.ts';
import { join } from 'node:path';

const obstacle = whyNoPowerCuts();
const powerTest = obstacle === undefined ? test.serial : test.serial.skip;
if (obstacle !== undefined) test(`no power can be cut here: ${obstacle}`, (t) => t.pass());

const fixtures = join(import.meta.dirname, '..', 'fixtures');
/** Enough for a bug that any one cut shows with a fair chance. */
const cutsOfBrokenAgent = 8;

for (const fileSystem of ['ext4', 'xfs'] as const) {
  powerTest(`what was acknowledged survives power cuts on ${fileSystem}`, async (t) => {
    t.timeout(110_000);
    const seed = `${fileSystem}-${String(Date.now())}`;
    const report = await runPowerCuts({ seed, rounds: 2, fileSystems: [fileSystem] });
    t.log(`seed ${seed}`, report);
    t.deepEqual(report.problems, []);
    t.is(report.rounds, 2);
    t.true(report.acknowledged > 0, 'something was written before the cuts');
  });
}

powerTest('an agent whose syncs do nothing is caught', async (t) => {
  t.timeout(110_000);
  const environment = await skipSync(await temporaryFolder(t));
  if (environment === undefined) {
    t.log('skipped: there is no C compiler here to make a lying sync with');
    t.pass();
    return;
  }
  const report = await runPowerCuts({
    seed: `no-sync-${String(Date.now())}`,
    rounds: cutsOfBrokenAgent,
    fileSystems: ['ext4'],
    roundsPerHome: 1,
    replica: false,
    device: { environment },
  });
  t.log(report);
  t.true(report.problems.length > 0);
});

powerTest('an agent that syncs operations before their chunks is caught', async (t) => {
  t.timeout(110_000);
  const report = await runPowerCuts({
    seed: `op-before-chunk-${String(Date.now())}`,
    rounds: cutsOfBrokenAgent,
    fileSystems: ['xfs'],
    roundsPerHome: 1,
    replica: false,
    device: { startProgram: join(fixtures, 'op-before-chunk.ts') },
    workload: { small: false, program: false },
  });
  t.log(report);
  t.true(report.problems.length > 0);
});
