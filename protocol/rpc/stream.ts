/**
 * One call, from one end. It keeps what came in until somebody takes it, and ends in one of three
 * ways: both sides are done, one side failed it, or the connection went. What is queued when the
 * other side fails is still given out, in order, before the failure; what is queued when this side
 * fails, or the connection goes, is dropped.
 */
import { assert } from '../assert.ts';
import { VaultError } from '../errors.ts';
import { rpc, time } from '../limits.ts';
import { encodeFailure } from '../messages/call.ts';
import { frameCost, StreamWindow } from './credit.ts';
import type { AwaitedEnds } from './awaited-ends.ts';
import { violation } from './endings.ts';
import { Fifo } from './fifo.ts';
import { Bodies, Ending, Filling, type Taker } from './filling.ts';
import type { BodyReader, CallStream, DataSink, RpcClock, StreamItem } from './rpc.ts';
import { SendQueue, type SendItem } from './send-queue.ts';
import type { FrameWriter } from './writer.ts';

/** What a stream needs from its connection. */
export interface StreamHost {
  readonly writer: FrameWriter;
  readonly clock: RpcClock;
  readonly awaitedEnds: AwaitedEnds;
  /** So much was taken from the stream, or dropped. */
  taken(stream: RpcStream, cost: number): void;
  /** Neither side sends on it any more. Called once. */
  over(stream: RpcStream): void;
}

interface Waiter {
  readonly resolve: (item: StreamItem | undefined) => void;
  readonly reject: (error: VaultError) => void;
}

const timerMsMax = 2 ** 31 - 1;

export class RpcStream implements CallStream {
  readonly id: number;
  readonly window: StreamWindow;
  readonly queue: SendQueue;
  /** Resolves when neither side sends on it any more. */
  readonly whenOver: Promise<void>;
  #resolveOver: () => void = () => undefined;
  readonly #host: StreamHost;
  readonly #caller: boolean;
  readonly #items = new Fifo<StreamItem>();
  #waiter: Waiter | undefined;
  /** Somebody takes what comes as it comes. */
  #taker: Taker | undefined;
  #failure: VaultError | undefined;
  #localEnded = false;
  #remoteEnded = false;
  /** The answering side has ended: nothing that comes in is kept. */
  #discarding = false;
  #over = false;
  #abort: AbortController | undefined;
  #releases: (() => void)[] = [];

  constructor(host: StreamHost, options: { readonly id: number; readonly caller: boolean }) {
    this.#host = host;
    this.id = options.id;
    this.#caller = options.caller;
    this.window = new StreamWindow(host.clock.monotonicMs());
    this.queue = new SendQueue(options.id, !options.caller);
    this.whenOver = new Promise((resolve) => {
      this.#resolveOver = resolve;
    });
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#failure !== undefined) this.#abort.abort(this.#failure);
    }
    return this.#abort.signal;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Sends the header that opens the stream at the other side. */
  open(header: Buffer, sent: () => void): void {
    this.#enqueue({ type: 'open', bytes: header, sent });
  }

  sendMessage(bytes: Uint8Array): Promise<void> {
    if (bytes.length <= rpc.messageBytesMax) return this.#send('message', bytes);
    const detail = `a message of ${String(bytes.length)} bytes`;
    return Promise.reject(new VaultError('too-large', { op: 'rpc.sendMessage', detail }));
  }

  sendData(bytes: Uint8Array): Promise<void> {
    return bytes.length === 0 ? Promise.resolve() : this.#send('data', bytes);
  }

