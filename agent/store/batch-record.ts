/**
 * The body of a batch record: a prefix of 80 bytes that recovery understands, then the batch as the
 * wire knows it. The prefix carries a BLAKE3 of both, because a batch's own hash is not one of its
 * plain bytes and the store cannot recompute it.
 */
import { blake3 } from '../../protocol/hash.ts';
import type { BatchHash } from '../../protocol/ids.ts';

export const batchPrefixBytes = 80;
const checkOffset = 48;
const flagPrevious = 1;

export interface BatchPrefix {
  readonly sequence: number;
  readonly previous: BatchHash | undefined;
  /** How many small records stand right before it and count with it. */
  readonly smallCount: number;
}

/** The 80 bytes in front of `bytes`. */
export function encodeBatchPrefix(prefix: BatchPrefix, bytes: Uint8Array): Buffer {
  const encoded = Buffer.alloc(batchPrefixBytes);
  encoded.writeBigUInt64LE(BigInt(prefix.sequence), 0);
  if (prefix.previous !== undefined) encoded.write(prefix.previous, 8, 'hex');
  encoded.writeUInt32LE(prefix.previous === undefined ? 0 : flagPrevious, 40);
  encoded.writeUInt32LE(prefix.smallCount, 44);
  blake3(encoded.subarray(0, checkOffset), bytes).copy(encoded, checkOffset);
  return encoded;
}

/** Prefix and batch of a record's body, or undefined when the body is not what was written. */
export function decodeBatchBody(body: Buffer): { prefix: BatchPrefix; bytes: Buffer } | undefined {
  if (body.length < batchPrefixBytes) return undefined;
  const bytes = body.subarray(batchPrefixBytes);
  const check = blake3(body.subarray(0, checkOffset), bytes);
  if (body.compare(check, 0, 32, checkOffset, batchPrefixBytes) !== 0) return undefined;
  const hasPrevious = (body.readUInt32LE(40) & flagPrevious) !== 0;
  return {
    prefix: {
      sequence: Number(body.readBigUInt64LE(0)),
      previous: hasPrevious ? (body.toString('hex', 8, 40) as BatchHash) : undefined,
      smallCount: body.readUInt32LE(44),
    },
    bytes,
  };
}
