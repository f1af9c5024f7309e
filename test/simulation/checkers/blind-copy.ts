/**
 * A blind device holds everything that was acknowledged: one that reads loses all of its chunks, nobody
 * but the blind one is left to ask, and everything reads as before.
 */
import type { Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';
import type { Findings } from '../workload/findings.ts';
import type { Ledger } from '../workload/ledger.ts';
import { waitForConvergence } from './convergence.ts';
import { checkExpectedState } from './expected-state.ts';

export async function checkBlindCopy(
  { world, devices }: Cluster,
  { blind, reader }: { readonly blind: Device; readonly reader: Device },
  { ledger, findings }: { readonly ledger: Ledger; readonly findings: Findings },
): Promise<void> {
  for (const device of devices) {
    if (device !== blind) await world.run('stop', device.stop(), 120_000);
  }
  const { disk } = reader.machine;
  for (const path of disk.paths) if (/^segments\/.*\.seg$/.test(path)) await disk.remove(path);
  await disk.syncDirectory('segments');
  world.trace.note(reader.name, 'lost all chunks');
  await world.run('start', reader.start(), 120_000);
  const two = { world, devices: [reader, blind] };
  if ((await waitForConvergence(two, findings)) === undefined) return;
  await checkExpectedState({ world, devices: [reader] }, ledger, findings);
  findings.count('all chunks came from a blind device');
}
