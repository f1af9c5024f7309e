/**
 * /dev/fuse through the event loop: libuv polls the descriptor as it polls a pipe, one read gives one
 * request. The handle's class is taken from a server that is never connected to, since Node has no public
 * way to make one. Where that fails, reads wait in the thread pool.
 */
import { read, write, writeSync, writevSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import type { SocketConstructorOpts } from 'node:net';
import { availableParallelism } from 'node:os';
import { requestBytesMax } from '../protocol/constants.ts';
import { NotifyQueue } from './notify-queue.ts';
import type { Transport, TransportEvents } from './transport.ts';

/** What libuv's pipe offers, as far as it is used. */
interface PipeHandle {
  open(descriptor: number): number;
}
type PipeClass = new (type: number) => PipeHandle;

/** Buffers that are kept for the next large requests. */
const spareMax = 16;
/** After a request: who waits for one answer asks the next thing soon. */
const awakeMs = 0.05;
/** So often in vain: whoever asks has to wait for a processor himself, and would have this one. */
const vainMax = 4;
/** Then every so many requests it is tried again. */
const vainRequests = 32;
const mayStayAwake = availableParallelism() > 1;

export interface DeviceOptions {
  /** The fallback, for kernels or runtimes where polling does not work. @default false */
  readonly pool?: boolean;
}

/** Takes the descriptor, which is open for reading and writing and does not block. */
export async function openDevice(
  descriptor: number,
  events: TransportEvents,
  { pool = false }: DeviceOptions = {},
): Promise<Transport> {
  const pipeClass = pool ? undefined : await findPipeClass();
  const device = new Device(descriptor, events);
  if (pipeClass === undefined || !device.poll(pipeClass)) device.readInPool();
  return device;
}

class Device implements Transport {
  readonly #descriptor: number;
  readonly #events: TransportEvents;
  readonly #notifications: NotifyQueue;
  #buffer: Buffer = Buffer.allocUnsafeSlow(requestBytesMax);
  readonly #spare: Buffer[] = [];
  #socket: Socket | undefined;
  #awakeUntilMs = 0;
  #isAwake = false;
  #inVain = 0;
  #ended = false;

  constructor(descriptor: number, events: TransportEvents) {
    this.#descriptor = descriptor;
    this.#events = events;
    this.#notifications = new NotifyQueue((message, done) => {
      if (this.#ended) done();
      else write(descriptor, message, done);
    });
  }

  /** @returns whether it works here */
  poll(pipeClass: PipeClass): boolean {
    const handle = new pipeClass(0);
    if (handle.open(this.#descriptor) !== 0) return false;
    const onread = {
      buffer: () => this.#buffer,
      callback: (count: number) => {
        this.#take(count);
        this.#stayAwake();
        return true;
      },
    };
    // `handle` is not in the types; it is how Node itself wraps one.
    const options = { handle, onread, readable: true, writable: false };
    const socket = new Socket(options as unknown as SocketConstructorOpts);
    this.#socket = socket;
    let failure: Error | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENODEV') failure = error;
    });
    socket.on('close', () => {
      this.#end(failure);
    });
    socket.resume();
    return true;
  }

  readInPool(): void {
    if (this.#ended) return;
    read(this.#descriptor, this.#buffer, 0, this.#buffer.length, null, (error, count) => {
      if (error !== null && !isPassing(error)) {
        this.#end(error.code === 'ENODEV' ? undefined : error);
        return;
      }
      if (error === null) this.#take(count);
      this.readInPool();
    });
  }

  reply(parts: readonly Uint8Array[]): void {
    if (this.#ended) return;
    const [only] = parts;
    try {
      if (parts.length === 1 && only !== undefined) writeSync(this.#descriptor, only);
      else writevSync(this.#descriptor, parts as Uint8Array[]);
    } catch (error) {
      // ENOENT: interrupted, nobody waits. ENODEV: unmounted, the read says so too.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENODEV') throw error;
    }
  }

  notify(message: Buffer): void {
    this.#notifications.add(message);
  }

  close(): void {
    this.#socket?.destroy();
    this.#end(undefined);
  }

  /**
   * Lets the loop ask for the next request instead of going to sleep: to be woken on another processor
   * takes longer than most answers. A moment after the last request it sleeps as ever.
   */
  #stayAwake(): void {
    if (!mayStayAwake) return;
    if (this.#isAwake) this.#inVain = 0;
    else if (this.#inVain >= vainMax) {
      this.#inVain += 1;
      if (this.#inVain < vainMax + vainRequests) return;
      this.#inVain = vainMax - 1;
    }
    this.#awakeUntilMs = performance.now() + awakeMs;
    if (this.#isAwake) return;
    this.#isAwake = true;
    setImmediate(this.#onAwake);
  }

  readonly #onAwake = (): void => {
    this.#isAwake = !this.#ended && performance.now() < this.#awakeUntilMs;
    if (this.#isAwake) setImmediate(this.#onAwake);
    else this.#inVain += 1;
  };

  #take(count: number): void {
    const bytes = this.#buffer.subarray(0, count);
    this.#events.onRequest(bytes, () => {
      const kept = this.#buffer;
      this.#buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(requestBytesMax);
      return () => {
        if (this.#spare.length < spareMax) this.#spare.push(kept);
      };
    });
  }

  #end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.onEnd(error);
  }
}

function isPassing({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EINTR' || code === 'EAGAIN' || code === 'ENOENT';
}

function findPipeClass(): Promise<PipeClass | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => {
      resolve(undefined);
    });
    // Without a file: the kernel chooses an abstract name that nobody knows.
    server.listen(`\0peervault-${String(process.pid)}-${String(Math.random()).slice(2)}`, () => {
      const { _handle: handle } = server as unknown as { _handle?: object };
      server.close();
      resolve(handle?.constructor as PipeClass | undefined);
    });
  });
}
