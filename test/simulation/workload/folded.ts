/**
 * A story of folding to its end: bodies of old batches go from both devices, what no batch names goes after
 * its time, then both lose their power and their indexes. Only what was durable and named before the first
 * body went can say what the vault holds.
 */
import { toVaultError } from '../../../protocol/errors.ts';
import { waitForConvergence } from '../checkers/convergence.ts';
import { startCluster, type Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';
import { World } from '../world/world.ts';
import { getFile, putFiles } from './calls.ts';
import { Findings } from './findings.ts';
import { setRule, strictRule } from './letting-go.ts';

const options = { nowMs: 1_795_000_000_000, pieceBytes: 64 * 1024 };
const patienceMs = 60_000;
/** Longer than chunks stay that nobody names. */
const unnamedMs = 2 * 3_600_000;

export async function playFolded(
  seed: string,
): Promise<{ readonly violations: readonly string[] }> {
  const world = new World({ seed });
  const findings = new Findings(() => world.clock.monotonicMs());
  try {
    await play(world, findings);
  } catch (error) {
    const { message, detail } = toVaultError(error, 'sim.folded');
    findings.wrong(`the story broke off: ${message} ${detail ?? ''}`);
  }
  return { violations: findings.violations };
}

async function play(world: World, findings: Findings): Promise<void> {
  const cluster = await startCluster(world, { devices: 2 });
  const [one] = cluster.devices as [Device];
  await world.run('the rule', setRule(one, strictRule), patienceMs);
  for (const text of ['one', 'two', 'three']) await store(cluster, one, text);
  await waitForConvergence(cluster, findings);
  await world.clock.advance(60_000);
  await world.run('fold', one.connect().client.fold({ dryRun: false }), patienceMs);
  await world.clock.advance(120_000);
  for (const device of cluster.devices) {
    const { client } = device.connect();
    const { folded } = await world.run('folded', client.fold({ dryRun: true }), patienceMs);
    if (folded?.here !== 'done') findings.wrong(`${device.name} has not folded`);
  }
  await collectAll(cluster);
  await world.clock.advance(unnamedMs);
  await collectAll(cluster);
  for (const device of cluster.devices) {
    device.crash('power');
    device.machine.index.refuseOpen();
  }
  for (const device of cluster.devices) await world.run('start', device.start(), patienceMs);
  for (const device of cluster.devices) {
    const got = await world
      .run('get', getFile(device.connect().client, 'file'), patienceMs)
      .catch(() => undefined);
    if (got?.bytes.toString() === 'three') continue;
    findings.wrong(`${device.name} does not know the file that was folded`);
  }
  await waitForConvergence(cluster, findings);
}

/** The first time it only looks for what nobody names. */
async function collectAll({ world, devices }: Cluster): Promise<void> {
  for (const device of devices) {
    await world.run('gc', device.connect().client.collect({ dryRun: false }), patienceMs);
  }
}

function store({ world }: Cluster, device: Device, text: string): Promise<unknown> {
  const file = { path: 'file', content: Buffer.from(text) };
  return world.run('put', putFiles(device.connect().client, [file], options), patienceMs);
}
