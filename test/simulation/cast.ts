/**
 * Whole agents in worlds with everybody who may take part: devices that may only read or only store,
 * members that mean harm, and newcomers whose machines die in the middle of joining. The long version is
 * `npm run torture -- --only simulation`.
 */
import test from 'ava';
import { fileHeaderBytes } from '../../agent/store/file-header.ts';
import { openQuarantine } from '../../agent/store/quarantine.ts';
import { hashedRecord, recordHeaderBytes } from '../../agent/store/record.ts';
import { silentLog } from '../helpers/sim-store.ts';
import { checkMembers } from './checkers/members.ts';
import { checkStoredChunks } from './checkers/stored-chunks.ts';
import { Findings } from './workload/findings.ts';
import { mutants, runMutant } from './workload/mutants.ts';
import { runSimulation, type RunOptions } from './workload/run.ts';
import { startCluster, type Cluster } from './world/cluster.ts';
import { createSimDisk } from './world/sim-disk.ts';
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

test('control: a chunk may be another one only where a power cut tore it, and the device knows it', async (t) => {
  const fates = [0.9, 0.5];
  const disk = createSimDisk({ fraction: () => fates.shift() ?? 0.5 });
  const device = { name: 'host-0', mayRead: true, machine: { disk } };
  const look = async (): Promise<string> => {
    const findings = new Findings(() => 0);
    await checkStoredChunks({ devices: [device] } as unknown as Cluster, findings);
    return findings.violations.join();
  };
  const bodyBytes = 1000;
  const second = fileHeaderBytes + recordHeaderBytes + bodyBytes;
  const parts = [1, 2].flatMap((value) => hashedRecord('chunk', Buffer.alloc(bodyBytes, value)));
  const path = 'segments/00000001.seg';
  const file = await disk.open(path, 'create');
  await file.write(0, [Buffer.alloc(fileHeaderBytes), ...parts.slice(0, 1)]);
  await file.sync();
  await disk.syncDirectory('segments');
  await file.write(fileHeaderBytes + recordHeaderBytes, parts.slice(1, 2));
  await file.write(second, parts.slice(2));
  t.is(await look(), '');
  disk.crash();
  const wrongAt = (offset: number): string =>
    `at 0: host-0: ${path} has a wrong chunk at ${String(offset)}`;
  t.is(await look(), wrongAt(fileHeaderBytes), 'nobody has noticed');

  const quarantine = await openQuarantine(disk, silentLog);
  const again = await disk.open(path, 'write');
  const setAside = async (offset: number): Promise<void> => {
    const bytes = recordHeaderBytes + bodyBytes;
    t.true(await quarantine.keep(again, { file: path, offset, bytes, reason: 'bad' }));
  };
  await setAside(fileHeaderBytes);
  t.is(await look(), '');
  await again.write(second + recordHeaderBytes, [Buffer.from('a lie')]);
  await setAside(second);
  t.is(await look(), wrongAt(second), 'no power cut did it');
  await quarantine.close();
});
