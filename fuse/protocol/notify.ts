/** What the driver tells the kernel unasked: that something it remembers is not true any more. */
import { zeroedBytes } from '../../protocol/small-bytes.ts';
import { notifyCodes, outHeaderBytes } from './constants.ts';
import { writeU64 } from './reply.ts';

/** Attributes of a node are to be asked for again, and with `data` its pages and listing too. */
export function invalidateInode(node: number, { data }: { readonly data: boolean }): Buffer {
  const bytes = notification(notifyCodes.invalidateInode, 24);
  writeU64(bytes, outHeaderBytes, node);
  // A negative offset leaves the pages be.
  writeU64(bytes, outHeaderBytes + 8, data ? 0 : -1);
  writeU64(bytes, outHeaderBytes + 16, 0);
  return bytes;
}

/** A name is to be looked up again. */
export function invalidateEntry(parent: number, name: Buffer): Buffer {
  const bytes = notification(notifyCodes.invalidateEntry, 16 + name.length + 1);
  writeU64(bytes, outHeaderBytes, parent);
  bytes.writeUInt32LE(name.length, outHeaderBytes + 8);
  name.copy(bytes, outHeaderBytes + 16);
  return bytes;
}

/** Everything that a server before this one did not answer is to be sent again. */
export function resend(): Buffer {
  return notification(notifyCodes.resend, 0);
}

function notification(code: number, bodyBytes: number): Buffer {
  const bytes = zeroedBytes(outHeaderBytes + bodyBytes);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeInt32LE(code, 4);
  return bytes;
}
