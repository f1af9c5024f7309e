/**
 * Puts the frames of one connection on its link: credits and control frames first, then the streams
 * in turn, one frame each. What is queued between two sends goes out together in one batch of a few
 * groups, each of which fits one record. While the link has no room, nothing is cut, copied or counted.
 */
import { encodeFrameHeader, type FrameType } from '../frame.ts';
import { KiB, rpc, wire } from '../limits.ts';
import type { FrameLink } from './rpc.ts';
import type { OutgoingFrame, SendQueue } from './send-queue.ts';

interface WriterEvents {
  /** The link broke, or the other side makes us queue more than it reads. */
  onFailed(error: unknown): void;
  onFlooded(): void;
}

interface Batch {
  /** Pieces of whole frames; the last group is the one that is being filled. */
  readonly groups: Uint8Array[][];
  /** Whose bytes are used up once the link has taken the batch. */
  readonly sent: (() => void)[];
  /** In the last group. */
  roomBytes: number;
  /** Some senders were told already, and may have more to say at once. */
  hasEarly: boolean;
}

const groupBytesMax = wire.noiseMessageBytesMax - wire.noiseTagBytes;
/** A send costs several times what a frame does; and what is urgent waits for no more than these. */
const groupsMax = 4;
const creditBytesMax = 2 ** 31;
/** Bodies up to this are copied, so that the sender of a whole item goes on before the batch does. */
const copiedBytesMax = 4 * KiB;
/** How many turns a sender gets to add to a batch: an answer and its end go out together. */
const earlyTurns = 4;

export class FrameWriter {
  readonly #link: FrameLink;
  readonly #events: WriterEvents;
  #control: Uint8Array[] = [];
  #controlBytes = 0;
  /** Stream to credit that the other side is to get. */
  readonly #credits = new Map<number, number>();
  #round: SendQueue[] = [];
  #creditBytes: number = rpc.streamCreditBytesInitial;
  #pumping = false;
  #stopped = false;
  #whenFlushed: (() => void)[] = [];

  constructor(link: FrameLink, events: WriterEvents) {
    this.#link = link;
    this.#events = events;
  }

  /** Queues a frame that goes before all streams. */
  control(type: FrameType, stream: number, body: Uint8Array): void {
    const frame = Buffer.concat([encodeFrameHeader(type, stream, body.length), body]);
    this.#control.push(frame);
    this.#controlBytes += frame.length;
    if (this.#controlBytes > rpc.controlQueueBytesMax && !this.#stopped) this.#events.onFlooded();
    this.#start();
  }

  /** Lets the other side send so many bytes more; 0 is the connection. */
  credit(stream: number, bytes: number): void {
    if (bytes === 0) return;
    this.#credits.set(stream, (this.#credits.get(stream) ?? 0) + bytes);
    this.#start();
  }

  /** A stream has something to send, or may send again. */
  ready(queue: SendQueue): void {
    if (queue.inRound || queue.isEmpty) return;
    queue.inRound = true;
    this.#round.push(queue);
    this.#start();
  }

  /** The other side takes more on the connection; false when that is more than anybody can mean. */
  addCredit(bytes: number): boolean {
    this.#creditBytes += bytes;
    this.#start();
    return this.#creditBytes <= creditBytesMax;
  }

  /** A stream is over: no credit for it any more. */
  forget(stream: number): void {
    this.#credits.delete(stream);
  }

  /** Resolves when everything of now that can go has gone to the link, or nothing goes any more. */
  flushed(): Promise<void> {
    if (this.#stopped || !this.#pumping) return Promise.resolve();
    return new Promise((resolve) => this.#whenFlushed.push(resolve));
  }

  stop(): void {
    this.#stopped = true;
    this.#control = [];
    this.#credits.clear();
    this.#round = [];
    this.#resolveFlushed();
  }

  #start(): void {
    if (this.#pumping || this.#stopped) return;
    this.#pumping = true;
    void this.#pump();
  }

  async #pump(): Promise<void> {
    try {
      // One turn later: what the caller queues in this turn goes into the same batch.
      await Promise.resolve();
      for (;;) {
        const batch: Batch = { groups: [], sent: [], roomBytes: 0, hasEarly: false };
        this.#gather(batch);
        // Without a wait in between: what is queued after this look starts the pump again.
        if (this.#stopped || batch.groups.length === 0) break;
        if (batch.hasEarly && batch.roomBytes > copiedBytesMax) await this.#gatherMore(batch);
        await this.#link.send(batch.groups);
        for (const sent of batch.sent) sent();
      }
      this.#pumping = false;
      this.#resolveFlushed();
    } catch (error) {
      this.#pumping = false;
      this.#events.onFailed(error);
    }
  }

  #resolveFlushed(): void {
    const waiting = this.#whenFlushed;
    this.#whenFlushed = [];
    for (const resolve of waiting) resolve();
  }

  async #gatherMore(batch: Batch): Promise<void> {
    for (let turn = 0; turn < earlyTurns; turn += 1) await Promise.resolve();
    this.#gather(batch);
  }

  #gather(batch: Batch): void {
    if (this.#stopped) return;
    this.#gatherControl(batch);
    this.#gatherCredits(batch);
    this.#gatherStreams(batch);
  }

  #gatherControl(batch: Batch): void {
    let count = 0;
    for (const frame of this.#control) {
      if (!hasRoom(batch, frame.length)) break;
      addPieces(batch, [frame]);
      this.#controlBytes -= frame.length;
      count += 1;
    }
    this.#control = count === this.#control.length ? [] : this.#control.slice(count);
  }

