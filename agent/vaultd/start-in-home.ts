/**
 * Starts the agent of a home on this machine, with its control socket. The supervisor has checked the
 * home and holds its lock.
 */
import { startAgent } from '../assemble/start-agent.ts';
import type { Config } from '../config/config.ts';
import { openControlServer } from '../control/server.ts';
import { listenOnSocket } from '../host/node-control-listener.ts';
import { createNodePorts } from '../host/node-host.ts';
import { packageVersion } from '../host/package-version.ts';
import type { Log } from '../ports.ts';
import type { AgentArguments, Ready } from './agent-messages.ts';
import { processFacts } from './process-facts.ts';
import type { Running } from './running.ts';

/** @throws VaultError whatever keeps the agent from starting; everything opened is closed again */
export async function startInHome(
  { home, socket, mount }: AgentArguments,
  { config, log }: { readonly config: Config; readonly log: Log },
): Promise<{ readonly running: Running; readonly ready: Ready }> {
  const ports = createNodePorts({ home, config, log });
  const agent = await startAgent(ports, {
    config,
    version: packageVersion(),
    process: processFacts(),
    home,
    mount,
  });
  const close = async (): Promise<void> => {
    await agent.close();
    await ports.work.close();
  };
  try {
    const server = await openControlServer({
      path: socket,
      clock: ports.clock,
      log: log.child('control'),
      listen: listenOnSocket,
      handler: (client) => agent.handler(client),
    });
    return {
      ready: { device: agent.device, vault: agent.vault, listen: agent.listening, socket },
      running: {
        shutdownRequested: agent.shutdownRequested,
        async close() {
          await server.close();
          await close();
        },
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
