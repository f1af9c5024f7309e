/**
 * The control socket: who may speak with the agent, and for how long without saying anything. The
 * operating system lets in only the owner of the home; from there on every client is one RPC
 * connection with the handler that it is given from above. Whoever has said nothing yet makes room when
 * all places are taken, so that connections which only stay open keep nobody out.
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
  const room: Room = { clients: new Set(), silent: new Set(), refusedNow: 0 };
  let lastNumber = 0;
  const listener = await options.listen(options.path, (stream) => {
    lastNumber += 1;
    if (room.clients.size >= connections.controlClientsMax) leaveSilentOne(room);
    if (room.clients.size >= connections.controlClientsMax) refuse(options, room, stream);
    else serve(options, room, { stream, number: lastNumber });
  });
  return {
    path: options.path,
    async close() {
      const gone = listener.close();
      await Promise.all([...room.clients].map((rpc) => rpc.close('shutting-down')));
      await gone;
    },
  };
}

interface Room {
  readonly clients: Set<RpcConnection>;
  /** How to end each client that has said nothing yet, the one that came first before the others. */
  readonly silent: Set<() => void>;
  /** Those who are being told that there is no room. */
  refusedNow: number;
}

function leaveSilentOne({ silent }: Room): void {
  const [first] = silent;
  first?.();
}

function serve(
  options: ControlServerOptions,
  { clients, silent }: Room,
  client: { readonly stream: ByteStream; readonly number: number },
): void {
  const { clock, log, creditPool } = options;
  const { stream, number } = client;
  const startMs = clock.monotonicMs();
  const leave = (): void => {
    const waitedMs = Math.round(clock.monotonicMs() - startMs);
    log.warn({ client: number, waitedMs }, 'control client said nothing, closed');
    silent.delete(leave);
    clients.delete(rpc);
    stream.destroy();
  };
  const silence = clock.after(time.handshakeMs, leave);
  const hasSpoken = (): void => {
    silence.cancel();
    silent.delete(leave);
  };
  const link = watchFirstFrame(createPlainLink(stream), hasSpoken);
  const onCall = options.handler({ number });
  const rpc = createRpcConnection(link, { role: 'responder', clock, onCall, creditPool });
  clients.add(rpc);
  silent.add(leave);
  log.debug({ client: number }, 'control client connected');
  void rpc.closed.then((reason) => {
    hasSpoken();
    clients.delete(rpc);
    reportEnd(log, number, reason);
  });
}

/** Clients beyond the last that fits get an answer with the reason, unless that is said to many already. */
function refuse({ clock, log }: ControlServerOptions, room: Room, stream: ByteStream): void {
  if (room.refusedNow >= connections.controlClientsMax) {
    stream.destroy();
    return;
  }
  room.refusedNow += 1;
  log.warn({ clientsMax: connections.controlClientsMax }, 'control client refused');
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
  void rpc
    .close('overload', `${String(connections.controlClientsMax)} clients are connected`)
    .finally(() => {
      room.refusedNow -= 1;
    });
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
  // What it has looked at is still to be read.
  let probe: FrameDecoder | undefined = new FrameDecoder(() => undefined);
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
