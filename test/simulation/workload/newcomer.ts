/**
 * Somebody who joins while everything goes on, and whose machine dies in the middle of it: what it had
 * is thrown away, as `vaultd join` does with a home that is not whole, and it comes again with another
 * ticket until it is in.
 */
import type { Role } from '../../../agent/members/membership.ts';
import { toVaultError } from '../../../protocol/errors.ts';
import type { Chance } from '../world/chance.ts';
import { inviteFrom, type Cluster } from '../world/cluster.ts';
import { Device } from '../world/device.ts';
import type { Findings } from './findings.ts';
import { isExpected } from './operations.ts';

/** Longer than a join takes on a good link. */
const crashWithinMs = 60;
const crashes = 0.6;

export interface NewcomerOptions {
  readonly name: string;
  readonly role: Role;
  readonly chance: Chance;
  readonly findings: Findings;
}

/** Resolves with the device, which runs. */
export async function comeIn(cluster: Cluster, options: NewcomerOptions): Promise<Device> {
  const { world } = cluster;
  const { chance, findings, role } = options;
  for (let attempt = 1; ; attempt += 1) {
    const device = new Device(world.addMachine(`${options.name}-${String(attempt)}`), role);
    if (await tryToJoin(cluster, device, options)) {
      findings.count(`joined as ${role} after crashes`, attempt - 1);
      await device.start();
      return device;
    }
    await world.sleep(chance.skewed(200, 5_000));
  }
}

async function tryToJoin(
  { world, devices }: Cluster,
  device: Device,
  { chance, findings, role }: NewcomerOptions,
): Promise<boolean> {
  const admins = devices.filter((each) => each.running && each.role === 'admin');
  if (admins.length === 0) return false;
  try {
    const ticket = await inviteFrom(chance.pick(admins), role);
    const joining = device.join(ticket).then(() => true);
    if (!chance.happens(crashes)) return await joining;
    // After a crash what it waits for never comes.
    const crashed = world.sleep(chance.between(0, crashWithinMs)).then(() => false);
    if (await Promise.race([joining, crashed])) return true;
    findings.count('newcomer crashed');
    device.crash(chance.pick(['power', 'kill']));
    return false;
  } catch (error) {
    device.crash('kill');
    findings.count(`newcomer failed: ${toVaultError(error, 'sim').code}`);
    if (!isExpected(error)) findings.wrong(`${device.name}: ${toVaultError(error, 'sim').message}`);
    return false;
  }
}
