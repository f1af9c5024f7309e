/**
 * The operation that nearly every batch is full of, a new file, straight into bytes: the same bytes
 * that the generated encoder makes of it, at a tenth of the cost. Whatever is out of the ordinary goes
 * the ordinary way.
 */
import type { RefBase } from './content-wire.ts';
import type { Content, MakeOp, Op } from './op.ts';
import { varintBytes, writeVarint } from './varint.ts';

/** Everything but the name is short. */
const room = Buffer.allocUnsafeSlow(1024);
/** Before the make: its tag and length, and those of the operation around it. */
const frontBytes = 8;
/** Nested messages have one byte of length, so they stay below this. */
const nestedBytesMax = 127;
const secondsMax = 2 ** 51;

/** Tags of fields, as in journal.proto: number × 8 + wire type. */
const tags = {
  ops: 42,
  make: 10,
  node: 10,
  kind: 16,
  entry: 26,
  parent: 34,
  name: 42,
  attributes: 50,
  content: 58,
  mode: 8,
  mtimeS: 16,
  mtimeNs: 24,
  size: 8,
  small: 18,
  chunk: 26,
  first: 10,
  second: 18,
  third: 26,
  format: 32,
  plainLength: 40,
  sealedLength: 48,
} as const;

let at = 0;

/** One `BatchBody.ops` field with its operation; undefined when it is none of the ordinary ones. */
export function encodeFileOp(op: Op, base: RefBase): Buffer | undefined {
  if (op.type !== 'make' || !isOrdinary(op, base)) return undefined;
  at = frontBytes;
  hex(tags.node, op.node);
  number(tags.kind, 1);
  hex(tags.entry, op.entry);
  hex(tags.parent, op.parent);
  bytes(tags.name, op.name);
  nested(tags.attributes, () => {
    const { mode, mtime } = op.attributes;
    if (mode !== undefined) number(tags.mode, mode);
    if (mtime === undefined) return;
    // Zigzag: the sign is the lowest bit.
    number(tags.mtimeS, mtime.seconds * 2);
    number(tags.mtimeNs, mtime.nanoseconds);
  });
  const { content } = op;
  if (content !== undefined) {
    nested(tags.content, () => {
      contentFields(content);
    });
  }
  return behindLengths();
}

function isOrdinary({ kind, over, target, attributes, content }: MakeOp, base: RefBase): boolean {
  const seconds = attributes.mtime?.seconds ?? 0;
  if (kind !== 'file' || over !== undefined || target !== undefined) return false;
  if (attributes.xattrs !== undefined || seconds < 0 || seconds > secondsMax) return false;
  if (content?.type === 'small') return content.small.epoch === base.epoch;
  if (content?.type === 'chunk') return content.chunk.epoch === base.epoch;
  return content?.type === 'empty';
}

function contentFields(content: Content): void {
  if (content.type === 'empty') return;
  if (content.size !== 0) number(tags.size, content.size);
  if (content.type === 'small') {
    const { record, salt, hash } = content.small;
    nested(tags.small, () => {
      hex(tags.first, record);
      bytes(tags.second, salt);
      bytes(tags.third, hash);
    });
  } else if (content.type === 'chunk') {
    const { cid, pid, format, plainLength, sealedLength } = content.chunk;
    nested(tags.chunk, () => {
      hex(tags.first, cid);
      hex(tags.second, pid);
      if (format !== 0) number(tags.format, format);
      if (plainLength !== 0) number(tags.plainLength, plainLength);
      if (sealedLength !== 0) number(tags.sealedLength, sealedLength);
    });
  }
}

/** Puts the lengths in front of the make that was written. */
function behindLengths(): Buffer | undefined {
  const end = at;
  const makeBytes = end - frontBytes;
  const opBytes = 1 + varintBytes(makeBytes) + makeBytes;
  const start = frontBytes - (1 + varintBytes(opBytes) + 1 + varintBytes(makeBytes));
  at = start;
  number(tags.ops, opBytes);
  number(tags.make, makeBytes);
  return Buffer.from(room.subarray(start, end));
}

function nested(tag: number, write: () => void): void {
  room[at] = tag;
  const start = at + 2;
  at = start;
  write();
  if (at - start > nestedBytesMax) throw new Error('a nested message is longer than it can be');
  room[start - 1] = at - start;
}

function hex(tag: number, digits: string): void {
  room[at] = tag;
  room[at + 1] = digits.length / 2;
  at += 2 + room.write(digits, at + 2, 'hex');
}

function bytes(tag: number, value: Uint8Array): void {
  number(tag, value.length);
  room.set(value, at);
  at += value.length;
}

/** A tag and a number, both as varints; tags have one byte. */
function number(tag: number, value: number): void {
  room[at] = tag;
  at = writeVarint(room, at + 1, value);
}
