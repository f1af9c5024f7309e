/**
 * A story of folding: two devices write while they do not see each other, and one of them folds. What the
 * other one has not seen must not be folded, or it must not agree before a later checkpoint takes in what
 * it wrote meanwhile.
 */
import { toVaultError } from '../../../protocol/errors.ts';
import { checkCheckpoints } from '../checkers/checkpoints.ts';
import { waitForConvergence } from '../checkers/convergence.ts';
import { startCluster, type Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';
import { World } from '../world/world.ts';
import { putFiles } from './calls.ts';
import { Findings } from './findings.ts';

const options = { nowMs: 1_795_000_000_000, pieceBytes: 64 * 1024 };
const patienceMs = 60_000;

export interface ApartReport {
  readonly violations: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

export async function playApart(seed: string): Promise<ApartReport> {
  const world = new World({ seed });
  const findings = new Findings(() => world.clock.monotonicMs());
  try {
    await play(world, findings);
  } catch (error) {
    const { message, detail } = toVaultError(error, 'sim.apart');
    findings.wrong(`the story broke off: ${message} ${detail ?? ''}`);
  }
  return { violations: findings.violations, counts: findings.counts };
}

async function play(world: World, findings: Findings): Promise<void> {
  const cluster = await startCluster(world, { devices: 2 });
  const [one, other] = cluster.devices as [Device, Device];
  await store(cluster, one, 'before');
  await waitForConvergence(cluster, findings);
  world.network.partition(one.name, other.name);
  await store(cluster, one, 'meanwhile');
  await store(cluster, other, 'apart');
  const { issued } = await fold(cluster, one);
  if (issued !== null) findings.count('folded apart');
  world.network.heal();
  await waitForConvergence(cluster, findings);
  await checkCheckpoints(cluster, findings);
  // Now that both have seen everything, all of it can be folded.
  await store(cluster, other, 'together');
  await waitForConvergence(cluster, findings);
  await fold(cluster, one);
  await waitForConvergence(cluster, findings);
  await world.clock.advance(patienceMs);
  await checkCheckpoints(cluster, findings);
}

function store({ world }: Cluster, device: Device, path: string): Promise<unknown> {
  const file = { path, content: Buffer.from(`${path} by ${device.name}`) };
  return world.run('put', putFiles(device.connect().client, [file], options), patienceMs);
}

function fold({ world }: Cluster, device: Device): Promise<{ readonly issued: string | null }> {
  return world.run('fold', device.connect().client.fold({ dryRun: false }), patienceMs);
}
