/**
 * After everything is healed: within ten virtual minutes all devices are connected, lack nothing and
 * show the same tree; those that cannot read it show none.
 */
import type { PeerRow, StatusReport } from '../../../protocol/control/reports.ts';
import type { Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';
import type { Findings } from '../workload/findings.ts';

export const convergeWithinMs = 600_000;
const lookEveryMs = 2_000;

interface Look {
  readonly device: Device;
  readonly status: StatusReport;
  readonly peers: readonly PeerRow[];
}

/** Resolves with the virtual time that it took; undefined when it did not happen. */
export async function waitForConvergence(
  { world, devices }: Pick<Cluster, 'world' | 'devices'>,
  findings: Findings,
): Promise<number | undefined> {
  const startMs = world.clock.monotonicMs();
  let differences: readonly string[] = [];
  while (world.clock.monotonicMs() - startMs < convergeWithinMs) {
    const looks = await world.run('status', Promise.all(devices.map(lookAt)), 60_000);
    differences = differencesOf(looks);
    if (differences.length === 0) {
      const tookMs = world.clock.monotonicMs() - startMs;
      world.trace.note('world', `converged ${looks[0]?.status.treeHash ?? ''}`);
      return tookMs;
    }
    await world.clock.advance(lookEveryMs);
  }
  findings.wrong(`no convergence within ten minutes: ${differences.join('; ')}`);
  return undefined;
}

async function lookAt(device: Device): Promise<Look> {
  const session = device.connect();
  try {
    const { client } = session;
    return { device, status: await client.status(), peers: await client.peers() };
  } finally {
    session.close();
  }
}

function differencesOf(looks: readonly Look[]): readonly string[] {
  const differences: string[] = [];
  const readers = looks.filter(({ device }) => device.mayRead);
  const hashes = new Set(readers.map(({ status }) => status.treeHash));
  if (hashes.size > 1) {
    const all = readers.map(({ status }) => {
      return `${status.name} ${status.treeHash?.slice(0, 8) ?? 'none'}`;
    });
    differences.push(`trees differ: ${all.join(', ')}`);
  }
  for (const { device, status, peers } of looks) {
    const { name, behindOps, behindBytes, treeHash } = status;
    if (behindOps > 0) differences.push(`${name} lacks ${String(behindOps)} batches`);
    if (behindBytes > 0) differences.push(`${name} lacks ${String(behindBytes)} bytes`);
    if ((treeHash !== null) !== device.mayRead) differences.push(`${name} is ${device.role}`);
    const online = new Set(peers.flatMap((row) => (row.online ? row.deviceId : [])));
    const missing = looks.filter(
      (other) => other.device !== device && !online.has(other.device.id),
    );
    if (missing.length > 0) {
      differences.push(
        `${name} does not see ${missing.map((other) => other.device.name).join(', ')}`,
      );
    }
  }
  return differences;
}
