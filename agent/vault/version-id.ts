/**
 * How a version of a file is called on the outside: 16 hex digits that follow from the operation that
 * wrote it, the same on every device.
 */
import { blake3Of } from '../../protocol/hash.ts';
import { idToBytes } from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';

/** Listings that are kept are asked again and again. */
const known = new WeakMap<OpId, string>();

/** 16 hex digits. */
export function formatVersion(op: OpId): string {
  const before = known.get(op);
  if (before !== undefined) return before;
  const version = opDigest(op).toString('hex', 0, 8);
  known.set(op, version);
  return version;
}

/** 32 bytes that name an operation, for keys of the index. */
export function opDigest(op: OpId): Buffer {
  const position = Buffer.alloc(12);
  position.writeBigUInt64BE(BigInt(op.sequence), 0);
  position.writeUInt32BE(op.index, 8);
  return blake3Of('peervault version', idToBytes(op.journal), position);
}
