/**
 * Frames: `[type u8][stream varint][length u32][body]`, the unit of everything that two ends say to
 * each other after the connection stands (SPEC.md, "Frames"). This file knows their form and which
 * lengths each type may have; what they mean is the business of `rpc/`.
 */
import { copyBytes } from './copy-bytes.ts';
import { VaultError } from './errors.ts';
import { freeBytes } from './free-bytes.ts';
import { rpc, wire } from './limits.ts';

export const frameTypes = {
  open: 1,
  message: 2,
  data: 3,
  credit: 4,
  end: 5,
  reset: 6,
  ping: 7,
  pong: 8,
  goodbye: 9,
} as const;

export type FrameType = keyof typeof frameTypes;

export interface Frame {
  readonly type: FrameType;
  readonly stream: number;
  readonly body: Buffer;
}

/** Streams are numbered with 32 bits. */
export const streamIdMax = 0xffff_ffff;

interface FrameRule {
  readonly bytesMin: number;
  readonly bytesMax: number;
  /** Where it may occur: on stream 0, on the others, or on both. */
  readonly stream: 'connection' | 'call' | 'any';
}

/** Of an encoded `Failure`. */
export const failureBytesMax = 4 * (rpc.failureTextBytesMax + 4) + 8;

const rules: Readonly<Record<FrameType, FrameRule>> = {
  open: { bytesMin: 0, bytesMax: wire.frameBodyBytesMax, stream: 'call' },
  message: { bytesMin: 0, bytesMax: rpc.messageBytesMax, stream: 'call' },
  data: { bytesMin: 1, bytesMax: wire.frameBodyBytesMax, stream: 'call' },
  credit: { bytesMin: 4, bytesMax: 4, stream: 'any' },
  end: { bytesMin: 0, bytesMax: 0, stream: 'call' },
  reset: { bytesMin: 0, bytesMax: failureBytesMax, stream: 'call' },
  ping: { bytesMin: 8, bytesMax: 8, stream: 'connection' },
  pong: { bytesMin: 8, bytesMax: 8, stream: 'connection' },
  goodbye: { bytesMin: 0, bytesMax: rpc.goodbyeTextBytesMax + 16, stream: 'connection' },
};

const typesByNumber: readonly (FrameType | undefined)[] = Array.from({ length: 256 }, (_, number) =>
  (Object.keys(frameTypes) as FrameType[]).find((type) => frameTypes[type] === number),
);

const nothing = Buffer.alloc(0);

/** The header of a frame whose body has `length` bytes. */
export function encodeFrameHeader(type: FrameType, stream: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(wire.frameHeaderBytesMax);
  header[0] = frameTypes[type];
  let at = 1;
  let rest = stream;
  while (rest >= 0x80) {
    header[at] = (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 0x80);
    at += 1;
  }
  header[at] = rest;
  header.writeUInt32BE(length, at + 1);
  return header.subarray(0, at + 5);
}

export interface FrameHead {
  readonly type: FrameType;
  readonly stream: number;
  /** Of the body. */
  readonly length: number;
}

type PlaceOf = (header: FrameHead) => Buffer | undefined;

interface Header extends FrameHead {
  /** Of the header itself. */
  readonly headerBytes: number;
}

/**
 * Cuts frames out of bytes that come in any pieces. A header is checked as soon as it is complete,
 * before anything is kept for its body. A body that lies whole in one piece is not copied, unless it
 * is small beside the piece: then keeping it would keep all of the piece alive. So no two bodies stand
 * in one piece, and whoever has used a body may free it. One that has a place of its own is put there.
 */
export class FrameDecoder {
  readonly #onUsed: (piece: Buffer) => void;
  #piece: Buffer = nothing;
  #at = 0;
  /** Whether the body of a frame stands in the piece. */
  #lent = true;
  readonly #headerBytes = Buffer.alloc(wire.frameHeaderBytesMax);
  #headerLength = 0;
  #header: Header | undefined;
  /** A body that began in an earlier piece. */
  #body: Buffer | undefined;
  #bodyLength = 0;

  /** @param onUsed gets each piece that is used up and in which no body stands @default frees its memory */
  constructor(onUsed: (piece: Buffer) => void = freeBytes) {
    this.#onUsed = onUsed;
  }

  /**
   * Hands in the next piece, which belongs to the decoder from now on. Call `next` until it gives
   * nothing before the next one.
   */
  push(piece: Buffer): void {
    this.#piece = piece;
    this.#at = 0;
    this.#lent = false;
  }

