/**
 * The same messages over a stream socket, as the relay passes them on (`mount/relay.ts`): each begins
 * with its own length, so that they can be told apart.
 */
import type { Socket } from 'node:net';
import { inHeaderBytes, requestBytesMax } from '../protocol/constants.ts';
import type { Transport, TransportEvents } from './transport.ts';

export function openStream(socket: Socket, events: TransportEvents): Transport {
  let ended = false;
  let failure: Error | undefined;
  const end = (): void => {
    if (ended) return;
    ended = true;
    events.onEnd(failure);
  };
  const messages = new Messages((bytes) => {
    // Each has memory of its own.
    events.onRequest(bytes, () => () => undefined);
  });
  socket.on('data', (piece: Buffer) => {
    if (!messages.take(piece)) socket.destroy(new Error('the relay sent what is no request'));
  });
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', end);
  return {
    reply(parts) {
      if (ended) return;
      socket.cork();
      // The bytes may be used again by their owner before the socket has taken them.
      for (const part of parts) socket.write(Buffer.from(part));
      socket.uncork();
    },
    notify(message) {
      if (!ended) socket.write(message);
    },
    close() {
      socket.destroy();
      end();
    },
  };
}

/** Puts messages together from pieces of a stream; each gets memory of its own. */
export class Messages {
  readonly #onMessage: (bytes: Buffer) => void;
  #head = Buffer.alloc(0);
  #message: Buffer | undefined;
  #filled = 0;

  constructor(onMessage: (bytes: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  /** @returns whether it can be a part of messages */
  take(piece: Buffer): boolean {
    let rest = piece;
    while (rest.length > 0) {
      if (this.#message === undefined) {
        const count = Math.min(rest.length, 4 - this.#head.length);
        this.#head = Buffer.concat([this.#head, rest.subarray(0, count)]);
        rest = rest.subarray(count);
        if (this.#head.length < 4) return true;
        const length = this.#head.readUInt32LE(0);
        if (length < inHeaderBytes || length > requestBytesMax) return false;
        this.#message = Buffer.allocUnsafeSlow(length);
        this.#head.copy(this.#message);
        this.#filled = 4;
      }
      const count = rest.copy(this.#message, this.#filled);
      this.#filled += count;
      rest = rest.subarray(count);
      if (this.#filled === this.#message.length) this.#deliver(this.#message);
    }
    return true;
  }

  #deliver(message: Buffer): void {
    this.#message = undefined;
    this.#head = Buffer.alloc(0);
    this.#onMessage(message);
  }
}
