/** A device whose membership log rotted in both files, and what it hears from a member that means harm. */
import test from 'ava';
import { waitForConvergence } from './checkers/convergence.ts';
import { checkMembers } from './checkers/members.ts';
import { Findings } from './workload/findings.ts';
import { Liar } from './workload/liar.ts';
import { startCluster, statusOf } from './world/cluster.ts';
import { World } from './world/world.ts';

const inGenesis = (64 + 48 + 60) * 8;

test('a lost log is taken from an honest device, and not from one that lies', async (t) => {
  const world = new World({ seed: 'lost log' });
  const findings = new Findings(() => world.clock.monotonicMs());
  const cluster = await startCluster(world, { devices: 3, roles: ['writer', 'reader'] });
  const { devices } = cluster;
  const liar = await world.run(
    'a liar joins',
    Liar.join(cluster, {
      name: 'liar-0',
      role: 'reader',
      chance: world.chance.fork('liar'),
      findings,
      lies: ['a garbled statement', 'a statement in the name of the owner'],
    }),
    60_000,
  );
  await waitForConvergence(cluster, findings);
  for (const device of devices) await world.run('stop', device.stop(), 60_000);
  const [first, second, third] = devices;
  for (const path of ['journals/members.log', 'journals/members.copy']) {
    second!.machine.disk.flipBit(path, inGenesis);
  }
  await world.run('start', second!.start(), 60_000);
  t.is((await world.run('status', statusOf(second!), 10_000)).health, 'broken');
  await world.clock.advance(90_000);
  t.is((await world.run('status', statusOf(second!), 10_000)).health, 'broken');
  t.true([...findings.counts.keys()].some((what) => what.startsWith('lie ')));

  for (const device of [first!, third!]) await world.run('start', device.start(), 60_000);
  await waitForConvergence(cluster, findings);
  await checkMembers(cluster, [liar], findings);
  await world.run('the end of the liar', liar.close(), 60_000);
  t.deepEqual(findings.violations, []);
});
