/**
 * The record: what every file of the store is made of. A header of 48 bytes that can be recognised
 * anywhere in a file, then the body. Byte for byte in agent/DESIGN.md, "Store".
 */
import assert from 'node:assert/strict';
import { blake3 } from '../../protocol/hash.ts';
import { crc32c } from './crc32c.ts';

export const recordKinds = {
  chunk: 1,
  small: 2,
  batch: 3,
  statement: 4,
  footer: 5,
  note: 6,
} as const;
export type RecordKind = keyof typeof recordKinds;

export const recordHeaderBytes = 48;
/** Starts every header: how a scan finds the next record after damage. */
export const recordMarker = Buffer.from([0xf1, 0x5c, 0x9b, 0xe3]);
const recordMarkerNumber = recordMarker.readUInt32BE();
/** Of a small record: it counts without a batch after it. */
export const flagAlone = 1;

const crcOffset = 44;
const kindsByNumber = new Map<number, RecordKind>(
  (Object.keys(recordKinds) as RecordKind[]).map((kind) => [recordKinds[kind], kind]),
);

export interface RecordHeader {
  readonly kind: RecordKind;
  readonly flags: number;
  /** Length of the body in bytes. */
  readonly length: number;
  /** 64 hex digits: the ChunkId, BatchHash or BLAKE3 of the body, by kind. */
  readonly id: string;
}

/** The 48 bytes in front of a body. */
export function encodeRecordHeader(header: RecordHeader): Buffer {
  const bytes = Buffer.allocUnsafe(recordHeaderBytes);
  encodeRecordHeaderInto(bytes, 0, header);
  return bytes;
}

/** The same into 48 bytes of `bytes` that begin at `at`. */
export function encodeRecordHeaderInto(bytes: Buffer, at: number, header: RecordHeader): void {
  assert(header.id.length === 64 && header.length <= 0xffff_ffff, 'a record header has its form');
  bytes.writeUInt32BE(recordMarkerNumber, at);
  bytes.writeUInt8(recordKinds[header.kind], at + 4);
  bytes.writeUInt8(header.flags, at + 5);
  bytes.writeUInt16LE(0, at + 6);
  bytes.writeUInt32LE(header.length, at + 8);
  bytes.write(header.id, at + 12, 'hex');
  bytes.writeUInt32LE(crc32c(bytes, at, at + crcOffset), at + crcOffset);
}

/** The header that stands at `offset`, or undefined when none does. */
export function decodeRecordHeader(bytes: Buffer, offset = 0): RecordHeader | undefined {
  if (bytes.length - offset < recordHeaderBytes) return undefined;
  if (bytes.compare(recordMarker, 0, 4, offset, offset + 4) !== 0) return undefined;
  const crc = bytes.readUInt32LE(offset + crcOffset);
  if (crc32c(bytes, offset, offset + crcOffset) !== crc) return undefined;
  const kind = kindsByNumber.get(bytes.readUInt8(offset + 4));
  if (kind === undefined) return undefined;
  return {
    kind,
    flags: bytes.readUInt8(offset + 5),
    length: bytes.readUInt32LE(offset + 8),
    id: bytes.toString('hex', offset + 12, offset + crcOffset),
  };
}

/** Header and body of a record whose id is the BLAKE3 of its body. */
export function hashedRecord(kind: RecordKind, body: Uint8Array): Uint8Array[] {
  const id = blake3(body).toString('hex');
  return [encodeRecordHeader({ kind, flags: 0, length: body.length, id }), body];
}

/** Whether a body is the one its header was written for; a batch carries its own check. */
export function bodyMatchesId(header: RecordHeader, body: Uint8Array): boolean {
  return blake3(body).toString('hex') === header.id;
}
