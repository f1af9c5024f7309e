/** Opens the socket of an agent on this machine. */
import { stat } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import {
  connectError,
  createControlSession,
  strangersSocket,
} from '../../protocol/control/session.ts';
import type { ControlSession } from '../../protocol/control/session.ts';
import type { Open } from './link.ts';

/**
 * @throws VaultError `no-agent`, `denied`
 */
export function openSocket(path: string): Open {
  return async (onClosed) => {
    await refuseStrangers(path);
    return new Promise<ControlSession>((resolve, reject) => {
      const socket = connectSocket({ path });
      socket.once('error', (cause) => {
        reject(connectError(path, systemCode(cause), cause));
      });
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        socket.once('close', onClosed);
        resolve(createControlSession(socket, rpcClock));
      });
    });
  };
}

export const rpcClock = {
  monotonicMs: () => performance.now(),
  after(delayMs: number, action: () => void) {
    const timer = setTimeout(action, delayMs).unref();
    return { cancel: () => void clearTimeout(timer) };
  },
};

async function refuseStrangers(path: string): Promise<void> {
  let owner: number;
  try {
    owner = (await stat(path)).uid;
  } catch (cause) {
    throw connectError(path, systemCode(cause), cause);
  }
  if (owner !== process.getuid?.()) throw strangersSocket(path);
}

function systemCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
