/**
 * Puts and gets that run for clients: how far each is, holding it and giving it up. A call is followed
 * through its stream, so that the calls themselves know nothing of it.
 */
import { VaultError } from '../../protocol/errors.ts';
import { getRequest } from '../../protocol/messages/control-get.ts';
import { putRequest } from '../../protocol/messages/control-put.ts';
import type { ControlMethod } from '../../protocol/methods.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import type { Clock } from '../ports.ts';
import { RateMeter } from '../replication/rate-meter.ts';
import type { Call } from './context.ts';

type Kind = 'put' | 'get';

export interface RunningCall {
  readonly id: string;
  readonly kind: Kind;
  readonly path: Buffer;
  readonly startedAtMs: number;
  readonly bytesDone: number;
  /** As far as it is known yet; 0: not at all. */
  readonly bytesExpected: number;
  readonly bytesPerSecond: number;
  readonly isHeld: boolean;
}

interface Running extends Omit<RunningCall, 'bytesPerSecond'> {
  bytesDone: number;
  bytesExpected: number;
  isHeld: boolean;
  readonly meter: RateMeter;
  readonly stream: CallStream;
  /** Whoever waits while it is held. */
  readonly waiting: Set<() => void>;
}

export class RunningCalls {
  readonly #clock: Clock;
  readonly #running = new Map<string, Running>();
  readonly #followed = new WeakMap<CallStream, Running>();
  readonly #ids = new Map<CallStream, string>();
  #lastNumber = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  rows(): readonly RunningCall[] {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#running.values()].map(({ meter, ...call }) => ({
      ...call,
      bytesPerSecond: call.isHeld ? 0 : Math.round(meter.bytesPerSecond(nowMs)),
    }));
  }

  has(id: string): boolean {
    return this.#running.has(id);
  }

  hold(id: string, on: boolean): void {
    const call = this.#running.get(id);
    if (call === undefined) return;
    call.isHeld = on;
    if (!on) wake(call);
  }

  /** So many bytes more belong to the call with this stream, as `follow` has given it out. */
  expect(stream: CallStream, bytes: number): void {
    const call = this.#followed.get(stream);
    if (call !== undefined) call.bytesExpected += bytes;
  }

  /** Content that passed beside the stream. Resolves when more may; while the call is held, later. */
  async moved(stream: CallStream, bytes: number): Promise<void> {
    const call = this.#followed.get(stream);
    if (call === undefined) return;
    this.#count(call, bytes);
    await untilLetOn(call);
  }

  /** The client is told that it was given up. */
  cancel(id: string): void {
    const call = this.#running.get(id);
    if (call === undefined) return;
    const detail = 'it was given up with vault transfers cancel';
    call.stream.fail(new VaultError('cancelled', { op: `control.${call.kind}`, detail }));
    wake(call);
  }

  /** The call as it is to be answered; it is followed when it moves content. */
  follow(method: ControlMethod, call: Call): Call {
    if (method !== 'put' && method !== 'get') return call;
    const path =
      method === 'put'
        ? putRequest.fromWire(call.request).destination
        : getRequest.fromWire(call.request).path;
    const running = this.#begin(method, path, call.stream);
    const stream = this.#streamOf(running);
    this.#followed.set(stream, running);
    return { ...call, stream };
  }

  /** It is over. */
  end(call: Call): void {
    const id = this.#ids.get(call.stream) ?? '';
    const running = this.#running.get(id);
    this.#ids.delete(call.stream);
    this.#running.delete(id);
    if (running !== undefined) wake(running);
  }

  #begin(kind: Kind, path: Buffer, stream: CallStream): Running {
    this.#lastNumber += 1;
    const running: Running = {
      ...{ id: `${kind}-${String(this.#lastNumber)}`, kind, path, stream },
      startedAtMs: this.#clock.nowMs(),
      bytesDone: 0,
      bytesExpected: 0,
      isHeld: false,
      meter: new RateMeter(),
      waiting: new Set(),
    };
    this.#running.set(running.id, running);
    this.#ids.set(stream, running.id);
    stream.signal.addEventListener('abort', () => {
      wake(running);
    });
    return running;
  }

  #count(running: Running, bytes: number): void {
    running.bytesDone += bytes;
    running.meter.add(bytes, this.#clock.monotonicMs());
  }

  #streamOf(running: Running): CallStream {
    const { stream } = running;
    const count = (bytes: number): void => {
      this.#count(running, bytes);
    };
    return {
      signal: stream.signal,
      end: () => {
        stream.end();
      },
      expectEnd: () => {
        stream.expectEnd();
      },
      fail: (error) => {
        stream.fail(error);
      },
      sendMessage: (bytes) => stream.sendMessage(bytes),
      async sendData(bytes) {
        await untilLetOn(running);
        await stream.sendData(bytes);
        count(bytes.length);
      },
      async receive() {
        await untilLetOn(running);
        const item = await stream.receive();
        if (item?.type === 'data') count(item.bytes.length);
        return item;
      },
      async receiveData(sink) {
        await untilLetOn(running);
        const whole = await stream.receiveData(sink);
        count(whole.length);
        return whole;
      },
      async receiveBodies(reader) {
        await untilLetOn(running);
        await stream.receiveBodies({
          get isDone() {
            return reader.isDone;
          },
          onHead: (message) => reader.onHead(message),
          onBody: (whole) => {
            count(whole.length);
            reader.onBody(whole);
          },
        });
      },
    };
  }
}

async function untilLetOn(call: Running): Promise<void> {
  while (call.isHeld && !call.stream.signal.aborted) {
    await new Promise<void>((resolve) => call.waiting.add(resolve));
  }
}

function wake({ waiting }: Running): void {
  const all = [...waiting];
  waiting.clear();
  for (const go of all) go();
}