  #gatherCredits(batch: Batch): void {
    const frameBytes = wire.frameHeaderBytesMax + 4;
    for (const [stream, bytes] of this.#credits) {
      if (!hasRoom(batch, frameBytes)) return;
      const body = Buffer.allocUnsafe(4);
      body.writeUInt32BE(bytes);
      addPieces(batch, [encodeFrameHeader('credit', stream, 4), body]);
      this.#credits.delete(stream);
    }
  }

  /** One frame of each stream in turn, until the batch is full or none can go. */
  #gatherStreams(batch: Batch): void {
    let waiting = 0;
    while (waiting < this.#round.length) {
      const queue = this.#round.shift();
      if (queue === undefined) return;
      const frame = queue.take(batch.roomBytes - wire.frameHeaderBytesMax, this.#creditBytes);
      if (frame === 'room') {
        this.#round.unshift(queue);
        if (!beginGroup(batch)) return;
        continue;
      }
      if (frame === 'connection-credit') {
        this.#round.push(queue);
        waiting += 1;
        continue;
      }
      if (frame === 'empty' || frame === 'stream-credit') {
        queue.inRound = false;
        continue;
      }
      waiting = 0;
      this.#creditBytes -= frame.cost;
      addFrame(batch, queue.stream, frame);
      if (queue.isEmpty) queue.inRound = false;
      else this.#round.push(queue);
    }
  }
}

/** False when there are enough. */
function beginGroup(batch: Batch): boolean {
  if (batch.groups.length === groupsMax) return false;
  batch.groups.push([]);
  batch.roomBytes = groupBytesMax;
  return true;
}

/** Room for so many bytes, if need be in another group. */
function hasRoom(batch: Batch, bytes: number): boolean {
  return bytes <= batch.roomBytes || beginGroup(batch);
}

function addPieces(batch: Batch, pieces: readonly Uint8Array[]): void {
  batch.groups.at(-1)?.push(...pieces);
  for (const { length } of pieces) batch.roomBytes -= length;
}

function addFrame(batch: Batch, stream: number, frame: OutgoingFrame): void {
  const { body, sent } = frame;
  const header = encodeFrameHeader(frame.type, stream, body.length);
  const copied = body.length <= copiedBytesMax;
  if (copied) addPieces(batch, [body.length === 0 ? header : Buffer.concat([header, body])]);
  else addPieces(batch, [header, body]);
  if (sent === undefined) return;
  // The piece before it may stand in this batch, uncopied.
  if (!copied || !frame.whole) {
    batch.sent.push(sent);
    return;
  }
  batch.hasEarly = true;
  sent();
}
