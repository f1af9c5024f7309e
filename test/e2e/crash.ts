/** Ten deaths of real processes at random moments; the long run is in test/torture. */
import test from 'ava';
import { runCrash } from '../torture/crash.ts';

test('what was acknowledged survives SIGKILL of agent and supervisor at any moment', async (t) => {
  t.timeout(110_000);
  const seed = `${String(Date.now())}`;
  const report = await runCrash({ seed, rounds: 10 });
  t.log(`seed ${seed}`, report);
  t.deepEqual(report.problems, []);
  t.is(report.rounds, 10);
  t.true(report.acknowledged > 0, 'something was written between the deaths');
  // The bar is 5 s on an idle machine (test/torture reports it); here other tests run beside.
  t.true(report.slowestReadyMs < 30_000, `ready after ${String(report.slowestReadyMs)} ms`);
});
