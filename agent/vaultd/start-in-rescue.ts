/**
 * Rescue mode: the control socket, and why the agent does not start. The agent itself answers where it
 * still can, because it knows who it is; when not even that can be read, this file answers.
 */
import assert from 'node:assert/strict';
import type { Agent, ShutdownRequest } from '../agent.types.ts';
import { createRescueHandler } from '../control/rescue.ts';
import { openControlServer } from '../control/server.ts';
import { createNodeClock } from '../host/node-clock.ts';
import { listenOnSocket } from '../host/node-control-listener.ts';
import { packageVersion } from '../host/package-version.ts';
import type { Log } from '../ports.ts';
import type { AgentArguments } from './agent-messages.ts';
import { processFacts } from './process-facts.ts';
import type { Running } from './running.ts';

type Answering = Pick<Agent, 'handler' | 'shutdownRequested' | 'close'>;

/** Runs until it is asked to end. */
export async function startInRescue(argument: AgentArguments, log: Log): Promise<Running> {
  const answering = await startRescueAgent(argument, log).catch((error: unknown) => {
    log.error({ err: error }, 'the agent cannot even say who it is');
    return answerAlone(argument);
  });
  const server = await openControlServer({
    path: argument.socket,
    clock: createNodeClock(),
    log: log.child('control'),
    listen: listenOnSocket,
    handler: (client) => answering.handler(client),
  });
  return {
    shutdownRequested: answering.shutdownRequested,
    async close() {
      await server.close();
      await answering.close();
    },
  };
}

async function startRescueAgent(argument: AgentArguments, log: Log): Promise<Answering> {
  const { loadConfig } = await import('./load-config.ts');
  const { startAgent } = await import('../assemble/start-agent.ts');
  const { createNodePorts } = await import('../host/node-host.ts');
  const config = await loadConfig(argument.home, argument.flags);
  const ports = createNodePorts({ home: argument.home, config, log });
  return startAgent(ports, {
    config,
    version: packageVersion(),
    process: processFacts(),
    rescue: argument.rescue,
  });
}

function answerAlone({ rescue }: AgentArguments): Answering {
  assert(rescue !== undefined, 'rescue mode has a reason');
  const shutdown = Promise.withResolvers<ShutdownRequest>();
  const handler = createRescueHandler(
    {
      vaultId: '',
      deviceId: '',
      name: rescue.name,
      startedAt: new Date(createNodeClock().nowMs()).toISOString(),
    },
    { version: packageVersion(), process: processFacts(), rescue },
    shutdown.resolve,
  );
  return {
    handler: () => handler,
    shutdownRequested: shutdown.promise,
    close: () => Promise.resolve(),
  };
}
