/**
 * The agent that is left when the real one does not start: it opens nothing but its identity, and says
 * why. It knows who it is where even that can be read.
 */
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { ProcessFacts, ShutdownRequest } from '../agent.types.ts';
import { createRescueHandler } from '../control/rescue.ts';
import { lookAtIdentity } from '../members/identity-file.ts';
import type { Ports } from '../ports.ts';
import { formatTime } from '../vault/format-time.ts';

export interface RescueOptions {
  /** Name of this device, for people. */
  readonly name: string;
  /** Why the agent does not start, the last attempt first. */
  readonly reasons: readonly string[];
  readonly version: string;
  readonly process: ProcessFacts;
}

export interface Rescue {
  /** The answers for every client of the control socket. */
  readonly handler: CallHandler;
  /** Resolves when a client asked for the end. */
  readonly shutdownRequested: Promise<ShutdownRequest>;
}

export type RescuePorts = Pick<Ports, 'clock' | 'disk' | 'log'>;

export async function startRescue(ports: RescuePorts, options: RescueOptions): Promise<Rescue> {
  const shutdown = Promise.withResolvers<ShutdownRequest>();
  const facts = {
    vaultId: '',
    deviceId: await ownDevice(ports),
    name: options.name,
    startedAt: formatTime(ports.clock.nowMs()),
  };
  return {
    handler: createRescueHandler(facts, options, shutdown.resolve),
    shutdownRequested: shutdown.promise,
  };
}

/** Its identity may be the very thing that is broken. */
async function ownDevice({ disk, log }: RescuePorts): Promise<string> {
  try {
    return (await lookAtIdentity(disk))?.device ?? '';
  } catch (error) {
    log.error({ err: error }, 'the agent cannot even say who it is');
    return '';
  }
}
