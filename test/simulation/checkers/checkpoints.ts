/**
 * After everything is healed: every device that reads comes to the state that the checkpoint names, and
 * nothing that anybody has written beyond an agreed one misses what it folds.
 */
import type { CheckpointReport } from '../../../protocol/control/retention-reports.ts';
import type { Findings } from '../workload/findings.ts';
import type { Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';

const lookMs = 120_000;

export async function checkCheckpoints(
  { world, devices }: Cluster,
  findings: Findings,
): Promise<void> {
  const readers = devices.filter(({ mayRead }) => mayRead);
  const reports = new Map<Device, CheckpointReport>();
  for (const device of readers) {
    const { client } = device.connect();
    const { checkpoint } = await world.run('checkpoint', client.fold({ dryRun: true }), lookMs);
    if (checkpoint !== null) reports.set(device, checkpoint);
  }
  if (reports.size === 0) return;
  const ids = new Set([...reports.values()].map(({ id }) => id));
  if (ids.size > 1 || reports.size < readers.length)
    findings.wrong(`different checkpoints stand: ${[...ids].join(', ')}`);
  for (const [{ name }, { here, isAgreed, isStable }] of reports) {
    // Whoever wrote beside it does not agree, and that is right.
    if (here !== null && here.code !== 'unseen')
      findings.wrong(`${name} does not agree to the checkpoint: ${here.code}`);
    if (isAgreed) findings.count('agreed to a checkpoint');
    if (isAgreed && isStable === false)
      findings.wrong(`${name} has something that has not seen what was folded`);
  }
}
