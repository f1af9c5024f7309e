/**
 * Bodies of small files go up many at a time: one message, and their bytes in one piece. Files are read
 * into one buffer while the other is on its way.
 */
import { control, KiB, wire } from '../../protocol/limits.ts';
import type { PutSession } from '../../protocol/control/put-session.ts';
import type { Progress } from '../output/progress.ts';
import type { SourceItem } from './source-item.ts';

/** Larger files gain nothing. */
export const groupedBytesMax = 64 * KiB;
/** Whole frames, and no more than a stream takes at its beginning. */
const groupBytes = 3 * wire.frameBodyBytesMax;

export interface BodyGroupsParts {
  readonly session: PutSession;
  /** Reads all bytes of the item's file into the start of `room`, which has one byte more. */
  readonly read: (item: SourceItem, room: Buffer) => void;
  readonly progress: Progress;
}

export class BodyGroups {
  readonly #parts: BodyGroupsParts;
  #filling: Buffer = Buffer.allocUnsafeSlow(groupBytes + 1);
  #spare: Buffer | undefined;
  #sending: Promise<void> = Promise.resolve();
  #items: number[] = [];
  #lengths: number[] = [];
  #bytes = 0;

  constructor(parts: BodyGroupsParts) {
    this.#parts = parts;
  }

  /**
   * Adds the item's body. Gives a promise when it has to wait for room first.
   * @throws what reading does: then it is not in
   */
  add(number: number, item: SourceItem): Promise<void> | undefined {
    const bytes = this.#bytes + (item.size ?? 0);
    if (bytes > groupBytes || this.#items.length === control.putOfferItemsMax) {
      return this.flush().then(() => {
        this.#read(number, item);
      });
    }
    this.#read(number, item);
    return undefined;
  }

  #read(number: number, item: SourceItem): void {
    const length = item.size ?? 0;
    this.#parts.read(item, this.#filling.subarray(this.#bytes));
    this.#items.push(number);
    this.#lengths.push(length);
    this.#bytes += length;
  }

  /** Whether an item may be one of a group. */
  static takes(item: SourceItem): boolean {
    return item.file !== undefined && item.size !== undefined && item.size <= groupedBytesMax;
  }

  /** Sends what there is; what is sent after this comes after it. */
  async flush(): Promise<void> {
    if (this.#items.length === 0) return;
    await this.#sending;
    const bytes = this.#filling.subarray(0, this.#bytes);
    this.#sending = this.#send({ items: this.#items, lengths: this.#lengths }, bytes);
    // Awaited before the memory is used again; a failure in between is not unhandled.
    this.#sending.catch(() => undefined);
    [this.#filling, this.#spare] = [
      this.#spare ?? Buffer.allocUnsafeSlow(groupBytes + 1),
      this.#filling,
    ];
    this.#items = [];
    this.#lengths = [];
    this.#bytes = 0;
  }

  async #send(
    group: { readonly items: readonly number[]; readonly lengths: readonly number[] },
    bytes: Buffer,
  ): Promise<void> {
    const { session, progress } = this.#parts;
    // Both are handed over now: nothing may come in between.
    await Promise.all([session.bodies(group), bytes.length > 0 && session.data(bytes)]);
    progress.advance(bytes.length);
  }
}
