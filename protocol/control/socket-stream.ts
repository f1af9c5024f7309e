/**
 * A socket as a stream of bytes that is read when it is wanted and written as fast as it is taken.
 */
import type { Duplex } from 'node:stream';
import { VaultError } from '../errors.ts';
import type { PlainStream } from '../rpc/plain-link.ts';

/** Received and not yet taken, before the socket is told to wait. */
const queuedBytesMax = 2 * 1024 * 1024;

export function createSocketStream(socket: Duplex): PlainStream {
  const queue: Buffer[] = [];
  let queuedBytes = 0;
  let ended = false;
  let failure: VaultError | undefined;
  let wake: (() => void) | undefined;
  const notify = (): void => {
    wake?.();
    wake = undefined;
  };
  socket.on('data', (bytes: Buffer) => {
    queue.push(bytes);
    queuedBytes += bytes.length;
    if (queuedBytes > queuedBytesMax) socket.pause();
    notify();
  });
  socket.on('end', () => {
    ended = true;
    notify();
  });
  socket.on('error', (cause) => {
    failure = new VaultError('closed', { op: 'control.socket', detail: cause.message, cause });
    notify();
  });
  socket.on('close', () => {
    ended = true;
    notify();
  });

  return {
    send(parts) {
      for (const part of parts) socket.write(part);
      if (failure !== undefined) return Promise.reject(failure);
      // Whoever sends uses the memory again: `write` may say yes and keep the bytes where they stand.
      return socket.writableLength === 0 ? Promise.resolve() : flushed(socket);
    },
    async receive() {
      for (;;) {
        const bytes = queue.shift();
        if (bytes !== undefined) {
          queuedBytes -= bytes.length;
          if (socket.isPaused() && queuedBytes < queuedBytesMax / 2) socket.resume();
          return bytes;
        }
        if (failure !== undefined) throw failure;
        if (ended) return undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    end() {
      socket.end();
    },
    destroy() {
      socket.destroy();
    },
  };
}

/** Resolves when the kernel has everything, or the socket is closed. */
function flushed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('close', done);
      resolve();
    };
    socket.once('close', done);
    // An empty write is called back when everything before it is written.
    socket.write('', done);
    if (socket.destroyed) done();
  });
}
