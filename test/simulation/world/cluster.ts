/** Several devices of one vault in one world: the first one makes it, the others are invited and join. */
import type { StatusReport } from '../../../protocol/control/reports.ts';
import { Device } from './device.ts';
import type { MachineOptions } from './machine.ts';
import type { World } from './world.ts';

const setUpMs = 120_000;

export interface ClusterOptions {
  readonly devices: number;
  readonly machine?: MachineOptions;
}

export interface Cluster {
  readonly world: World;
  readonly devices: readonly Device[];
}

/** Devices that run and know each other. */
export async function startCluster(world: World, options: ClusterOptions): Promise<Cluster> {
  const devices = Array.from(
    { length: options.devices },
    (_, index) => new Device(world.addMachine(`host-${String(index)}`, options.machine)),
  );
  await world.run('set-up', setUp(devices), setUpMs);
  return { world, devices };
}

async function setUp([first, ...others]: readonly Device[]): Promise<void> {
  if (first === undefined) return;
  await first.init();
  await first.start();
  for (const device of others) {
    await device.join(await inviteFrom(first));
    await device.start();
  }
}

async function inviteFrom(device: Device): Promise<string> {
  const session = device.connect();
  const { ticket } = await session.client.invite({
    role: 'admin',
    expiresS: 7 * 24 * 3600,
    approve: false,
    addresses: [],
  });
  session.close();
  return ticket;
}

export async function statusOf(device: Device): Promise<StatusReport> {
  const session = device.connect();
  try {
    return await session.client.status();
  } finally {
    session.close();
  }
}
