/**
 * Who takes what comes on a stream while it comes, without a wait in between: DATA of a known length goes into
 * one piece of memory, each frame behind the one before; and an answer of messages, each with such DATA behind
 * it, is read message by message and body by body.
 */
import { copyBytes } from '../copy-bytes.ts';
import { toVaultError, VaultError } from '../errors.ts';
import { freeBytes } from '../free-bytes.ts';
import { violation } from './endings.ts';
import type { BodyReader, DataSink, StreamItem } from './rpc.ts';

export interface Taker {
  /** It takes nothing more. */
  readonly isOver: boolean;
  /** The place of the next so many bytes, to be written now and then added; undefined when there is none. */
  place(bytes: number): Buffer | undefined;
  /** What came next; undefined: the end. */
  add(item: StreamItem | undefined): void;
  fail(error: VaultError): void;
}

/** Whoever waits for it. */
export interface Waiting<Value> {
  resolve(value: Value): void;
  reject(error: VaultError): void;
}

export class Filling implements Taker {
  readonly #sink: DataSink;
  readonly #waiting: Waiting<Buffer>;
  #target: Buffer | undefined;
  #filledBytes = 0;
  /** Where the next bytes already are, when they were asked for a place. */
  #placed: Buffer | undefined;
  #isOver = false;

  constructor(sink: DataSink, waiting: Waiting<Buffer>) {
    this.#sink = sink;
    this.#waiting = waiting;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  place(bytes: number): Buffer | undefined {
    const end = this.#filledBytes + bytes;
    if (end > this.#sink.length) return undefined;
    this.#target ??= this.#sink.allocate();
    this.#placed = this.#target.subarray(this.#filledBytes, end);
    return this.#placed;
  }

  add(item: StreamItem | undefined): void {
    if (item?.type !== 'data') {
      this.fail(misbehaved('sent less than it announced'));
      return;
    }
    const place = item.bytes === this.#placed ? this.#placed : this.#copied(item.bytes);
    if (place === undefined) this.fail(misbehaved('sent more than it announced'));
    else this.#advance(place.length);
  }

  fail(error: VaultError): void {
    this.#isOver = true;
    this.#waiting.reject(error);
  }

  #copied(bytes: Buffer): Buffer | undefined {
    const place = this.place(bytes.length);
    if (place === undefined) return undefined;
    copyBytes(place, 0, bytes);
    freeBytes(bytes);
    return place;
  }

  #advance(bytes: number): void {
    this.#placed = undefined;
    this.#filledBytes += bytes;
    this.#sink.onBytes?.(bytes);
    if (this.#target === undefined || this.#filledBytes < this.#sink.length) return;
    this.#isOver = true;
    this.#waiting.resolve(this.#target);
  }
}

export class Bodies implements Taker {
  readonly #reader: BodyReader;
  readonly #waiting: Waiting<undefined>;
  #filling: Filling | undefined;
  #isOver = false;

  constructor(reader: BodyReader, waiting: Waiting<undefined>) {
    this.#reader = reader;
    this.#waiting = waiting;
    this.#lookAtEnd();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  place(bytes: number): Buffer | undefined {
    return this.#filling?.place(bytes);
  }

  add(item: StreamItem | undefined): void {
    try {
      if (this.#filling !== undefined) this.#filling.add(item);
      else this.#readHead(item);
      this.#lookAtEnd();
    } catch (error) {
      this.fail(toVaultError(error, 'rpc.receiveBodies'));
    }
  }

  fail(error: VaultError): void {
    this.#isOver = true;
    this.#waiting.reject(error);
  }

  #readHead(item: StreamItem | undefined): void {
    if (item?.type !== 'message') throw misbehaved('sent no head before the bytes of a body');
    const sink = this.#reader.onHead(item.bytes);
    if (sink === undefined) return;
    this.#filling = new Filling(sink, {
      resolve: (whole) => {
        this.#filling = undefined;
        this.#reader.onBody(whole);
      },
      reject: (error) => {
        this.fail(error);
      },
    });
  }

  #lookAtEnd(): void {
    if (this.#isOver || !this.#reader.isDone) return;
    this.#isOver = true;
    this.#waiting.resolve(undefined);
  }
}

/** Takes the end of an answer, and nothing else. */
export class Ending implements Taker {
  isOver = false;

  place(): undefined {
    return undefined;
  }

  add(item: StreamItem | undefined): void {
    this.isOver = true;
    if (item !== undefined) throw violation('it sent more than the answer');
  }

  fail(): void {
    this.isOver = true;
  }
}

function misbehaved(detail: string): VaultError {
  return new VaultError('peer-misbehaved', { op: 'rpc.receiveData', detail });
}
