/**
 * The Network port over the sockets of Node: TCP to other agents, and the beacon when it is on. It
 * knows addresses and bytes; who is at the other end is found out in `agent/peer`.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { VaultError } from '../../protocol/errors.ts';
import { joinAddress, splitAddress } from '../../protocol/messages/address.ts';
import type { ByteStream, Listener, Network } from '../ports.ts';
import { streamFromDialled, streamFromSocket } from './socket-stream.ts';
import { openUdpBeacon } from './udp-beacon.ts';

export interface NodeNetworkOptions {
  /** UDP port of the beacon; undefined switches it off. @default off */
  readonly beaconPort?: number | undefined;
}

/** The network of this machine. */
export function createNodeNetwork(options: NodeNetworkOptions = {}): Network {
  return {
    listen,
    dial,
    openBeacon: (onDatagram) =>
      options.beaconPort === undefined
        ? Promise.resolve(undefined)
        : openUdpBeacon(options.beaconPort, onDatagram),
    localAddresses,
  };
}

async function listen(address: string, onStream: (stream: ByteStream) => void): Promise<Listener> {
  const { host, port } = splitListenAddress(address);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    onStream(streamFromSocket(socket));
  });
  try {
    server.listen({ port, host, backlog: 256 });
    await once(server, 'listening');
  } catch (error) {
    throw listenError(error, address);
  }
  // An error of accept (no descriptor left, for example) costs that connection, not the listener.
  server.on('error', () => undefined);
  return {
    address: listeningAddress(server),
    close: () => closeServer(server, sockets),
  };
}

function splitListenAddress(address: string): { host: string | undefined; port: number } {
  const [, anyHost] = /^\*?(:.*)$/.exec(address) ?? [];
  if (anyHost === undefined) return splitAddress(address);
  return { host: undefined, port: splitAddress(`[::]${anyHost}`).port };
}

function listeningAddress(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return joinAddress(address, port);
}

async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

async function dial(
  address: string,
  options: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<ByteStream> {
  const { host, port } = splitAddress(address);
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal =
    options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const { socket, stream } = streamFromDialled((onread) =>
    connect({ host, port, noDelay: true, onread }),
  );
  try {
    await once(socket, 'connect', { signal });
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw dialError(error, address, { timedOut: timeout.aborted, timeoutMs: options.timeoutMs });
  }
  return stream(address);
}

function listenError(error: unknown, address: string): VaultError {
  const code = systemCode(error);
  if (code === 'EADDRINUSE') {
    return new VaultError('port-in-use', {
      op: 'network.listen',
      subject: address,
      detail: 'another program listens there',
      next: 'stop that program, or choose another port with --listen HOST:PORT (port 0 takes a free one)',
      cause: error,
    });
  }
  return new VaultError(code === 'EACCES' ? 'denied' : 'config-invalid', {
    op: 'network.listen',
    subject: address,
    detail: code ?? String(error),
    next: 'choose an address of this machine with --listen HOST:PORT',
    cause: error,
  });
}

function dialError(
  error: unknown,
  address: string,
  attempt: { timedOut: boolean; timeoutMs: number },
): VaultError {
  if (attempt.timedOut) {
    return new VaultError('timeout', {
      op: 'network.dial',
      subject: address,
      detail: `no answer within ${String(attempt.timeoutMs)} ms`,
      next: 'check that the machine is on and that no firewall is in between',
    });
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return new VaultError('cancelled', { op: 'network.dial', subject: address });
  }
  return new VaultError('peer-unreachable', {
    op: 'network.dial',
    subject: address,
    detail: systemCode(error) ?? String(error),
    next: 'check the address, and that its agent runs',
    cause: error,
  });
}

function systemCode(error: unknown): string | undefined {
  if (error instanceof AggregateError) return systemCode(error.errors[0]);
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Not loopback and not link-local: addresses that another machine may reach. */
function localAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => !address.internal && !/^fe80:/i.test(address.address))
    .map((address) => address.address);
}
