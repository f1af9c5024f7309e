/**
 * Offers of a put straight to bytes and back: thousands of items come in them, and each costs a tenth of
 * what the generated code and the walk before it take. The bytes are the same. Whatever is not as
 * `encodeOffer` writes it, or out of bounds, goes the ordinary way, which says what is wrong.
 */
import { control as limits, names } from '../limits.ts';
import { kindNumbers, kinds, modeMax, nanosecondsMax } from './control-entry.ts';
import type { PutItem } from './control-put.ts';
import { varintBytes, writeVarint } from './varint.ts';

/** Tags of fields, as in control.proto: number × 8 + wire type. */
const tags = {
  offer: 10,
  items: 10,
  path: 10,
  kind: 16,
  size: 24,
  mode: 32,
  mtimeS: 40,
  mtimeNs: 48,
  target: 58,
  fingerprint: 66,
  sizeKnown: 72,
} as const;

/** Before the items: the tag of the offer and its length. */
const frontBytes = 6;
/** Of an item, apart from what its own length says. */
const itemBytesMax = 64;
const secondsMax = 2 ** 51;
/** Seven bytes of a number are exact in a double. */
const numberBytesMax = 7;

const nothing = Buffer.alloc(0);

/** What is written, or read. */
let room: Buffer = nothing;
let at = 0;
let isOrdinary = true;

/** One `PutUp` with an offer; undefined when an item is out of the ordinary. */
export function encodeOffer(items: readonly PutItem[]): Buffer | undefined {
  room = Buffer.allocUnsafe(items.reduce((sum, item) => sum + roomOf(item), frontBytes));
  at = frontBytes;
  for (const item of items) {
    const { seconds } = item.mtime;
    if (seconds < -secondsMax || seconds > secondsMax) return undefined;
    writeItem(item);
  }
  const stop = at;
  const start = frontBytes - 1 - varintBytes(stop - frontBytes);
  at = start;
  writeNumber(tags.offer, stop - frontBytes);
  return room.subarray(start, stop);
}

function roomOf({ path, target, fingerprint }: PutItem): number {
  return path.length + (target?.length ?? 0) + (fingerprint?.length ?? 0) + itemBytesMax;
}

function writeItem(item: PutItem): void {
  const front = at;
  // Nearly always the length takes one byte.
  at += 2;
  if (item.path.length > 0) writeBytes(tags.path, item.path);
  writeNumber(tags.kind, kindNumbers[item.kind]);
  if (item.size !== undefined && item.size !== 0) writeNumber(tags.size, item.size);
  if (item.mode !== 0) writeNumber(tags.mode, item.mode);
  const { seconds, nanoseconds } = item.mtime;
  // Zigzag: the sign is the lowest bit.
  if (seconds !== 0) writeNumber(tags.mtimeS, seconds < 0 ? -2 * seconds - 1 : 2 * seconds);
  if (nanoseconds !== 0) writeNumber(tags.mtimeNs, nanoseconds);
  if (item.target !== undefined && item.target.length > 0) writeBytes(tags.target, item.target);
  const { fingerprint } = item;
  if (fingerprint !== undefined && fingerprint.length > 0) {
    writeBytes(tags.fingerprint, fingerprint);
  }
  if (item.size !== undefined) writeNumber(tags.sizeKnown, 1);
  const length = at - front - 2;
  const more = varintBytes(length) - 1;
  if (more > 0) room.copyWithin(front + 2 + more, front + 2, at);
  at = front;
  writeNumber(tags.items, length);
  at += length;
}

function writeBytes(tag: number, value: Uint8Array): void {
  writeNumber(tag, value.length);
  room.set(value, at);
  at += value.length;
}

/** A tag and a number, both as varints; tags have one byte. */
function writeNumber(tag: number, value: number): void {
  room[at] = tag;
  at = writeVarint(room, at + 1, value);
}

/** The items of one `PutUp` with an offer, without a copy of their bytes; undefined: not an ordinary one. */
export function decodeOffer(bytes: Uint8Array): readonly PutItem[] | undefined {
  room = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  at = 0;
  isOrdinary = room[at++] === tags.offer;
  if (!isOrdinary || readNumber() !== room.length - at) return undefined;
  const items: PutItem[] = [];
  while (at < room.length) {
    isOrdinary &&= items.length < limits.putOfferItemsMax && room[at++] === tags.items;
    const length = readNumber();
    if (length > room.length - at) return undefined;
    const item = readItem(at + length);
    if (!isOrdinary || item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

/** Each field at most once, in order; those that have no value are not there. */
function readItem(stop: number): PutItem | undefined {
  const path = readBytes(tags.path, names.pathBytesMax, stop);
  const kind = kinds.get(readField(tags.kind, stop));
  const size = readField(tags.size, stop);
  const mode = readField(tags.mode, stop);
  const zigzag = readField(tags.mtimeS, stop);
  const nanoseconds = readField(tags.mtimeNs, stop);
  const target = readBytes(tags.target, names.targetBytesMax, stop);
  const fingerprint = readBytes(tags.fingerprint, limits.fingerprintBytesMax, stop);
  const sizeKnown = readField(tags.sizeKnown, stop);
  if (at !== stop || kind === undefined || sizeKnown > 1) return undefined;
  if (mode > modeMax || nanoseconds > nanosecondsMax) return undefined;
  return {
    path,
    kind,
    size: sizeKnown === 1 ? size : undefined,
    mode,
    mtime: { seconds: zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2, nanoseconds },
    target: kind === 'symlink' ? target : undefined,
    fingerprint: fingerprint.length === 0 ? undefined : fingerprint,
  };
}

/** A field that is not there is 0. */
function readField(tag: number, stop: number): number {
  if (at >= stop || room[at] !== tag) return 0;
  at += 1;
  return readNumber();
}

/** A field that is not there is empty. */
function readBytes(tag: number, bytesMax: number, stop: number): Buffer {
  if (at >= stop || room[at] !== tag) return nothing;
  at += 1;
  const length = readNumber();
  const start = at;
  at += length;
  if (length <= bytesMax && at <= stop) return room.subarray(start, at);
  isOrdinary = false;
  return nothing;
}

function readNumber(): number {
  let value = 0;
  let scale = 1;
  for (let count = 0; count < numberBytesMax; count += 1) {
    const byte = room[at++];
    if (byte === undefined) break;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 0x80;
  }
  isOrdinary = false;
  return 0;
}
