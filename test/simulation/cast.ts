/**
 * Whole agents in worlds with everybody who may take part: devices that may only read or only store,
 * members that mean harm, and newcomers whose machines die in the middle of joining. The long version is
 * `npm run torture -- --only simulation`.
 */
import test from 'ava';
import { checkMembers } from './checkers/members.ts';
import { checkStoredChunks } from './checkers/stored-chunks.ts';
import { Findings } from './workload/findings.ts';
import { mutants, runMutant } from './workload/mutants.ts';
import { runSimulation, type RunOptions } from './workload/run.ts';
import { startCluster } from './world/cluster.ts';
import { World } from './world/world.ts';

const everybody: Omit<RunOptions, 'seed'> = {
  devices: 3,
  roles: ['reader', 'blind'],
  liars: 1,
  newcomers: 1,
  rounds: 1,
  roundMs: 30_000,
};

test.serial(
  'one tree, nothing lost, nothing believed, and a blind copy that is enough',
  async (t) => {
    const first = await runSimulation({ ...everybody, seed: 'everybody 1' });
    t.deepEqual(first.violations, []);
    const happened = [...first.counts.keys()];
    t.true(happened.includes('all chunks came from a blind device'));
    t.true(happened.includes('write of a reader refused'));
    t.true(happened.some((what) => what.startsWith('joined as')));
    t.true(happened.filter((what) => what.startsWith('lie ')).length > 3, happened.join(', '));
  },
);

for (const mutant of mutants) {
  test.serial(`control: it is found what goes wrong without ${mutant.name}`, async (t) => {
    t.true((await runMutant(mutant)).includes(mutant.found));
  });
}

test('control: content on a blind device, and a chunk that is another, are found', async (t) => {
  const world = new World({ seed: 'disks' });
  const cluster = await startCluster(world, { devices: 2, roles: ['blind'] });
  const look = async (): Promise<readonly string[]> => {
    const findings = new Findings(() => 0);
    await checkMembers(cluster, [], findings);
    await checkStoredChunks(cluster, findings);
    return findings.violations;
  };
  t.deepEqual(await look(), []);
  const [, blind] = cluster.devices;
  blind!.machine.disk.plant('journals/leak', Buffer.from('in /shared there is a file'));
  t.regex((await look()).join(), /host-1 is blind and has 'shared' in journals\/leak/);
});
