/** Several devices of one vault in one world: the first one makes it, the others are invited and join. */
import type { Role } from '../../../agent/members/membership.ts';
import type { StatusReport } from '../../../protocol/control/reports.ts';
import { Device } from './device.ts';
import type { MachineOptions } from './machine.ts';
import type { World } from './world.ts';

const setUpMs = 120_000;

export interface ClusterOptions {
  readonly devices: number;
  /** Of the devices after the first, which is an admin. @default admins all */
  readonly roles?: readonly Role[] | undefined;
  readonly machine?: MachineOptions;
}

export interface Cluster {
  readonly world: World;
  /** The honest ones that run, or should. */
  readonly devices: Device[];
}

/** Devices that run and know each other. */
export async function startCluster(world: World, options: ClusterOptions): Promise<Cluster> {
  const devices = Array.from(
    { length: options.devices },
    (_, index) =>
      new Device(
        world.addMachine(`host-${String(index)}`, options.machine),
        index === 0 ? 'admin' : options.roles?.[index - 1],
      ),
  );
  await world.run('set-up', setUp(devices), setUpMs);
  return { world, devices };
}

async function setUp([first, ...others]: readonly Device[]): Promise<void> {
  if (first === undefined) return;
  await first.init();
  await first.start();
  for (const device of others) {
    await device.join(await inviteFrom(first, device.role));
    await device.start();
  }
}

/** A ticket. @throws VaultError `no-agent`, `closed` when the agent is not there */
export async function inviteFrom(device: Device, role: Role): Promise<string> {
  const session = device.connect();
  try {
    const { ticket } = await session.client.invite({
      role,
      expiresS: 7 * 24 * 3600,
      approve: false,
      addresses: [],
    });
    return ticket;
  } finally {
    session.close();
  }
}

export async function statusOf(device: Device): Promise<StatusReport> {
  const session = device.connect();
  try {
    return await session.client.status();
  } finally {
    session.close();
  }
}
