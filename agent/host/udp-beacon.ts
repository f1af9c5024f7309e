/**
 * Datagrams to everybody on the local network: IPv4 multicast within the site, and broadcast for
 * networks whose switches drop multicast. What the datagrams say is the business of `agent/peer`.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { Beacon } from '../ports.ts';

/** In the block for use within one organisation (RFC 2365). */
const group = '239.255.74.20';

/** Sends and receives on one UDP port, shared with other agents of this machine. */
export async function openUdpBeacon(
  port: number,
  onDatagram: (datagram: Buffer, from: string) => void,
): Promise<Beacon> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', (datagram, from) => {
    onDatagram(datagram, from.address);
  });
  socket.bind(port);
  await once(socket, 'listening');
  // Later errors are of single datagrams (no route, no network); the next beacon tries again.
  socket.on('error', () => undefined);
  socket.setBroadcast(true);
  socket.setMulticastTTL(1);
  socket.setMulticastLoopback(true);
  joinGroup(socket);
  socket.unref();
  return {
    send(datagram) {
      for (const target of [group, '255.255.255.255']) {
        socket.send(datagram, port, target, () => undefined);
      }
    },
    close() {
      socket.close();
    },
  };
}

function joinGroup(socket: Socket): void {
  for (const address of ownIpv4Addresses()) {
    try {
      socket.addMembership(group, address);
    } catch {
      // This interface has no multicast (a tunnel, for example): broadcast remains.
      continue;
    }
  }
}

function ownIpv4Addresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => address.family === 'IPv4')
    .map((address) => address.address);
}