  /**
   * The next whole frame, or undefined when the piece is used up.
   * @param placeOf says where the body of a frame belongs that is whole in the piece; it is written at once
   * @throws VaultError `peer-misbehaved`
   */
  next(placeOf?: PlaceOf): Frame | undefined {
    this.#header ??= this.#readHeader();
    const body = this.#header && this.#readBody(this.#header, placeOf);
    if (this.#header === undefined || body === undefined) {
      this.#usedUp();
      return undefined;
    }
    const { type, stream } = this.#header;
    this.#header = undefined;
    return { type, stream, body };
  }

  /** Whether the bytes so far end in the middle of a frame. */
  get midFrame(): boolean {
    return this.#header !== undefined || this.#headerLength > 0;
  }

  #readHeader(): Header | undefined {
    if (this.#headerLength === 0) {
      const whole = parseHeader(this.#piece, this.#at, this.#piece.length);
      if (whole !== undefined) {
        this.#at += whole.headerBytes;
        return whole;
      }
    }
    while (this.#at < this.#piece.length) {
      this.#headerBytes[this.#headerLength] = this.#piece[this.#at] ?? 0;
      this.#headerLength += 1;
      this.#at += 1;
      const header = parseHeader(this.#headerBytes, 0, this.#headerLength);
      if (header === undefined) continue;
      this.#headerLength = 0;
      return header;
    }
    return undefined;
  }

  #readBody(header: Header, placeOf: PlaceOf | undefined): Buffer | undefined {
    const { length } = header;
    const left = this.#piece.length - this.#at;
    if (this.#body === undefined) {
      if (left >= length) return this.#cut(length, placeOf?.(header));
      // Nothing is set aside for a body before its first byte is here.
      if (left === 0) return undefined;
      this.#body = Buffer.allocUnsafeSlow(length);
      this.#bodyLength = 0;
    }
    const count = Math.min(left, length - this.#bodyLength);
    this.#piece.copy(this.#body, this.#bodyLength, this.#at, this.#at + count);
    this.#at += count;
    this.#bodyLength += count;
    if (this.#bodyLength < length) return undefined;
    const body = this.#body;
    this.#body = undefined;
    return body;
  }

  #usedUp(): void {
    if (!this.#lent) this.#onUsed(this.#piece);
    this.#piece = nothing;
    this.#at = 0;
    this.#lent = true;
  }

  #cut(length: number, place: Buffer | undefined): Buffer {
    const body = this.#piece.subarray(this.#at, this.#at + length);
    this.#at += length;
    if (place !== undefined) {
      copyBytes(place, 0, body);
      return place;
    }
    if (length * 2 < this.#piece.length) return Buffer.from(body);
    this.#lent = true;
    return body;
  }
}

/** Reads and checks a header; undefined while it is incomplete. */
function parseHeader(bytes: Buffer, start: number, end: number): Header | undefined {
  const number = start < end ? bytes[start] : undefined;
  if (number === undefined) return undefined;
  const type = typesByNumber[number] ?? misbehaved(`frame type ${String(number)}`);
  let at = start + 1;
  let stream = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = at < end ? bytes[at] : undefined;
    if (byte === undefined) return undefined;
    at += 1;
    stream += (byte & 0x7f) * scale;
    if (stream > streamIdMax) misbehaved('a stream number that is too large');
    if (byte === 0 && scale > 1) misbehaved('a stream number that is longer than it needs to be');
    if (byte < 0x80) break;
    if (scale === 0x80 ** 4) misbehaved('a stream number of more than five bytes');
  }
  checkStream(type, stream);
  if (end - at < 4) return undefined;
  const length = bytes.readUInt32BE(at);
  const rule = rules[type];
  if (length < rule.bytesMin || length > rule.bytesMax) {
    misbehaved(`${type} frame of ${String(length)} bytes`);
  }
  return { type, stream, length, headerBytes: at + 4 - start };
}

function checkStream(type: FrameType, stream: number): void {
  const place = rules[type].stream;
  if (place === 'any' || (place === 'connection') === (stream === 0)) return;
  misbehaved(`${type} frame on stream ${String(stream)}`);
}

function misbehaved(detail: string): never {
  throw new VaultError('peer-misbehaved', { op: 'frame.decode', detail });
}
