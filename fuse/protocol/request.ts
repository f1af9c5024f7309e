/**
 * Requests of the kernel as values. Everything is checked before it is used: a request that is too
 * short, or names beyond its end, is refused whole. Bytes in the result stand in the buffer that was
 * parsed; whoever keeps them longer copies them.
 */
import { inHeaderBytes, nameBytesMax, opcodes } from './constants.ts';
import { Cursor } from './cursor.ts';

/** What every request begins with. */
export interface Header {
  readonly length: number;
  readonly opcode: number;
  /** Names the request; a resent one has another `uniqueHigh` and the same key. */
  readonly uniqueLow: number;
  readonly uniqueHigh: number;
  readonly node: number;
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
}

export interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export type Request =
  | { readonly op: 'lookup' | 'unlink' | 'rmdir' | 'removexattr'; readonly name: Buffer }
  | { readonly op: 'forget'; readonly count: number }
  | { readonly op: 'batchForget'; readonly items: readonly { node: number; count: number }[] }
  | { readonly op: 'getattr'; readonly handle: number | undefined }
  | SetattrRequest
  | { readonly op: 'readlink' | 'statfs' | 'destroy' }
  | { readonly op: 'symlink'; readonly name: Buffer; readonly target: Buffer }
  | { readonly op: 'mknod'; readonly mode: number; readonly name: Buffer }
  | { readonly op: 'mkdir'; readonly mode: number; readonly name: Buffer }
  | RenameRequest
  | { readonly op: 'link'; readonly source: number; readonly name: Buffer }
  | { readonly op: 'open' | 'opendir'; readonly flags: number }
  | { readonly op: 'create'; readonly flags: number; readonly mode: number; readonly name: Buffer }
  | { readonly op: 'tmpfile'; readonly flags: number; readonly mode: number }
  | ReadRequest
  | WriteRequest
  | { readonly op: 'flush' | 'release' | 'releasedir'; readonly handle: number }
  | { readonly op: 'fsync' | 'fsyncdir'; readonly handle: number; readonly dataOnly: boolean }
  | SetxattrRequest
  | { readonly op: 'getxattr'; readonly size: number; readonly name: Buffer }
  | { readonly op: 'listxattr'; readonly size: number }
  | InitRequest
  | { readonly op: 'interrupt'; readonly uniqueLow: number; readonly uniqueHigh: number }
  | FallocateRequest
  | {
      readonly op: 'lseek';
      readonly handle: number;
      readonly offset: number;
      readonly whence: number;
    }
  | CopyRequest
  | { readonly op: 'unknown' };

