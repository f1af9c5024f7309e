/**
 * After everything is healed: within ten virtual minutes all devices are connected, lack nothing and
 * show the same tree.
 */
import type { StatusReport } from '../../../protocol/control/reports.ts';
import { statusOf, type Cluster } from '../world/cluster.ts';
import type { Findings } from '../workload/findings.ts';

export const convergeWithinMs = 600_000;
const lookEveryMs = 2_000;

/** Resolves with the virtual time that it took; undefined when it did not happen. */
export async function waitForConvergence(
  { world, devices }: Cluster,
  findings: Findings,
): Promise<number | undefined> {
  const startMs = world.clock.monotonicMs();
  let differences: readonly string[] = [];
  while (world.clock.monotonicMs() - startMs < convergeWithinMs) {
    const reports = await world.run('status', Promise.all(devices.map(statusOf)), 60_000);
    differences = differencesOf(reports);
    if (differences.length === 0) {
      const tookMs = world.clock.monotonicMs() - startMs;
      world.trace.note('world', `converged ${reports[0]?.treeHash ?? ''}`);
      return tookMs;
    }
    await world.clock.advance(lookEveryMs);
  }
  findings.wrong(`no convergence within ten minutes: ${differences.join('; ')}`);
  return undefined;
}

function differencesOf(reports: readonly StatusReport[]): readonly string[] {
  const differences: string[] = [];
  const hashes = new Set(reports.map(({ treeHash }) => treeHash));
  if (hashes.size > 1) {
    const all = reports.map(({ name, treeHash }) => `${name} ${treeHash?.slice(0, 8) ?? 'none'}`);
    differences.push(`trees differ: ${all.join(', ')}`);
  }
  for (const { name, behindOps, behindBytes, peersOnline, peersKnown } of reports) {
    if (behindOps > 0) differences.push(`${name} lacks ${String(behindOps)} batches`);
    if (behindBytes > 0) differences.push(`${name} lacks ${String(behindBytes)} bytes`);
    if (peersOnline < peersKnown) {
      differences.push(`${name} sees ${String(peersOnline)} of ${String(peersKnown)} devices`);
    }
  }
  return differences;
}
