/**
 * A `net.Socket`, TCP or Unix, as the ByteStream of the ports. Receiving is pulled (`inbox.ts`).
 * Sending is one vectored write a call, and waits while the kernel has not taken it.
 */
import type { OnReadOpts, Socket } from 'node:net';
import { VaultError } from '../../protocol/errors.ts';
import { joinAddress } from '../../protocol/messages/address.ts';
import type { ByteStream } from '../ports.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { ReadBuffers } from './read-buffers.ts';

/**
 * Takes over a connected socket.
 * @param name what to call the other side when the socket does not know, e.g. the path of a socket
 */
export function streamFromSocket(socket: Socket, name?: string): ByteStream {
  const inbox = createInbox();
  socket.on('data', inbox.put);
  return streamOver(socket, inbox, name);
}

/**
 * The same for a socket that is read into large buffers, which Node offers only to whoever dials.
 * @param connect makes the socket with these options
 */
export function streamFromDialled(connect: (onread: OnReadOpts) => Socket): {
  readonly socket: Socket;
  /** To be called once it is connected. */
  stream(name?: string): ByteStream;
} {
  const buffers = new ReadBuffers();
  const inbox = createInbox();
  const socket = connect({
    buffer: () => buffers.next(),
    callback(bytes) {
      const piece = buffers.filled(bytes);
      inbox.put(piece, buffers.heldBytes(piece));
      return true;
    },
  });
  return {
    socket,
    stream: (name) => ({
      ...streamOver(socket, inbox, name),
      giveBack: (piece) => buffers.giveBack(piece),
    }),
  };
}

function streamOver(socket: Socket, inbox: Inbox, name: string | undefined): ByteStream {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 15_000);
  const remote = remoteOf(socket, name);
  inbox.attach(socket);
  const closed = new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    else
      socket.once('close', () => {
        resolve();
      });
  });
  // What went wrong shows as the end of the stream; whoever cares about why asks the layer above.
  socket.on('error', () => socket.destroy());
  return {
    remote,
    send: (parts) => sendParts(socket, parts, remote),
    receive: () => inbox.take(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    closed,
  };
}

/** Resolves when the kernel has all of it: most often at once, else when the reader made room. */
async function sendParts(
  socket: Socket,
  parts: readonly Uint8Array[],
  remote: string,
): Promise<void> {
  if (!socket.writable) throw closedError(remote);
  socket.cork();
  for (const part of parts) if (part.length > 0) socket.write(part);
  socket.uncork();
  if (socket.writableLength > 0) await flushed(socket, remote);
}

function flushed(socket: Socket, remote: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => {
      reject(closedError(remote));
    };
    socket.once('close', onClose);
    // An empty write is called back when everything before it is written.
    socket.write('', () => {
      socket.off('close', onClose);
      if (socket.destroyed) reject(closedError(remote));
      else resolve();
    });
    if (socket.destroyed) onClose();
  });
}

function remoteOf(socket: Socket, name: string | undefined): string {
  if (name !== undefined) return name;
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return 'unknown';
  // A socket that listens on both families shows IPv4 hosts in their IPv6 form.
  return joinAddress(remoteAddress.replace(/^::ffff:(?=\d+\.)/, ''), remotePort);
}

function closedError(remote: string): VaultError {
  return new VaultError('closed', { op: 'stream.send', subject: remote });
}
