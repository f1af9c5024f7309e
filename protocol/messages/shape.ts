/**
 * Looks through protobuf bytes before the generated decoder does. The decoder makes an object for
 * every two bytes of a hostile message; this walk makes none, and lets through only what a declared
 * shape allows: which wire type each field has, how often it may come, how long it may be, how deep
 * messages may nest. A message that passes is safe to decode, and its texts are UTF-8.
 *
 * Fields that the shape does not name come from newer versions: they are skipped, up to a count.
 */
import { isUtf8 } from 'node:buffer';
import { VaultError } from '../errors.ts';

/** What one field may be. Without `bytesMax` and `nested` it is a number (or bool, or enum). */
export interface FieldShape {
  /** How often the field may come; of a packed field, how many numbers in all. @default 1 */
  readonly countMax?: number;
  /** A bytes or string field of at most so many bytes. */
  readonly bytesMax?: number;
  /** The bytes are text and have to be UTF-8. Needs `bytesMax`. */
  readonly text?: true;
  /** The field is a message of this shape. With `bytesMax`, of at most so many bytes. */
  readonly nested?: MessageShape;
  /** Repeated numbers, which may come packed or one by one. Needs `countMax`. */
  readonly packed?: true;
}

/** Field number to what it may be. */
export type MessageShape = Readonly<Record<number, FieldShape>>;

/** Messages deeper than this are refused whatever their shape says. */
export const shapeDepthMax = 8;
/** Fields of one message that the shape does not name. */
export const unknownFieldsMax = 16;

const varintWire = 0;
const fixed64Wire = 1;
const bytesWire = 2;
const fixed32Wire = 5;

interface Walk {
  readonly bytes: Uint8Array;
  readonly op: string;
  at: number;
}

/**
 * Checks one encoded message against its shape.
 * @param op for the error, e.g. `peer.readUpdate`
 * @throws VaultError `malformed`
 */
export function checkShape(bytes: Uint8Array, shape: MessageShape, op: string): void {
  checkMessage({ bytes, op, at: 0 }, bytes.length, shape, 1);
}

function checkMessage(walk: Walk, end: number, shape: MessageShape, depth: number): void {
  if (depth > shapeDepthMax) fail(walk, 'nested too deep');
  // Most fields come once: a Map for each message was most of what this took.
  let once = 0;
  let counts: Map<number, number> | undefined;
  let unknown = 0;
  while (walk.at < end) {
    const tag = readVarint(walk, end);
    const field = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (field === 0 || field > 0x1fffffff) fail(walk, `field number ${String(field)}`);
    const allowed = Object.hasOwn(shape, field) ? shape[field] : undefined;
    if (allowed === undefined) {
      unknown += 1;
      if (unknown > unknownFieldsMax) fail(walk, 'too many unknown fields');
      skip(walk, end, wireType);
      continue;
    }
    const bit = field < 32 ? 1 << field : 0;
    const counted = counts?.get(field);
    const before = counted ?? ((once & bit) === 0 ? 0 : 1);
    const count = before + checkField(walk, end, { allowed, wireType, depth });
    if (count > (allowed.countMax ?? 1)) fail(walk, `field ${String(field)} comes too often`);
    if (counted === undefined && count === 1 && bit !== 0) once |= bit;
    else (counts ??= new Map()).set(field, count);
  }
}

/** Passes over one field's value and says for how many it counts. */
function checkField(
  walk: Walk,
  end: number,
  field: { readonly allowed: FieldShape; readonly wireType: number; readonly depth: number },
): number {
  const { allowed, wireType, depth } = field;
  if (allowed.nested === undefined && allowed.bytesMax === undefined) {
    if (allowed.packed === true && wireType === bytesWire) return checkPacked(walk, end);
    if (wireType === bytesWire) fail(walk, 'bytes where a number belongs');
    skip(walk, end, wireType);
    return 1;
  }
  if (wireType !== bytesWire) fail(walk, 'a number where bytes belong');
  const length = readLength(walk, end);
  if (allowed.bytesMax !== undefined && length > allowed.bytesMax) {
    fail(walk, `${String(length)} bytes where ${String(allowed.bytesMax)} are allowed`);
  }
  if (allowed.nested !== undefined) {
    checkMessage(walk, walk.at + length, allowed.nested, depth + 1);
    return 1;
  }
  if (allowed.text === true && !isUtf8(walk.bytes.subarray(walk.at, walk.at + length))) {
    fail(walk, 'text that is not UTF-8');
  }
  walk.at += length;
  return 1;
}

/** Counts the numbers of a packed field. */
function checkPacked(walk: Walk, end: number): number {
  const length = readLength(walk, end);
  const stop = walk.at + length;
  let count = 0;
  while (walk.at < stop) {
    readVarint(walk, stop);
    count += 1;
  }
  return count;
}

function skip(walk: Walk, end: number, wireType: number): void {
  switch (wireType) {
    case varintWire:
      readVarint(walk, end);
      return;
    case fixed64Wire:
      walk.at += 8;
      break;
    case fixed32Wire:
      walk.at += 4;
      break;
    case bytesWire: {
      // Not `walk.at += readLength(…)`: that would take `walk.at` from before the length was read.
      const length = readLength(walk, end);
      walk.at += length;
      return;
    }
    default:
      // Groups (3, 4) are not used by any of our messages.
      fail(walk, `wire type ${String(wireType)}`);
  }
  if (walk.at > end) fail(walk, 'cut off');
}

function readLength(walk: Walk, end: number): number {
  const length = readVarint(walk, end);
  if (length > end - walk.at) fail(walk, 'longer than the message around it');
  return length;
}

/** Reads a varint of at most ten bytes; the result is exact up to 2^53 and only compared beyond. */
function readVarint(walk: Walk, end: number): number {
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 10; count += 1) {
    const byte = walk.at < end ? walk.bytes[walk.at] : undefined;
    if (byte === undefined) fail(walk, 'cut off');
    walk.at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 0x80;
  }
  return fail(walk, 'a number of more than ten bytes');
}

function fail(walk: Walk, detail: string): never {
  throw new VaultError('malformed', {
    op: walk.op,
    detail: `${detail}, at byte ${String(walk.at)}`,
  });
}
