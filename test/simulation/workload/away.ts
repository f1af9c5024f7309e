/**
 * A story of letting go: a device is away that has heard of a file and does not have its content yet. While
 * the others replace the file and let the old version go, it makes a copy of it. Only when the others wait
 * for what it has to say does the copy ever have a content.
 */
import { toVaultError } from '../../../protocol/errors.ts';
import { waitForConvergence } from '../checkers/convergence.ts';
import { startCluster, type Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';
import { World } from '../world/world.ts';
import { getFile, listAll, putFiles } from './calls.ts';
import { contentOf } from './content.ts';
import { Findings } from './findings.ts';
import { setRule, strictRule } from './letting-go.ts';

const options = { nowMs: 1_795_000_000_000, pieceBytes: 64 * 1024 };
/** So slow that the content of the file does not come before the device is away. */
const trickle = 1_024;
/** One chunk without a list of chunks, which a copy would have to read. */
const contentBytes = 60_000;
const patienceMs = 60_000;

export async function playAway(seed: string): Promise<{ readonly violations: readonly string[] }> {
  const world = new World({ seed });
  const findings = new Findings(() => world.clock.monotonicMs());
  try {
    await play(world, findings);
  } catch (error) {
    const { message, detail } = toVaultError(error, 'sim.away');
    findings.wrong(`the story broke off: ${message} ${detail ?? ''}`);
  }
  return { violations: findings.violations };
}

async function play(world: World, findings: Findings): Promise<void> {
  const cluster = await startCluster(world, { devices: 2 });
  const [home, away] = cluster.devices as [Device, Device];
  await waitForConvergence(cluster, findings);
  const [first, ...later] = [1, 2, 3].map((id) => contentOf(id, contentBytes)) as [Buffer, Buffer];
  await limit(cluster, away, trickle);
  // The first content that comes is let in, and paid for by those after it.
  await store(cluster, home, 'before', contentOf(0, contentBytes));
  await until(cluster, away, 'get the file before', async () => {
    const { behindBytes, files } = await away.connect().client.status();
    return behindBytes === 0 && files === 1;
  });
  await store(cluster, home, 'film', first);
  await until(cluster, away, 'hear of the file', async () => {
    const entries = await listAll(away.connect().client);
    return entries.some(({ path }) => path.toString() === 'film');
  });
  world.network.partition(home.name, away.name);
  await world.run('the rule', setRule(home, strictRule), patienceMs);
  const { behindBytes } = await world.run('status', away.connect().client.status(), patienceMs);
  if (behindBytes === 0) throw new Error('the content came before the device was away');
  for (const content of later) await store(cluster, home, 'film', content);
  await letGo(cluster, home);
  await copy(cluster, away);
  world.network.heal();
  await limit(cluster, away, 0);
  await waitForConvergence(cluster, findings);
  for (const device of cluster.devices) {
    const got = await world
      .run('get', getFile(device.connect().client, 'copy'), patienceMs)
      .catch(() => undefined);
    if (got?.bytes.equals(first) === true) continue;
    findings.wrong(`${device.name} cannot read the copy that was made while its device was away`);
  }
}

function store(
  { world }: Cluster,
  device: Device,
  path: string,
  content: Buffer,
): Promise<unknown> {
  const putting = putFiles(device.connect().client, [{ path, content }], options);
  return world.run('put', putting, patienceMs);
}

function limit({ world }: Cluster, device: Device, inBytesPerSecond: number): Promise<unknown> {
  return world.run('limit', device.connect().client.limit({ inBytesPerSecond }), patienceMs);
}

function copy({ world }: Cluster, device: Device): Promise<unknown> {
  const [source, destination] = [Buffer.from('film'), Buffer.from('copy')];
  const copying = device.connect().client.copy({ source, destination, recursive: false });
  return world.run('copy', copying, patienceMs);
}

/** What the rule does not keep, and whatever of its space may come back by now. */
async function letGo({ world }: Cluster, device: Device): Promise<void> {
  const { client } = device.connect();
  await world.run('forget', client.forget({ path: Buffer.alloc(0), dryRun: false }), patienceMs);
  await world.run('gc', client.collect({ dryRun: false }), patienceMs);
}

async function until(
  { world }: Cluster,
  device: Device,
  what: string,
  isTrue: () => Promise<boolean>,
): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) {
    if (await world.run(what, isTrue(), patienceMs)) return;
    await world.clock.advance(500);
  }
  throw new Error(`${device.name} does not ${what}`);
}
