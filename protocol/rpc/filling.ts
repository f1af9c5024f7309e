/**
 * DATA of a known length on its way into one piece of memory: each frame is put behind the one before, and
 * whoever waits hears of the whole once.
 */
import { copyBytes } from '../copy-bytes.ts';
import { VaultError } from '../errors.ts';
import { freeBytes } from '../free-bytes.ts';
import type { DataSink, StreamItem } from './rpc.ts';

export class Filling {
  readonly whole: Promise<Buffer>;
  readonly #sink: DataSink;
  #resolve: (whole: Buffer) => void = () => undefined;
  #reject: (error: VaultError) => void = () => undefined;
  #target: Buffer | undefined;
  #filledBytes = 0;
  /** Where the next bytes already are, when they were asked for a place. */
  #placed: Buffer | undefined;
  #isOver = false;

  constructor(sink: DataSink) {
    this.#sink = sink;
    this.whole = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Full, or failed: it takes nothing more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The place of the next so many bytes, to be written now and then added; undefined when they do not fit. */
  place(bytes: number): Buffer | undefined {
    const end = this.#filledBytes + bytes;
    if (end > this.#sink.length) return undefined;
    this.#target ??= this.#sink.allocate();
    this.#placed = this.#target.subarray(this.#filledBytes, end);
    return this.#placed;
  }

  /** What came next; undefined: the end. */
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
    this.#reject(error);
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
    this.#resolve(this.#target);
  }
}

function misbehaved(detail: string): VaultError {
  return new VaultError('peer-misbehaved', { op: 'rpc.receiveData', detail });
}
