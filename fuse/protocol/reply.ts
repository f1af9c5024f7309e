/**
 * Answers to the kernel as bytes. Times are 64-bit seconds, before 1970 too; sizes of structs are
 * asserted by tests.
 */
import { zeroedBytes } from '../../protocol/small-bytes.ts';
import { outHeaderBytes } from './constants.ts';
import type { Header, Time } from './request.ts';

/** What stat(2) shows. */
export interface Attributes {
  readonly inode: number;
  readonly size: number;
  /** With the bits of the kind. */
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly atime: Time;
  readonly mtime: Time;
  readonly ctime: Time;
}

/** A name that was found, and how long the kernel may believe it. */
export interface Entry {
  /** 0: there is no such name, and that may be remembered too. */
  readonly node: number;
  readonly validMs: number;
  readonly attributes: Attributes;
}

export const attributesBytes = 88;
export const entryBytes = 128;
export const blockBytes = 4096;

type Unique = Pick<Header, 'uniqueLow' | 'uniqueHigh'>;

/** An answer with room for a body of `bodyBytes` behind the header. Zeroed. */
export function reply(to: Unique, bodyBytes: number): Buffer {
  const bytes = zeroedBytes(outHeaderBytes + bodyBytes);
  writeHeader(bytes, to, { length: bytes.length, errno: 0 });
  return bytes;
}

/** The header before data that is written beside it. */
export function dataHeader(to: Unique, dataBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(outHeaderBytes);
  writeHeader(bytes, to, { length: outHeaderBytes + dataBytes, errno: 0 });
  return bytes;
}

export function errorReply(to: Unique, errno: number): Buffer {
  const bytes = Buffer.allocUnsafe(outHeaderBytes);
  writeHeader(bytes, to, { length: outHeaderBytes, errno });
  return bytes;
}

function writeHeader(
  bytes: Buffer,
  { uniqueLow, uniqueHigh }: Unique,
  { length, errno }: { readonly length: number; readonly errno: number },
): void {
  bytes.writeUInt32LE(length, 0);
  bytes.writeInt32LE(-errno, 4);
  bytes.writeUInt32LE(uniqueLow, 8);
  bytes.writeUInt32LE(uniqueHigh, 12);
}

export function entryReply(to: Unique, entry: Entry): Buffer {
  const bytes = reply(to, entryBytes);
  writeEntry(bytes, outHeaderBytes, entry);
  return bytes;
}

export function attributesReply(to: Unique, attributes: Attributes, validMs: number): Buffer {
  const bytes = reply(to, 16 + attributesBytes);
  writeValid(bytes, outHeaderBytes, validMs);
  writeAttributes(bytes, outHeaderBytes + 16, attributes);
  return bytes;
}

export function openReply(to: Unique, opened: { handle: number; answers: number }): Buffer {
  const bytes = reply(to, 16);
  writeOpen(bytes, outHeaderBytes, opened);
  return bytes;
}

export function createReply(
  to: Unique,
  entry: Entry,
  opened: { handle: number; answers: number },
): Buffer {
  const bytes = reply(to, entryBytes + 16);
  writeEntry(bytes, outHeaderBytes, entry);
  writeOpen(bytes, outHeaderBytes + entryBytes, opened);
  return bytes;
}

/** So many bytes were written, or so long a value would be. */
export function countReply(to: Unique, count: number): Buffer {
  const bytes = reply(to, 8);
  bytes.writeUInt32LE(count, outHeaderBytes);
  return bytes;
}

export function offsetReply(to: Unique, offset: number): Buffer {
  const bytes = reply(to, 8);
  writeU64(bytes, outHeaderBytes, offset);
  return bytes;
}

export interface SpaceNumbers {
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly files: number;
}

export function statfsReply(to: Unique, { totalBytes, freeBytes, files }: SpaceNumbers): Buffer {
  const bytes = reply(to, 80);
  const at = outHeaderBytes;
  const free = Math.floor(freeBytes / blockBytes);
  writeU64(bytes, at, Math.max(free, Math.floor(totalBytes / blockBytes)));
  writeU64(bytes, at + 8, free);
  writeU64(bytes, at + 16, free);
  const inodesFree = 2 ** 32;
  writeU64(bytes, at + 24, files + inodesFree);
  writeU64(bytes, at + 32, inodesFree);
  bytes.writeUInt32LE(blockBytes, at + 40);
  bytes.writeUInt32LE(255, at + 44);
  bytes.writeUInt32LE(blockBytes, at + 48);
  return bytes;
}

export function writeEntry(bytes: Buffer, at: number, { node, validMs, attributes }: Entry): void {
  writeU64(bytes, at, node);
  writeU64(bytes, at + 8, 0);
  const seconds = Math.floor(validMs / 1000);
  const nanoseconds = (validMs % 1000) * 1e6;
  writeU64(bytes, at + 16, seconds);
  writeU64(bytes, at + 24, seconds);
  bytes.writeUInt32LE(nanoseconds, at + 32);
  bytes.writeUInt32LE(nanoseconds, at + 36);
  writeAttributes(bytes, at + 40, attributes);
}

function writeAttributes(bytes: Buffer, at: number, attributes: Attributes): void {
  const { inode, size, mode, links, uid, gid, atime, mtime, ctime } = attributes;
  writeU64(bytes, at, inode);
  writeU64(bytes, at + 8, size);
  writeU64(bytes, at + 16, Math.ceil(size / 512));
  writeU64(bytes, at + 24, atime.seconds);
  writeU64(bytes, at + 32, mtime.seconds);
  writeU64(bytes, at + 40, ctime.seconds);
  bytes.writeUInt32LE(atime.nanoseconds, at + 48);
  bytes.writeUInt32LE(mtime.nanoseconds, at + 52);
  bytes.writeUInt32LE(ctime.nanoseconds, at + 56);
  bytes.writeUInt32LE(mode, at + 60);
  bytes.writeUInt32LE(links, at + 64);
  bytes.writeUInt32LE(uid, at + 68);
  bytes.writeUInt32LE(gid, at + 72);
  bytes.writeUInt32LE(0, at + 76);
  bytes.writeUInt32LE(blockBytes, at + 80);
  bytes.writeUInt32LE(0, at + 84);
}

function writeOpen(
  bytes: Buffer,
  at: number,
  { handle, answers }: { readonly handle: number; readonly answers: number },
): void {
  writeU64(bytes, at, handle);
  bytes.writeUInt32LE(answers, at + 8);
}

function writeValid(bytes: Buffer, at: number, validMs: number): void {
  writeU64(bytes, at, Math.floor(validMs / 1000));
  bytes.writeUInt32LE((validMs % 1000) * 1e6, at + 8);
}

/** Two's complement for what is below zero: seconds before 1970. */
export function writeU64(bytes: Buffer, at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32);
  bytes.writeUInt32LE(value - high * 2 ** 32, at);
  bytes.writeUInt32LE(high >>> 0, at + 4);
}