export interface SetattrRequest {
  readonly op: 'setattr';
  readonly valid: number;
  readonly handle: number;
  readonly size: number;
  readonly atime: Time;
  readonly mtime: Time;
  readonly ctime: Time;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface RenameRequest {
  readonly op: 'rename';
  readonly directory: number;
  readonly flags: number;
  readonly name: Buffer;
  readonly newName: Buffer;
}

export interface ReadRequest {
  readonly op: 'read' | 'readdir' | 'readdirplus';
  readonly handle: number;
  readonly offset: number;
  readonly size: number;
}

export interface WriteRequest {
  readonly op: 'write';
  readonly handle: number;
  readonly offset: number;
  /** The kernel's cache writes back: the mode bits were judged long ago. */
  readonly fromCache: boolean;
  /** The bits that lend privileges go with these bytes. */
  readonly killsPrivileges: boolean;
  readonly data: Buffer;
}

export interface SetxattrRequest {
  readonly op: 'setxattr';
  readonly flags: number;
  readonly name: Buffer;
  readonly value: Buffer;
}

export interface InitRequest {
  readonly op: 'init';
  readonly major: number;
  readonly minor: number;
  readonly readAheadBytes: number;
  readonly flags: number;
  readonly flags2: number;
}

export interface FallocateRequest {
  readonly op: 'fallocate';
  readonly handle: number;
  readonly offset: number;
  readonly length: number;
  readonly mode: number;
}

export interface CopyRequest {
  readonly op: 'copyFileRange';
  readonly handle: number;
  readonly offset: number;
  readonly targetNode: number;
  readonly targetHandle: number;
  readonly targetOffset: number;
  readonly length: number;
}

/** undefined when there are not even the bytes of a header, or its length is a lie. */
export function parseHeader(bytes: Buffer): Header | undefined {
  if (bytes.length < inHeaderBytes) return undefined;
  const length = bytes.readUInt32LE(0);
  if (length !== bytes.length) return undefined;
  return {
    length,
    opcode: bytes.readUInt32LE(4),
    uniqueLow: bytes.readUInt32LE(8),
    uniqueHigh: bytes.readUInt32LE(12),
    node: bytes.readUInt32LE(16) + bytes.readUInt32LE(20) * 2 ** 32,
    uid: bytes.readUInt32LE(24),
    gid: bytes.readUInt32LE(28),
    pid: bytes.readUInt32LE(32),
  };
}

/** A number for tables: the same for a request and for its resent form. */
export function uniqueKey({
  uniqueLow,
  uniqueHigh,
}: {
  readonly uniqueLow: number;
  readonly uniqueHigh: number;
}): number {
  return uniqueLow + (uniqueHigh & 0x1fffff) * 2 ** 32;
}

/** The kernel asks again because an agent before this one gave no answer; it may have done it all the same. */
export function isResent({ uniqueHigh }: Header): boolean {
  return (uniqueHigh & 0x80000000) !== 0;
}

/** undefined when the request is malformed; `unknown` when it is of a kind that is not spoken. */
export function parseRequest({ opcode }: Header, bytes: Buffer): Request | undefined {
  const parse = parsers.get(opcode);
  if (parse === undefined) return { op: 'unknown' };
  const cursor = new Cursor(bytes, inHeaderBytes);
  const request = parse(cursor);
  return cursor.failed ? undefined : request;
}

const parsers = new Map<number, (cursor: Cursor) => Request | undefined>([
  [opcodes.lookup, named('lookup')],
  [opcodes.unlink, named('unlink')],
  [opcodes.rmdir, named('rmdir')],
  [opcodes.removexattr, (cursor) => ({ op: 'removexattr', name: cursor.text(nameBytesMax) })],
  [opcodes.forget, (cursor) => ({ op: 'forget', count: cursor.u64() })],
  [opcodes.batchForget, parseBatchForget],
  [opcodes.getattr, parseGetattr],
  [opcodes.setattr, parseSetattr],
  [opcodes.readlink, () => ({ op: 'readlink' })],
  [opcodes.statfs, () => ({ op: 'statfs' })],
  [opcodes.destroy, () => ({ op: 'destroy' })],
  [opcodes.symlink, parseSymlink],
  [opcodes.mknod, parseMknod],
  [opcodes.mkdir, parseMkdir],
  [opcodes.rename, (cursor) => parseRename(cursor, false)],
  [opcodes.rename2, (cursor) => parseRename(cursor, true)],
  [opcodes.link, (cursor) => ({ op: 'link', source: cursor.u64(), name: cursor.text() })],
  [opcodes.open, (cursor) => ({ op: 'open', flags: cursor.u32() })],
  [opcodes.opendir, (cursor) => ({ op: 'opendir', flags: cursor.u32() })],
  [opcodes.create, parseCreate],
  [opcodes.tmpfile, parseTmpfile],
  [opcodes.read, (cursor) => parseRead('read', cursor)],
  [opcodes.readdir, (cursor) => parseRead('readdir', cursor)],
  [opcodes.readdirplus, (cursor) => parseRead('readdirplus', cursor)],
  [opcodes.write, parseWrite],
  [opcodes.flush, (cursor) => ({ op: 'flush', handle: cursor.u64() })],
  [opcodes.release, (cursor) => ({ op: 'release', handle: cursor.u64() })],
  [opcodes.releasedir, (cursor) => ({ op: 'releasedir', handle: cursor.u64() })],
  [opcodes.fsync, (cursor) => parseFsync('fsync', cursor)],
  [opcodes.fsyncdir, (cursor) => parseFsync('fsyncdir', cursor)],
  [opcodes.setxattr, parseSetxattr],
  [opcodes.getxattr, parseGetxattr],
  [opcodes.listxattr, (cursor) => ({ op: 'listxattr', size: cursor.u32() })],
  [opcodes.init, parseInit],
  [opcodes.interrupt, parseInterrupt],
  [opcodes.fallocate, parseFallocate],
  [opcodes.lseek, parseLseek],
  [opcodes.copyFileRange, parseCopy],
]);

function named(op: 'lookup' | 'unlink' | 'rmdir'): (cursor: Cursor) => Request {
  return (cursor) => ({ op, name: cursor.text() });
}

function parseBatchForget(cursor: Cursor): Request {
  const count = cursor.u32();
  cursor.skip(4);
  // Before anything is made of it: each takes 16 bytes.
  if (count * 16 > cursor.left) cursor.fail();
  const items: { node: number; count: number }[] = [];
  for (let index = 0; index < count && !cursor.failed; index += 1) {
    items.push({ node: cursor.u64(), count: cursor.u64() });
  }
  return { op: 'batchForget', items };
}

function parseGetattr(cursor: Cursor): Request {
  const hasHandle = (cursor.u32() & 1) !== 0;
  cursor.skip(4);
  const handle = cursor.u64();
  return { op: 'getattr', handle: hasHandle ? handle : undefined };
}

function parseSetattr(cursor: Cursor): Request {
  const valid = cursor.u32();
  cursor.skip(4);
  const handle = cursor.u64();
  const size = cursor.u64Capped();
  cursor.skip(8);
  const seconds = [cursor.i64(), cursor.i64(), cursor.i64()] as const;
  const nanoseconds = [cursor.u32(), cursor.u32(), cursor.u32()] as const;
  const mode = cursor.u32();
  cursor.skip(4);
  const uid = cursor.u32();
  const gid = cursor.u32();
  const time = (index: 0 | 1 | 2): Time => ({
    seconds: seconds[index],
    nanoseconds: nanoseconds[index],
  });
  const times = { atime: time(0), mtime: time(1), ctime: time(2) };
  return { op: 'setattr', valid, handle, size, ...times, mode, uid, gid };
}

function parseSymlink(cursor: Cursor): Request {
  return { op: 'symlink', name: cursor.text(), target: cursor.text(4095) };
}

function parseMknod(cursor: Cursor): Request {
  const mode = cursor.u32();
  cursor.skip(12);
  return { op: 'mknod', mode, name: cursor.text() };
}

function parseMkdir(cursor: Cursor): Request {
  const mode = cursor.u32();
  cursor.skip(4);
  return { op: 'mkdir', mode, name: cursor.text() };
}

function parseRename(cursor: Cursor, withFlags: boolean): Request {
  const directory = cursor.u64();
  const flags = withFlags ? cursor.u32() : 0;
  if (withFlags) cursor.skip(4);
  return { op: 'rename', directory, flags, name: cursor.text(), newName: cursor.text() };
}

function parseCreate(cursor: Cursor): Request {
  const flags = cursor.u32();
  const mode = cursor.u32();
  cursor.skip(8);
  return { op: 'create', flags, mode, name: cursor.text() };
}

function parseTmpfile(cursor: Cursor): Request {
  return { op: 'tmpfile', flags: cursor.u32(), mode: cursor.u32() };
}

function parseRead(op: ReadRequest['op'], cursor: Cursor): Request {
  return { op, handle: cursor.u64(), offset: cursor.u64Capped(), size: cursor.u32() };
}

function parseWrite(cursor: Cursor): Request {
  const handle = cursor.u64();
  const offset = cursor.u64Capped();
  const size = cursor.u32();
  const flags = cursor.u32();
  cursor.skip(16);
  const fromCache = (flags & 1) !== 0;
  const killsPrivileges = (flags & 4) !== 0;
  return { op: 'write', handle, offset, fromCache, killsPrivileges, data: cursor.bytes(size) };
}

function parseFsync(op: 'fsync' | 'fsyncdir', cursor: Cursor): Request {
  return { op, handle: cursor.u64(), dataOnly: (cursor.u32() & 1) !== 0 };
}

function parseSetxattr(cursor: Cursor): Request {
  const size = cursor.u32();
  const flags = cursor.u32();
  return { op: 'setxattr', flags, name: cursor.text(), value: cursor.bytes(size) };
}

function parseGetxattr(cursor: Cursor): Request {
  const size = cursor.u32();
  cursor.skip(4);
  return { op: 'getxattr', size, name: cursor.text() };
}

function parseInit(cursor: Cursor): Request {
  const [major, minor] = [cursor.u32(), cursor.u32()];
  const readAheadBytes = cursor.u32();
  const flags = cursor.u32();
  const flags2 = cursor.left >= 4 ? cursor.u32() : 0;
  return { op: 'init', major, minor, readAheadBytes, flags, flags2 };
}

function parseInterrupt(cursor: Cursor): Request {
  return { op: 'interrupt', uniqueLow: cursor.u32(), uniqueHigh: cursor.u32() };
}

function parseFallocate(cursor: Cursor): Request {
  const handle = cursor.u64();
  const offset = cursor.u64Capped();
  const length = cursor.u64Capped();
  return { op: 'fallocate', handle, offset, length, mode: cursor.u32() };
}

function parseLseek(cursor: Cursor): Request {
  return { op: 'lseek', handle: cursor.u64(), offset: cursor.i64(), whence: cursor.u32() };
}

function parseCopy(cursor: Cursor): Request {
  const handle = cursor.u64();
  const offset = cursor.u64Capped();
  const targetNode = cursor.u64();
  const targetHandle = cursor.u64();
  const targetOffset = cursor.u64Capped();
  const length = cursor.u64Capped();
  return { op: 'copyFileRange', handle, offset, targetNode, targetHandle, targetOffset, length };
}
