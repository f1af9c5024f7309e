/**
 * A client's end of the control protocol over any stream of bytes: a socket of this machine, or the
 * pipes of a program that reaches another one. Who opens the stream is the business of the callers.
 */
import type { Duplex } from 'node:stream';
import { VaultError } from '../errors.ts';
import { createRpcConnection } from '../rpc/connection.ts';
import { createPlainLink } from '../rpc/plain-link.ts';
import type { CallOptions, FrameLink, RpcClock } from '../rpc/rpc.ts';
import { createControlClient } from './client.ts';
import type { ControlClient } from './client.ts';
import { createSocketStream } from './socket-stream.ts';

export interface ControlSession {
  /** @param options go with every call of this client: `signal` cancels whatever runs */
  client(options?: CallOptions): ControlClient;
  /** How long ago the last bytes came from the agent; it answers pings even when it has nothing to say. */
  silentMs(): number;
  /** Drops the connection at once; calls that still run fail. */
  close(): void;
}

export function createControlSession(duplex: Duplex, clock: RpcClock): ControlSession {
  const stream = createSocketStream(duplex);
  const link = createPlainLink(stream);
  let heardMs = clock.monotonicMs();
  const heard: FrameLink = {
    ...link,
    async receive() {
      const piece = await link.receive();
      heardMs = clock.monotonicMs();
      return piece;
    },
  };
  const rpc = createRpcConnection(heard, {
    role: 'initiator',
    clock,
    onCall() {
      throw new VaultError('not-supported', {
        op: 'control.session',
        subject: 'call to the client',
        detail: 'a client answers no calls',
        next: 'connect to the agent',
      });
    },
  });
  return {
    client: (options) => createControlClient(rpc, options),
    silentMs: () => clock.monotonicMs() - heardMs,
    close() {
      stream.destroy();
    },
  };
}

/**
 * Why a socket could not be opened.
 * @param code of the system, for example `ENOENT`; empty: none is known
 */
export function connectError(path: string, code: string, cause?: unknown): VaultError {
  const op = 'control.connect';
  if (code === 'EACCES' || code === 'EPERM') {
    return new VaultError('denied', {
      op,
      subject: path,
      detail: 'this user may not use the socket',
      next: 'run it as the user who runs the agent',
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

/** The agent of somebody else would see what is stored and could answer anything. */
export function strangersSocket(path: string): VaultError {
  return new VaultError('denied', {
    op: 'control.connect',
    subject: path,
    detail: 'the socket belongs to another user',
    next: 'run it as the user who runs the agent',
  });
}
