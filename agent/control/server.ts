/**
 * The control socket: who may speak with the agent, and for how long without saying anything. The
 * operating system lets in only the owner of the home; from there on every client is one RPC
 * connection with the handler that it is given from above.
 */
import { FrameDecoder } from '../../protocol/frame.ts';
import { connections, time } from '../../protocol/limits.ts';
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import type { CreditPool } from '../../protocol/rpc/credit.ts';
import { createPlainLink } from '../../protocol/rpc/plain-link.ts';
import type { CallHandler, FrameLink, RpcConnection } from '../../protocol/rpc/rpc.ts';
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../agent.types.ts';
import type { ByteStream, Clock, Log } from '../ports.ts';

/** Listens on a path of the file system; `host/node-control-listener.ts` in the product. */
export type ControlListen = (
  path: string,
  onStream: (stream: ByteStream) => void,
) => Promise<{ close(): Promise<void> }>;

export interface ControlServerOptions {
  /** Of the socket. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly listen: ControlListen;
  readonly handler: (client: ControlClient) => CallHandler;
  /** Shared with the connections to peers. */
  readonly creditPool?: CreditPool | undefined;
}

export interface ControlServer {
  readonly path: string;
  /** Takes no more clients, says goodbye to those there are, removes the socket. */
  close(): Promise<void>;
}

/**
 * Listens and serves until it is closed.
 * @throws VaultError `agent-running`, `exists`, `home-invalid` from `listen`
 */
export async function openControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const clients = new Set<RpcConnection>();
  let lastNumber = 0;
  const listener = await options.listen(options.path, (stream) => {
    lastNumber += 1;
    if (clients.size >= connections.controlClientsMax) refuse(options, stream, lastNumber);
    else serve(options, clients, { stream, number: lastNumber });
  });
  return {
    path: options.path,
    async close() {
      const gone = listener.close();
      await Promise.all([...clients].map((rpc) => rpc.close('shutting-down')));
      await gone;
    },
  };
}

function serve(
  options: ControlServerOptions,
  clients: Set<RpcConnection>,
  client: { readonly stream: ByteStream; readonly number: number },
): void {
  const { clock, log, creditPool } = options;
  const { stream, number } = client;
  const silence = clock.after(time.handshakeMs, () => {
    log.warn({ client: number, waitedMs: time.handshakeMs }, 'control client said nothing, closed');
    stream.destroy();
  });
  const link = watchFirstFrame(createPlainLink(stream), () => {
    silence.cancel();
  });
  const onCall = options.handler({ number });
  const rpc = createRpcConnection(link, { role: 'responder', clock, onCall, creditPool });
  clients.add(rpc);
  log.debug({ client: number }, 'control client connected');
  void rpc.closed.then((reason) => {
    silence.cancel();
    clients.delete(rpc);
    reportEnd(log, number, reason);
  });
}

/** One line too many clients get an answer with the reason, not a closed door. */
function refuse(options: ControlServerOptions, stream: ByteStream, number: number): void {
  const { clock, log } = options;
  log.warn({ client: number, clientsMax: connections.controlClientsMax }, 'control client refused');
  const rpc = createRpcConnection(createPlainLink(stream), {
    role: 'responder',
    clock,
    onCall: () =>
      Promise.reject(
        new VaultError('overload', {
          op: 'control.accept',
          subject: 'this agent',
          detail: `${String(connections.controlClientsMax)} clients are connected`,
          next: 'end one of them, or wait, and run the command again',
        }),
      ),
  });
  void rpc.close('overload', `${String(connections.controlClientsMax)} clients are connected`);
}

function reportEnd(log: Log, client: number, reason: VaultError): void {
  if (reason.code === 'closed') log.debug({ client }, 'control client left');
  else log.warn({ client, err: reason }, 'control client closed');
}

/**
 * Calls `onFrame` once, when the first whole frame came in. An agent pings first, so every real client
 * answers at once; whoever only holds the socket open, or sends half a frame, never gets here.
 */
function watchFirstFrame(link: FrameLink, onFrame: () => void): FrameLink {
  let probe: FrameDecoder | undefined = new FrameDecoder();
  return {
    ...link,
    async receive() {
      const piece = await link.receive();
      if (probe !== undefined && piece !== undefined && hasFrame(probe, piece)) {
        probe = undefined;
        onFrame();
      }
      return piece;
    },
  };
}

function hasFrame(probe: FrameDecoder, piece: Buffer): boolean {
  try {
    probe.push(piece);
    return probe.next() !== undefined;
  } catch {
    // Garbage: the connection finds the same, closes and says why. Here it only ends the waiting.
    return true;
  }
}
