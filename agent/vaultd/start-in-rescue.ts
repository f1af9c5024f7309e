/** Rescue mode on this machine: the control socket, and why the agent does not start. */
import assert from 'node:assert/strict';
import { startRescue } from '../assemble/start-rescue.ts';
import { openControlServer } from '../control/server.ts';
import { createNodeClock } from '../host/node-clock.ts';
import { listenOnSocket } from '../host/node-control-listener.ts';
import { createNodeDisk } from '../host/node-disk.ts';
import { packageVersion } from '../host/package-version.ts';
import type { Log } from '../ports.ts';
import type { AgentArguments } from './agent-messages.ts';
import { processFacts } from './process-facts.ts';
import type { Running } from './running.ts';

/** Runs until it is asked to end. */
export async function startInRescue(argument: AgentArguments, log: Log): Promise<Running> {
  const { home, socket, rescue } = argument;
  assert(rescue !== undefined, 'rescue mode has a reason');
  const clock = createNodeClock();
  const { handler, shutdownRequested } = await startRescue(
    { clock, disk: createNodeDisk(home), log },
    { ...rescue, version: packageVersion(), process: processFacts() },
  );
  const server = await openControlServer({
    path: socket,
    clock,
    log: log.child('control'),
    listen: listenOnSocket,
    handler: () => handler,
  });
  return { shutdownRequested, close: () => server.close() };
}
