/**
 * Calls over one link: opens, answers and ends streams, keeps both sides to their credit, notices
 * when the other side is gone or breaks the rules (SPEC.md, "Calls"). Everything of a connection dies
 * with it: its streams fail, its credit goes back to the pool, what was queued is dropped.
 */
import { toVaultError, VaultError } from '../errors.ts';
import { FrameDecoder, streamIdMax, type Frame, type FrameHead } from '../frame.ts';
import { freeBytes } from '../free-bytes.ts';
import { rpc } from '../limits.ts';
import {
  decodeCallHeader,
  decodeFailure,
  decodeGoodbye,
  encodeCallHeader,
  encodeFailure,
  encodeGoodbye,
  goodbyeError,
} from '../messages/call.ts';
import { AwaitedEnds } from './awaited-ends.ts';
import { ConnectionWindow, CreditPool, frameCost } from './credit.ts';
import { closedError, ended, violation } from './endings.ts';
import { workOf } from './flood-guard.ts';
import { Liveness } from './liveness.ts';
import { OpenCalls } from './open-calls.ts';
import type {
  CallOptions,
  CallStream,
  FrameLink,
  GoodbyeReason,
  RpcClock,
  RpcConnection,
} from './rpc.ts';
import { defaultLimits, type RpcLimits, type RpcOptions } from './options.ts';
import { RpcStream, type StreamHost } from './stream.ts';
import { FrameWriter } from './writer.ts';

/** Round trips shorter than this are not told apart: the clock and the event loop are too coarse. */
const roundTripMsMin = 1;

/** Speaks RPC over `link`, which belongs to the connection from now on. */
export function createRpcConnection(link: FrameLink, options: RpcOptions): RpcConnection {
  return new Connection(link, options);
}

class Connection implements RpcConnection, StreamHost {
  readonly writer: FrameWriter;
  readonly clock: RpcClock;
  readonly closed: Promise<VaultError>;
  readonly awaitedEnds = new AwaitedEnds();
  readonly #link: FrameLink;
  readonly #options: RpcOptions;
  readonly #limits: RpcLimits;
  readonly #window: ConnectionWindow;
  readonly #liveness: Liveness;
  readonly #streams = new Map<number, RpcStream>();
  #resolveClosed: (error: VaultError) => void = () => undefined;
  /** Set while it closes and after: why. */
  #ending: VaultError | undefined;
  #gone = false;
  #goodbyeTimer: { cancel(): void } | undefined;
  /** Ends a pause of reading. */
  #resume: (() => void) | undefined;
  #nextStream: number;
  #lastIncoming = 0;
  readonly #openCalls: OpenCalls;
  /** On streams of the other side: what it has cost, and was not taken. */
  #queuedBytes = 0;