  end(): void {
    if (this.#localEnded || this.#over) return;
    this.#localEnded = true;
    // The answering side's end finishes the call; nothing that still comes in matters.
    const sent = this.#caller
      ? undefined
      : (): void => {
          this.#finish();
        };
    if (!this.#caller) this.#stopReading();
    this.#enqueue({ type: 'end', bytes: Buffer.alloc(0), ...(sent && { sent }) });
  }

  receive(): Promise<StreamItem | undefined> {
    assert(this.#isIdle, 'one receive at a time');
    const item = this.#take();
    if (item !== undefined) return Promise.resolve(item);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#remoteEnded || this.#discarding) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  receiveData(sink: DataSink): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#feed(new Filling(sink, { resolve, reject }));
    });
  }

  receiveBodies(reader: BodyReader): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#feed(new Bodies(reader, { resolve, reject }));
    });
  }

  expectEnd(): void {
    assert(this.#isIdle, 'one receive at a time');
    if (this.#items.length > 0) {
      this.#dropItems();
      throw violation('it sent more than the answer');
    }
    if (this.#over) return;
    this.#releases.push(this.#host.awaitedEnds.begin());
    this.#taker = new Ending();
    this.setDeadline(time.callMs);
  }

  fail(error: VaultError): void {
    if (this.#over) {
      // What is left of a finished call is not wanted any more.
      this.#dropItems();
      this.#failure ??= error;
      return;
    }
    if (this.queue.opened) this.#host.writer.control('reset', this.id, encodeFailure(error));
    this.#dropItems();
    this.#fail(error);
  }

  // --- what the connection tells ---------------------------------------------------------------

  /** Where DATA of so many bytes belongs, if somebody waits for it; what is put there arrives next. */
  place(bytes: number): Buffer | undefined {
    return this.#taker?.place(bytes);
  }

  /** An item came in; false when the other side had ended. */
  arrived(item: StreamItem): boolean {
    if (this.#remoteEnded) return false;
    if (this.#isIdle && !this.#discarding) {
      this.#items.push(item);
      return true;
    }
    const [waiter, taker] = [this.#waiter, this.#taker];
    this.#waiter = undefined;
    this.#host.taken(this, frameCost(item.bytes.length));
    waiter?.resolve(item);
    taker?.add(item);
    if (taker?.isOver === true && this.#taker === taker) this.#taker = undefined;
    return true;
  }

  /** The other side has ended; false when it had before. */
  remoteEnd(): boolean {
    if (this.#remoteEnded) return false;
    this.#remoteEnded = true;
    this.#settleWaiter();
    if (this.#caller) {
      this.#finish();
      if (!this.queue.isEmpty) this.queue.drop(endedError());
    }
    return true;
  }

  /** The other side has failed the call. */
  remoteFailure(error: VaultError): void {
    this.#fail(error);
  }

  /** The connection is gone; so is everything in it. */
  lost(error: VaultError): void {
    this.#items.drain();
    if (!this.#over) this.#fail(error);
    else this.#failure ??= error;
  }

  /** The handler has returned. */
  handled(): void {
    this.end();
    this.#dropItems();
  }

  /** Fails the call when it is not over in time. */
  setDeadline(deadlineMs: number): void {
    if (deadlineMs <= 0 || this.#over) return;
    const timer = this.#host.clock.after(Math.min(deadlineMs, timerMsMax), () => {
      const detail = `not done within ${String(deadlineMs)} ms`;
      this.fail(new VaultError('timeout', { op: 'rpc.call', detail }));
    });
    this.#releases.push(() => {
      timer.cancel();
    });
  }

  /** Fails the call when the caller's signal says so. */
  followSignal(signal: AbortSignal): void {
    const cancel = (): void => {
      const reason: unknown = signal.reason;
      this.fail(
        reason instanceof VaultError
          ? reason
          : new VaultError('cancelled', { op: 'rpc.call', cause: reason }),
      );
    };
    if (signal.aborted) {
      cancel();
      return;
    }
    signal.addEventListener('abort', cancel, { once: true });
    this.#releases.push(() => {
      signal.removeEventListener('abort', cancel);
    });
  }

  #send(type: 'message' | 'data', bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#localEnded || this.#over) {
      return Promise.reject(endedError());
    }
    return new Promise((resolve, reject) => {
      this.#enqueue({ type, bytes, sent: resolve, dropped: reject });
    });
  }

  #enqueue(item: SendItem): void {
    this.queue.push(item);
    this.#host.writer.ready(this.queue);
  }

  #fail(error: VaultError): void {
    this.#failure = error;
    this.#finish();
    this.queue.drop(error);
    this.#settleWaiter();
    this.#abort?.abort(error);
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    const releases = this.#releases;
    this.#releases = [];
    for (const release of releases) release();
    this.#host.over(this);
    this.#resolveOver();
  }

  #stopReading(): void {
    this.#dropItems();
    this.#discarding = true;
    this.#settleWaiter();
  }

  /** Nobody waits for what comes. */
  get #isIdle(): boolean {
    return this.#waiter === undefined && this.#taker === undefined;
  }

  /** What is here at once, the rest as it comes. */
  #feed(taker: Taker): void {
    assert(this.#isIdle, 'one receive at a time');
    while (!taker.isOver) {
      const item = this.#take();
      if (item === undefined) break;
      taker.add(item);
    }
    if (taker.isOver) return;
    this.#taker = taker;
    if (this.#failure !== undefined || this.#remoteEnded || this.#discarding) this.#settleWaiter();
  }

  #take(): StreamItem | undefined {
    const item = this.#items.shift();
    if (item !== undefined) this.#host.taken(this, frameCost(item.bytes.length));
    return item;
  }

  #settleWaiter(): void {
    const [waiter, taker] = [this.#waiter, this.#taker];
    this.#waiter = undefined;
    this.#taker = undefined;
    if (this.#failure === undefined) {
      waiter?.resolve(undefined);
      taker?.add(undefined);
    } else {
      waiter?.reject(this.#failure);
      taker?.fail(this.#failure);
    }
  }

  #dropItems(): void {
    for (const item of this.#items.drain()) {
      this.#host.taken(this, frameCost(item.bytes.length));
    }
  }
}

function endedError(): VaultError {
  return new VaultError('closed', { op: 'rpc.send', detail: 'the call has ended' });
}
