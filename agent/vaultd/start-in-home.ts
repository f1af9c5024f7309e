/**
 * Starts the agent of a home on this machine, with its control socket. The supervisor has checked the
 * home and holds its lock.
 */
import { startAgent } from '../assemble/start-agent.ts';
import { AuditLog } from '../audit/audit-log.ts';
import type { Config } from '../config/config.ts';
import { openControlServer } from '../control/server.ts';
import { listenOnSocket } from '../host/node-control-listener.ts';
import { createNodePorts } from '../host/node-host.ts';
import { packageVersion } from '../host/package-version.ts';
import type { Log } from '../ports.ts';
import type { AgentArguments, Ready } from './agent-messages.ts';
import { LockableAgent } from './lockable-agent.ts';
import { readPassphraseFile } from './passphrase.ts';
import { processFacts } from './process-facts.ts';
import type { Running } from './running.ts';

export interface StartInHomeOptions {
  readonly config: Config;
  readonly log: Log;
  /** The vault is open and the socket there. Called once. */
  onReady(ready: Ready): void;
  /** The socket is there, and the keys are locked: `onReady` comes when somebody has unlocked them. */
  onLocked(locked: { readonly device: string; readonly socket: string }): void;
}

/** @throws VaultError whatever keeps the agent from starting; everything opened is closed again */
export async function startInHome(
  { home, socket, mount, passphraseFile, locked }: AgentArguments,
  { config, log, onReady, onLocked }: StartInHomeOptions,
): Promise<Running> {
  const ports = createNodePorts({ home, config, log });
  const isWanted = passphraseFile !== undefined && locked !== true;
  const passphrase = isWanted ? await readPassphraseFile(passphraseFile) : undefined;
  const audit = await AuditLog.open({ ...ports, log: log.child('audit') });
  const listening = Promise.withResolvers<undefined>();
  const agent = new LockableAgent({
    ports,
    config,
    startAgent,
    passphrase,
    options: { config, version: packageVersion(), process: processFacts(), home, mount, audit },
    onOpen: ({ device, vault, listening: listen }) => {
      void listening.promise.then(() => {
        onReady({ device, vault, listen, socket });
      });
    },
  });
  const close = async (): Promise<void> => {
    await agent.close();
    await audit.close();
    await ports.work.close();
  };
  try {
    const isOpen = await agent.start();
    passphrase?.wipe();
    const server = await openControlServer({
      path: socket,
      clock: ports.clock,
      log: log.child('control'),
      listen: listenOnSocket,
      handler: (client) => agent.handler(client),
    });
    if (!isOpen) onLocked({ device: agent.device, socket });
    listening.resolve(undefined);
    return {
      shutdownRequested: agent.shutdownRequested,
      async close() {
        await server.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
