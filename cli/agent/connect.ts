/**
 * The connection to the agent: finds out who listens, and turns what the system says into an error
 * that names the next step.
 */
import { statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import type { Socket } from 'node:net';
import { createControlClient } from '../../protocol/control/client.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import { VaultError } from '../../protocol/errors.ts';
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import { createPlainLink } from '../../protocol/rpc/plain-link.ts';
import { createSocketStream } from './socket-stream.ts';

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
  refuseStrangers(socketPath);
  const socket = await open(socketPath, signal);
  const stream = createSocketStream(socket);
  const rpc = createRpcConnection(createPlainLink(stream), {
    role: 'initiator',
    clock: {
      monotonicMs: () => performance.now(),
      after(delayMs, action) {
        const timer = setTimeout(action, delayMs).unref();
        return { cancel: () => void clearTimeout(timer) };
      },
    },
    onCall() {
      throw new VaultError('not-supported', {
        op,
        subject: 'call to the client',
        detail: 'a client answers no calls',
        next: 'connect to the agent',
      });
    },
  });
  return {
    client: createControlClient(rpc, { signal }),
    close() {
      stream.destroy();
    },
  };
}

/** The agent of somebody else would see what is stored and could answer anything. */
function refuseStrangers(path: string): void {
  const owner = statOf(path)?.uid;
  const self = process.getuid?.();
  if (owner !== undefined && self !== undefined && owner !== self) {
    throw new VaultError('denied', {
      op,
      subject: path,
      detail: 'the socket belongs to another user',
      next: 'run vault as the user who runs the agent',
    });
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw connectError(path, cause);
  }
}

function open(path: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ path, signal });
    socket.once('error', (cause) => {
      reject(signal.aborted ? new VaultError('cancelled', { op }) : connectError(path, cause));
    });
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

function connectError(path: string, cause: unknown): VaultError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'EACCES' || code === 'EPERM') {
    return new VaultError('denied', {
      op,
      subject: path,
      detail: 'this user may not use the socket',
      next: 'run vault as the user who runs the agent',
      cause,
    });
  }
  return new VaultError('no-agent', {
    op,
    subject: path,
    detail: code === 'ENOENT' ? 'there is no socket' : code === '' ? undefined : code,
    next: 'start it with: vaultd start',
    cause,
  });
}
