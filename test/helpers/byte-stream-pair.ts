/**
 * Two ends of one stream of bytes in memory, for tests: what one sends the other receives, cut into
 * pieces that have nothing to do with how it was sent, and a sender waits while more than `roomBytes`
 * are unread. The same seed gives the same cuts. Nothing here is timed.
 */
import { VaultError } from '../../protocol/errors.ts';

/** Structurally the ByteStream of agent/ports.ts. */
export interface MemoryStream {
  readonly remote: string;
  send(parts: readonly Uint8Array[]): Promise<void>;
  receive(): Promise<Buffer | undefined>;
  end(): void;
  destroy(): void;
  readonly closed: Promise<void>;
}

export interface PairOptions {
  readonly seed?: number;
  /** Pieces are of 1 to so many bytes. @default 65,536 */
  readonly pieceBytesMax?: number;
  /** A send resolves when no more than this is unread. @default 65,536 */
  readonly roomBytes?: number;
  /** Changes what is on its way from end 0 or 1; for hostile wires. */
  readonly onTheWay?: (bytes: Buffer, from: 0 | 1) => Buffer;
}

interface Pipe {
  pieces: Buffer[];
  bytes: number;
  ended: boolean;
  broken: boolean;
  reader: (() => void) | undefined;
  writers: (() => void)[];
}

export function createByteStreamPair(options: PairOptions = {}): [MemoryStream, MemoryStream] {
  const random = createRandom(options.seed ?? 1);
  const there = createPipe();
  const back = createPipe();
  return [
    createEnd({ from: 0, outgoing: there, incoming: back }, options, random),
    createEnd({ from: 1, outgoing: back, incoming: there }, options, random),
  ];
}

/** A small seeded generator (mulberry32): 0 <= x < 1. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function createPipe(): Pipe {
  return { pieces: [], bytes: 0, ended: false, broken: false, reader: undefined, writers: [] };
}

function createEnd(
  ends: { readonly from: 0 | 1; readonly outgoing: Pipe; readonly incoming: Pipe },
  options: PairOptions,
  random: () => number,
): MemoryStream {
  const { from, outgoing, incoming } = ends;
  const roomBytes = options.roomBytes ?? 65_536;
  const pieceBytesMax = options.pieceBytesMax ?? 65_536;
  let resolveClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    resolveClosed = resolve;
  });
  return {
    remote: `memory:${String(from)}`,
    closed,
    async send(parts) {
      if (outgoing.broken || outgoing.ended) throw closedError();
      let bytes: Buffer = Buffer.concat(parts);
      if (options.onTheWay !== undefined) bytes = options.onTheWay(bytes, from);
      if (bytes.length > 0) outgoing.pieces.push(bytes);
      outgoing.bytes += bytes.length;
      wake(outgoing);
      while (outgoing.bytes > roomBytes) {
        await new Promise<void>((resolve) => outgoing.writers.push(resolve));
        if (outgoing.broken) throw closedError();
      }
    },
    async receive() {
      while (incoming.pieces.length === 0) {
        if (incoming.broken) throw closedError();
        if (incoming.ended) return undefined;
        await new Promise<void>((resolve) => {
          incoming.reader = resolve;
        });
      }
      const piece = takePiece(incoming, 1 + Math.floor(random() * pieceBytesMax));
      wake(incoming);
      return piece;
    },
    end() {
      outgoing.ended = true;
      wake(outgoing);
    },
    destroy() {
      // What was accepted for the other side may still be read there, as with a socket that is closed.
      outgoing.ended = true;
      incoming.broken = true;
      incoming.pieces = [];
      incoming.bytes = 0;
      wake(outgoing);
      wake(incoming);
      resolveClosed();
    },
  };
}

function takePiece(pipe: Pipe, bytesMax: number): Buffer {
  const first = pipe.pieces[0]!;
  const piece = Buffer.from(first.subarray(0, bytesMax));
  if (piece.length === first.length) pipe.pieces.shift();
  else pipe.pieces[0] = first.subarray(piece.length);
  pipe.bytes -= piece.length;
  return piece;
}

function wake(pipe: Pipe): void {
  pipe.reader?.();
  pipe.reader = undefined;
  const writers = pipe.writers;
  pipe.writers = [];
  for (const writer of writers) writer();
}

function closedError(): VaultError {
  return new VaultError('closed', { op: 'memory.stream' });
}
