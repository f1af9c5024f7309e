/** Speaks with a running agent over its socket. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createControlClient } from '../../protocol/control/client.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import { VaultError } from '../../protocol/errors.ts';
import { time } from '../../protocol/limits.ts';
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import { createPlainLink } from '../../protocol/rpc/plain-link.ts';
import { createNodeClock } from '../host/node-clock.ts';
import { streamFromSocket } from '../host/socket-stream.ts';

/**
 * Connects, lets `ask` speak, and closes.
 * @throws VaultError `no-agent`, `denied`, and whatever the agent answers
 */
export async function askAgent<Answer>(
  path: string,
  ask: (client: ControlClient) => Promise<Answer>,
  { deadlineMs = time.callMs }: { readonly deadlineMs?: number } = {},
): Promise<Answer> {
  const rpc = createRpcConnection(createPlainLink(streamFromSocket(await dial(path), path)), {
    role: 'initiator',
    clock: createNodeClock(),
    onCall: () => Promise.reject(new VaultError('not-supported', { op: 'control.call' })),
  });
  try {
    return await ask(createControlClient(rpc, { deadlineMs }));
  } finally {
    await rpc.close('shutting-down');
  }
}

async function dial(path: string): Promise<Socket> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const absent = code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR';
    throw new VaultError(absent ? 'no-agent' : code === 'EACCES' ? 'denied' : 'io', {
      op: 'control.connect',
      subject: path,
      detail: absent || code === undefined ? undefined : String(code),
      next: absent ? 'start it with: vaultd start' : 'run it as the user who runs the agent',
      cause,
    });
  }
}