  constructor(link: FrameLink, options: RpcOptions) {
    this.#link = link;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#openCalls = new OpenCalls(this.#limits.streamsMax);
    this.clock = options.clock;
    this.#nextStream = options.role === 'initiator' ? 1 : 2;
    this.#window = new ConnectionWindow(options.creditPool ?? new CreditPool());
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.writer = new FrameWriter(link, {
      onFailed: (error) => {
        this.#lost(toVaultError(error, 'rpc.send'));
      },
      onFlooded: () => {
        this.#end('overload', violation('asks for more answers than it reads'));
      },
    });
    this.#liveness = new Liveness(options.clock, {
      pingIdleMs: this.#limits.pingIdleMs,
      peerDeadMs: this.#limits.peerDeadMs,
      ping: (body) => {
        this.writer.control('ping', 0, body);
      },
      onDead: () => {
        const detail = `nothing heard for ${String(this.#limits.peerDeadMs)} ms`;
        this.#lost(new VaultError('timeout', { op: 'rpc.connection', detail }));
      },
    });
    this.#liveness.measure();
    void this.#read();
  }

  get rttMs(): number | undefined {
    return this.#liveness.roundTripMs;
  }

  call(method: number, request: Uint8Array, options: CallOptions = {}): CallStream {
    const stream = new RpcStream(this, { id: this.#nextStream, caller: true });
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      stream.lost(refusal);
      return stream;
    }
    this.#nextStream += 2;
    this.#add(stream);
    const deadlineMs = Math.ceil(options.deadlineMs ?? 0);
    stream.open(encodeCallHeader({ method, deadlineMs, request }), () => {
      this.#expect(stream, options.answerBytes ?? 0);
    });
    stream.setDeadline(deadlineMs);
    if (options.signal !== undefined) stream.followSignal(options.signal);
    return stream;
  }

  async close(reason: GoodbyeReason, detail = ''): Promise<void> {
    const why = detail === '' ? reason : `${reason}, ${detail}`;
    this.#end(reason, new VaultError('closed', { op: 'rpc.close', detail: why }), detail);
    await this.closed;
  }

  // --- what streams tell -------------------------------------------------------------------------

  taken(stream: RpcStream, cost: number): void {
    if (!this.#isOurs(stream.id)) this.#queuedBytes -= cost;
    this.writer.credit(0, this.#window.consume(cost));
    if (!stream.window.consume(cost) || stream.isOver) return;
    this.#liveness.measure();
    const roundTripMs = Math.max(this.rttMs ?? 0, roundTripMsMin);
    const credit = stream.window.renew(this.clock.monotonicMs(), roundTripMs, (bytes) =>
      this.#grow(bytes),
    );
    this.writer.credit(stream.id, credit);
  }

  over(stream: RpcStream): void {
    if (!this.#streams.delete(stream.id)) return;
    this.writer.forget(stream.id);
    this.writer.credit(0, this.#window.want(-stream.window.windowBytes));
  }

  // --- reading -------------------------------------------------------------------------------------

  async #read(): Promise<void> {
    const link = this.#link;
    const decoder = new FrameDecoder((piece) => {
      if (link.giveBack === undefined) freeBytes(piece);
      else link.giveBack(piece);
    });
    const placeOf = (head: FrameHead): Buffer | undefined => this.#placeOf(head);
    try {
      for (;;) {
        const piece = link.receiveNow?.() ?? (await link.receive());
        if (this.#gone) return;
        if (piece === undefined) {
          this.#lost(ended(decoder.midFrame));
          return;
        }
        this.#liveness.heard();
        decoder.push(piece);
        let work = 0;
        // While it says goodbye it reads on, so that the other side's end is seen, and heeds nothing.
        while (this.#ending === undefined) {
          const frame = decoder.next(placeOf);
          if (frame === undefined) break;
          work += workOf(frame);
          this.#dispatch(frame);
        }
        const pauseMs = this.#pauseAfter(work);
        if (pauseMs > 0) await this.#pause(pauseMs);
      }
    } catch (error) {
      const reason = toVaultError(error, 'rpc.receive');
      if (reason.code === 'peer-misbehaved' || reason.code === 'malformed') {
        this.#end('protocol-error', violation(reason.detail ?? reason.code, reason));
        void this.#readToEnd();
      } else {
        this.#lost(reason);
      }
    }
  }

  /** For how long nothing is to be read, because more came than anybody needs to send. */
  #pauseAfter(work: number): number {
    const { guard, onSlowed } = this.#options;
    const pauseMs = guard?.take(work, this.clock.monotonicMs()) ?? 0;
    if (guard === undefined || pauseMs === 0 || this.#ending !== undefined) return 0;
    if (guard.isNotable) onSlowed?.();
    if (!guard.isTooMuch) return pauseMs;
    this.#end('overload', violation('it floods this device with small messages and calls'));
    return 0;
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = this.clock.after(ms, () => {
      resolve(undefined);
    });
    this.#resume = () => {
      timer.cancel();
      resolve(undefined);
    };
    await promise;
  }

  /** After a broken rule nothing is understood any more; only the end of the link counts. */
  async #readToEnd(): Promise<void> {
    try {
      while (!this.#gone && (await this.#link.receive()) !== undefined);
      this.#lost(ended(false));
    } catch (error) {
      this.#lost(toVaultError(error, 'rpc.receive'));
    }
  }

  #dispatch(frame: Frame): void {
    switch (frame.type) {
      case 'open':
        this.#opened(frame);
        return;
      case 'message':
      case 'data':
        this.#arrived(frame, frame.type);
        return;
      case 'credit':
        this.#credited(frame);
        return;
      case 'end':
        if (this.#known(frame)?.remoteEnd() === false) throw violation('END after END');
        return;
      case 'reset':
        this.#known(frame)?.remoteFailure(decodeFailure(frame.body));
        return;
      case 'ping':
        this.writer.control('pong', 0, frame.body);
        return;
      case 'pong':
        this.#liveness.pong(frame.body);
        return;
      case 'goodbye':
        this.#lost(goodbyeError(decodeGoodbye(frame.body)));
        return;
    }
  }

  /** Where the bytes of a frame belong that somebody waits for; whether it may come is looked at afterwards. */
  #placeOf({ type, stream, length }: FrameHead): Buffer | undefined {
    return type === 'data' ? this.#streams.get(stream)?.place(length) : undefined;
  }

  #opened(frame: Frame): void {
    const id = frame.stream;
    if (this.#isOurs(id) || id <= this.#lastIncoming)
      throw violation(`OPEN of stream ${String(id)}`);
    this.#lastIncoming = id;
    const header = decodeCallHeader(frame.body);
    const refusal = this.#openCalls.begin(header.request);
    if (refusal !== undefined) {
      this.writer.control('reset', id, encodeFailure(refusal));
      return;
    }
    const stream = new RpcStream(this, { id, caller: false });
    this.#add(stream);
    stream.setDeadline(header.deadlineMs);
    void this.#handle(stream, header.method, header.request);
  }

  async #handle(stream: RpcStream, method: number, request: Buffer): Promise<void> {
    try {
      await this.#options.onCall({ method, request, stream });
      stream.handled();
    } catch (error) {
      stream.fail(toVaultError(error, `rpc.method${String(method)}`));
    }
    await stream.whenOver;
    this.#openCalls.done(request);
  }

  #arrived(frame: Frame, type: 'message' | 'data'): void {
    const cost = frameCost(frame.body.length);
    if (!this.#window.arrive(cost))
      throw violation('more bytes than the connection had credit for');
    const stream = this.#known(frame);
    if (stream === undefined) {
      // It was on its way when the stream ended.
      this.writer.credit(0, this.#window.consume(cost));
      return;
    }
    if (!stream.window.arrive(cost)) throw violation('more bytes than the stream had credit for');
    if (!this.#isOurs(stream.id)) this.#queuedBytes += cost;
    if (!stream.arrived({ type, bytes: frame.body })) throw violation(`${type} after END`);
    if (this.#queuedBytes <= this.#limits.incomingQueueBytesMax) return;
    const detail = 'more than anybody reads was sent on it';
    stream.fail(new VaultError('overload', { op: 'rpc.call', detail }));
  }

  #credited(frame: Frame): void {
    const bytes = frame.body.readUInt32BE(0);
    if (bytes === 0) throw violation('a credit of nothing');
    if (frame.stream === 0) {
      if (!this.writer.addCredit(bytes)) throw violation('too much credit');
      return;
    }
    const stream = this.#known(frame);
    if (stream === undefined) return;
    if (!stream.queue.addCredit(bytes)) throw violation('too much credit');
    this.writer.ready(stream.queue);
  }

  /** The stream of a frame; undefined when it is over. @throws when it never was */
  #known(frame: Frame): RpcStream | undefined {
    const id = frame.stream;
    const past = this.#isOurs(id) ? id < this.#nextStream : id <= this.#lastIncoming;
    if (!past) throw violation(`${frame.type} on stream ${String(id)}, which is not open`);
    return this.#streams.get(id);
  }

  #isOurs(id: number): boolean {
    return id % 2 === this.#nextStream % 2;
  }

  // --- opening and ending --------------------------------------------------------------------------

  #refusal(request: Uint8Array): VaultError | undefined {
    if (this.#ending !== undefined) return closedError(this.#ending);
    if (request.length > rpc.messageBytesMax) {
      const detail = `a request of ${String(request.length)} bytes`;
      return new VaultError('too-large', { op: 'rpc.call', detail });
    }
    if (this.#nextStream > streamIdMax) {
      return new VaultError('closed', { op: 'rpc.call', detail: 'all stream numbers are used' });
    }
    return undefined;
  }

  /** The other side knows the stream by now: credit may be given. */
  #expect(stream: RpcStream, answerBytes: number): void {
    if (stream.isOver || answerBytes <= stream.window.windowBytes) return;
    this.writer.credit(
      stream.id,
      stream.window.widen(answerBytes, (bytes) => this.#grow(bytes)),
    );
  }

  #add(stream: RpcStream): void {
    this.#streams.set(stream.id, stream);
    this.writer.credit(0, this.#window.want(stream.window.windowBytes));
  }

  #grow(bytes: number): boolean {
    if (!this.#window.covers(bytes)) return false;
    this.writer.credit(0, this.#window.want(bytes));
    return true;
  }

  /** Says goodbye and waits a while for the other side to close too. */
  #end(reason: GoodbyeReason, error: VaultError, detail = error.detail ?? ''): void {
    if (this.#ending !== undefined) return;
    this.#ending = error;
    this.#failStreams(error);
    this.writer.control('goodbye', 0, encodeGoodbye(reason, detail));
    this.#goodbyeTimer = this.clock.after(this.#limits.goodbyeMs, () => {
      this.#lost(error);
    });
    void this.writer.flushed().then(() => {
      if (!this.#gone) this.#link.end();
    });
  }

  /** The link is of no use any more. */
  #lost(error: VaultError): void {
    if (this.#gone) return;
    this.#gone = true;
    const reason = (this.#ending ??= error);
    this.#goodbyeTimer?.cancel();
    this.#resume?.();
    this.#liveness.stop();
    this.writer.stop();
    this.#failStreams(reason);
    this.#window.close();
    this.#link.destroy();
    this.#resolveClosed(reason);
  }

  #failStreams(reason: VaultError): void {
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const stream of streams) stream.lost(closedError(reason));
  }
}
