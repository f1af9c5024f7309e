/**
 * The agent process: started, watched and ended by the supervisor (`vaultd/`). It puts the agent of
 * `assemble` on top of this machine, opens the control socket, says that it is ready, and ends when it
 * is asked to, when a signal comes, or when the supervisor is gone.
 */
import { toVaultError } from '../protocol/errors.ts';
import { exitStatusOf } from '../protocol/exit-status.ts';
import { keepMemoryOutOfCoreFiles } from './host/core-image.ts';
import { createNodeLog } from './host/pino-log.ts';
import type { NodeLog } from './host/pino-log.ts';
import { parseAgentArguments } from './vaultd/agent-messages.ts';
import type { AgentMessage } from './vaultd/agent-messages.ts';
import type { Running } from './vaultd/running.ts';
import { watchForEnd } from './vaultd/watch-for-end.ts';

process.umask(0o077);
const coreTrouble = keepMemoryOutOfCoreFiles();

const argument = parseAgentArguments(process.argv[2]);
const end = watchForEnd();
let nodeLog: NodeLog = openLog('info');

// An unhandled rejection ends here too.
process.on('uncaughtException', (error) => {
  fail(error, 'crashed').catch(() => process.exit(1));
});

try {
  const running = argument.rescue === undefined ? await startAgent() : await startRescue();
  const reason = await Promise.race([end.asked, running.shutdownRequested]);
  nodeLog.log.info({ reason }, 'the agent ends');
  if (typeof reason === 'object') await tell({ type: 'shutdown', ...reason });
  await running.close();
  nodeLog.flush();
  process.exit(0);
} catch (error) {
  await fail(error, 'the agent failed');
}

async function startAgent(): Promise<Running> {
  const { loadConfig } = await import('./vaultd/load-config.ts');
  const config = await loadConfig(argument.home, argument.flags);
  nodeLog = openLog(config.value('log.level'));
  if (coreTrouble !== undefined) {
    nodeLog.log.warn({ reason: coreTrouble }, 'a crash may leave keys and contents in a core file');
  }
  const { startInHome } = await import('./vaultd/start-in-home.ts');
  return startInHome(argument, {
    config,
    log: nodeLog.log,
    onReady: (ready) => void tell({ type: 'ready', ...ready }),
    onLocked: (locked) => void tell({ type: 'locked', ...locked }),
  });
}

async function startRescue(): Promise<Running> {
  const { startInRescue } = await import('./vaultd/start-in-rescue.ts');
  const running = await startInRescue(argument, nodeLog.log);
  await tell({ type: 'rescueReady' });
  return running;
}

function openLog(level: 'debug' | 'info' | 'warn' | 'error'): NodeLog {
  return createNodeLog({ level, format: argument.logFormat });
}

/** The one way out after an error: into the log with its stack, to the supervisor, out. */
async function fail(thrown: unknown, message: string): Promise<never> {
  const error = toVaultError(thrown, 'agent');
  nodeLog.log.error({ err: thrown }, message);
  nodeLog.flush();
  await tell({ type: 'failed', code: error.code, message: error.message, next: error.next });
  process.exit(exitStatusOf(error));
}

/** Resolves when the supervisor has the message, or is gone. */
function tell(message: AgentMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || process.send === undefined) resolve();
    else process.send(message, () => resolve());
  });
}
