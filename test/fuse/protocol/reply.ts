import test from 'ava';
import { outHeaderBytes, readAheadBytes } from '../../../fuse/protocol/constants.ts';
import { DirectoryReply } from '../../../fuse/protocol/directory.ts';
import { agree, initReply } from '../../../fuse/protocol/init.ts';
import { invalidateEntry, invalidateInode } from '../../../fuse/protocol/notify.ts';
import {
  attributesReply,
  createReply,
  entryReply,
  errorReply,
  openReply,
  statfsReply,
} from '../../../fuse/protocol/reply.ts';
import type { Header } from '../../../fuse/protocol/request.ts';

const to: Header = {
  length: 40,
  opcode: 1,
  uniqueLow: 5,
  uniqueHigh: 0x80000001,
  node: 1,
  uid: 0,
  gid: 0,
  pid: 0,
};
const time = { seconds: -3, nanoseconds: 7 };
const attributes = {
  inode: 9,
  size: 2 ** 40,
  mode: 0o100644,
  links: 1,
  uid: 1,
  gid: 2,
  atime: time,
  mtime: time,
  ctime: time,
};
const entry = { node: 9, validMs: 1500, attributes };

test('structures have the sizes of the kernel', (t) => {
  const body = (bytes: Buffer): number => bytes.length - outHeaderBytes;
  t.is(body(entryReply(to, entry)), 128);
  t.is(body(attributesReply(to, attributes, 1000)), 104);
  t.is(body(openReply(to, { handle: 1, answers: 0 })), 16);
  t.is(body(createReply(to, entry, { handle: 1, answers: 0 })), 144);
  t.is(body(statfsReply(to, { totalBytes: 1e12, freeBytes: 1e11, files: 3 })), 80);
  t.is(body(invalidateInode(1, { data: true })), 24);
  t.is(body(invalidateEntry(1, Buffer.from('abc'))), 16 + 4);
});

test('an answer names its request exactly, and errors are negative', (t) => {
  const bytes = errorReply(to, 2);
  t.is(bytes.readUInt32LE(0), 16);
  t.is(bytes.readInt32LE(4), -2);
  t.is(bytes.readUInt32LE(8), 5);
  t.is(bytes.readUInt32LE(12), 0x80000001);
});

test('times before 1970 are negative 64-bit numbers', (t) => {
  const bytes = attributesReply(to, attributes, 0);
  t.is(bytes.readBigInt64LE(outHeaderBytes + 16 + 32), -3n);
});

test('rows of a directory are padded to eight bytes and end where there is no room', (t) => {
  const packed = new DirectoryReply(to, { sizeMax: 70, plus: false });
  const row = { inode: 3, name: Buffer.from('abc'), kind: 0o040000, next: 1 };
  t.true(packed.fits(3));
  packed.add(row, undefined);
  packed.add(row, undefined);
  t.false(packed.fits(3));
  t.is(packed.finish().length, outHeaderBytes + 64);
  const plus = new DirectoryReply(to, { sizeMax: 4096, plus: true });
  plus.add(row, entry);
  t.is(plus.finish().length, outHeaderBytes + 128 + 32);
});

test('only what both sides know is agreed on', (t) => {
  const asked = {
    op: 'init',
    major: 7,
    minor: 31,
    readAheadBytes: 131072,
    flags: 1 << 16,
    flags2: -1,
  } as const;
  const agreement = agree(asked, { writeback: true });
  t.is(agreement?.flags, 1 << 16);
  t.is(agreement?.readAheadBytes, readAheadBytes, 'what the kernel has raised is not taken back');
  t.is(agreement?.flags2, 0, 'without the extension there are no further flags');
  t.false(agree(asked, { writeback: false })?.writeback);
  t.is(agree({ ...asked, minor: 30 }, { writeback: true }), undefined);
  t.is(agree({ ...asked, major: 8 }, { writeback: true }), undefined);
  if (agreement !== undefined) t.is(initReply(to, agreement).length, outHeaderBytes + 64);
});
