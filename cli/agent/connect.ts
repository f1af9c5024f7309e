/**
 * The connection to the agent: finds out who listens, and turns what the system says into an error
 * that names the next step.
 */
import { statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import type { Socket } from 'node:net';
import type { ControlClient } from '../../protocol/control/client.ts';
import {
  connectError,
  createControlSession,
  strangersSocket,
} from '../../protocol/control/session.ts';
import { VaultError } from '../../protocol/errors.ts';
import type { RpcClock } from '../../protocol/rpc/rpc.ts';

export interface AgentConnection {
  readonly client: ControlClient;
  /** Drops the connection at once; calls that still run fail. */
  close(): void;
}

const op = 'cli.connect';

/**
 * @throws VaultError `no-agent`, `denied`, `cancelled`
 */
export async function connectToAgent(
  socketPath: string,
  signal: AbortSignal,
): Promise<AgentConnection> {
  const session = createControlSession(await openAgentSocket(socketPath, signal), rpcClock);
  return {
    client: session.client({ signal }),
    close() {
      session.close();
    },
  };
}

export const rpcClock: RpcClock = {
  // Not `performance`: Node loads it when it is named first, which takes longer than a call.
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs).unref();
    return { cancel: () => void clearTimeout(timer) };
  },
};

/**
 * The socket itself, when it is not somebody else's.
 * @throws VaultError `no-agent`, `denied`, `cancelled`
 */
export async function openAgentSocket(path: string, signal: AbortSignal): Promise<Socket> {
  refuseStrangers(path);
  return open(path, signal);
}

function refuseStrangers(path: string): void {
  const owner = statOf(path)?.uid;
  const self = process.getuid?.();
  if (owner !== undefined && self !== undefined && owner !== self) throw strangersSocket(path);
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw connectError(path, systemCode(cause), cause);
  }
}

function open(path: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ path, signal });
    socket.once('error', (cause) => {
      const failure = connectError(path, systemCode(cause), cause);
      reject(signal.aborted ? new VaultError('cancelled', { op }) : failure);
    });
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

function systemCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
