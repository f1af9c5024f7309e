/**
 * What one stream has still to send, in order, and how much the other side is ready to take. Nothing
 * is cut into frames before the writer asks for the next one: what is dropped here has cost no credit.
 */
import type { VaultError } from '../errors.ts';
import { rpc, wire } from '../limits.ts';
import { frameCost } from './credit.ts';
import { Fifo } from './fifo.ts';

export interface SendItem {
  readonly type: 'open' | 'message' | 'data' | 'end';
  readonly bytes: Uint8Array;
  /** The bytes are not needed any more. */
  sent?(): void;
  dropped?(error: VaultError): void;
}

export interface OutgoingFrame {
  readonly type: SendItem['type'];
  readonly body: Uint8Array;
  readonly cost: number;
  readonly sent: (() => void) | undefined;
  /** No other piece of the item went before: one may still be in the same batch. */
  readonly whole: boolean;
}

/** Why there is no frame now. */
export type NoFrame = 'empty' | 'stream-credit' | 'connection-credit' | 'room';

/** Data is not cut into smaller pieces than this only because credit or room is short. */
const pieceBytesMin = 16 * 1024;
const creditBytesMax = 2 ** 31;

export class SendQueue {
  readonly stream: number;
  readonly #items = new Fifo<SendItem>();
  /** How much of the first item is sent. */
  #offset = 0;
  #creditBytes: number = rpc.streamCreditBytesInitial;
  #opened: boolean;
  /** Whether the writer has it in its round; the writer's own mark. */
  inRound = false;

  constructor(stream: number, opened: boolean) {
    this.stream = stream;
    this.#opened = opened;
  }

  /** Whether the other side knows of the stream. */
  get opened(): boolean {
    return this.#opened;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  push(item: SendItem): void {
    this.#items.push(item);
  }

  /** Adds to what the other side takes; false when that is more than anybody can mean. */
  addCredit(bytes: number): boolean {
    this.#creditBytes += bytes;
    return this.#creditBytes <= creditBytesMax;
  }

  /**
   * The next frame, whose body fits into `roomBytes` and which the credit of stream and connection
   * covers; else why not.
   */
  take(roomBytes: number, connectionCreditBytes: number): OutgoingFrame | NoFrame {
    const item = this.#items.first;
    if (item === undefined) return 'empty';
    if (item.type === 'open' || item.type === 'end') {
      if (item.bytes.length > roomBytes) return 'room';
      this.#opened = true;
      return this.#finish(item, item.bytes, 0);
    }
    const remaining = item.bytes.length - this.#offset;
    const least = item.type === 'message' ? remaining : Math.min(remaining, pieceBytesMin);
    if (frameCost(least) > this.#creditBytes) return 'stream-credit';
    if (frameCost(least) > connectionCreditBytes) return 'connection-credit';
    if (least > roomBytes) return 'room';
    if (item.type === 'message') return this.#finish(item, item.bytes, frameCost(remaining));
    const credit = Math.min(this.#creditBytes, connectionCreditBytes) - rpc.frameCostBytes;
    return this.#takePiece(
      item,
      Math.min(remaining, wire.frameBodyBytesMax, roomBytes, credit),
      remaining,
    );
  }

  /** Forgets everything that is not sent. */
  drop(error: VaultError): void {
    this.#offset = 0;
    for (const item of this.#items.drain()) item.dropped?.(error);
  }

  #takePiece(item: SendItem, length: number, remaining: number): OutgoingFrame {
    const body = item.bytes.subarray(this.#offset, this.#offset + length);
    if (length === remaining) return this.#finish(item, body, frameCost(length));
    this.#offset += length;
    this.#creditBytes -= frameCost(length);
    return { type: item.type, body, cost: frameCost(length), sent: undefined, whole: false };
  }

  #finish(item: SendItem, body: Uint8Array, cost: number): OutgoingFrame {
    const whole = this.#offset === 0;
    this.#items.shift();
    this.#offset = 0;
    this.#creditBytes -= cost;
    return { type: item.type, body, cost, sent: item.sent, whole };
  }
}
