/**
 * Opening a chunk, whole or some of its segments. Nothing here trusts the reference or the body:
 * lengths are compared with each other and with the limits before anything is allocated for them.
 */
import type { KeyObject } from 'node:crypto';
import type { HashFunction } from '../../protocol/hash.ts';
import { blake3 } from '../../protocol/hash.ts';
import { VaultError } from '../../protocol/errors.ts';
import { chunk } from '../../protocol/limits.ts';
import { openSegments, openSegmentsApart } from './cipher.ts';
import type { CipherKey, SealedSegments } from './cipher.ts';
import { compressedHeadLength, decompress } from './compress.ts';
import { formatFromNumber, headerBytes, knownFormat } from './format.ts';
import type { ChunkKind } from './format.ts';
import type { OpenFailure } from './jobs.ts';
import { chunkCipherKey } from './keys.ts';
import { endsInZeros, padme } from './pad.ts';
import { pidOf } from './seal.ts';
import { messageLengthOf, segmentsFor } from './segments.ts';
import { moveInto } from './warm-memory.ts';

/** What a reference says about a chunk, and the key of its epoch. */
export interface SealedBy {
  readonly kind: ChunkKind;
  readonly format: number;
  /** 32 bytes each. */
  readonly pid: Uint8Array;
  readonly chunkKey: Uint8Array;
  readonly plainLength: number;
}

export interface SealedWhole extends SealedBy {
  readonly cid: Uint8Array;
  readonly sealed: Uint8Array;
  /** Its id is not looked at: the tags prove that these bytes were sealed for this reference. */
  readonly byTags?: boolean | undefined;
}

/**
 * Opens a whole body into `target`, which has exactly `plainLength` bytes.
 * @param keyedHash given, the opened message is also checked against pid
 * @returns why not, or undefined; after a failure `target` means nothing
 */
export function openChunk(
  request: SealedWhole,
  target: Uint8Array,
  keyedHash?: HashFunction,
): OpenFailure | undefined {
  const format = knownFormat(request.format);
  if (format === undefined) return 'unknown-format';
  const messageLength = messageLengthOf(request.sealed.length);
  if (messageLength === undefined || !fits(request, messageLength)) return 'wrong-length';
  if (request.byTags !== true && !blake3(request.sealed).equals(request.cid)) return 'wrong-cid';
  const header = headerBytes(format, request.kind);
  const key = chunkCipherKey(request.chunkKey, request.pid);
  const compressed = format.compression === 'zstd';
  const head = compressed ? Buffer.allocUnsafe(messageLength) : target;
  const whole = { sealed: request.sealed, firstSegment: 0, reachesEnd: true };
  const failure = openSegments({ key, header }, whole, head);
  if (failure !== undefined) return failure;
  const message = { head, paddingBytes: messageLength - head.length };
  if (keyedHash !== undefined && !pidOf(keyedHash, header, message).equals(request.pid)) {
    return 'wrong-pid';
  }
  return compressed ? unpack(head, target) : undefined;
}

/** Part of a chunk that is not compressed: the plain bytes at `offset`. */
export interface PartRequest extends SealedBy {
  readonly sealedLength: number;
  readonly offset: number;
  readonly length: number;
  /** What `keyOf` gave for this chunk, for whoever opens many parts of it. @default derived each time */
  readonly key?: KeyObject | undefined;
}

/** Takes longer than to open a segment. */
export function keyOf({ chunkKey, pid }: Pick<SealedBy, 'chunkKey' | 'pid'>): KeyObject {
  return chunkCipherKey(chunkKey, pid);
}

/** Which bytes of the body hold the part, or undefined when the chunk has to be opened whole. */
export function sealedPartOf(
  request: PartRequest,
): { readonly offset: number; readonly length: number } | undefined {
  if (formatFromNumber(request.format).compression !== 'none') return undefined;
  const messageLength = messageLengthOf(request.sealedLength);
  const end = request.offset + request.length;
  if (
    messageLength === undefined ||
    !fits(request, messageLength) ||
    request.offset < 0 ||
    request.length < 1 ||
    end > request.plainLength
  ) {
    return undefined;
  }
  const range = segmentsFor(request.sealedLength, request);
  return { offset: range.sealedOffset, length: range.sealedLength };
}

/**
 * Opens a part from the bytes of the body that `sealedPartOf` named.
 * @throws VaultError `damaged` when they are too few or their tags are wrong
 */
export function openPart(request: PartRequest, sealed: Uint8Array): Buffer {
  const range = segmentsFor(request.sealedLength, request);
  const opened =
    sealed.length === range.sealedLength
      ? Buffer.allocUnsafe(sealed.length - range.segments * chunk.segmentTagBytes)
      : undefined;
  const [cipherKey, segments] = partOf(request, sealed);
  if (opened === undefined || openSegments(cipherKey, segments, opened) !== undefined) {
    throw doesNotOpen('chunks.openPart');
  }
  return opened.subarray(range.skip, range.skip + request.length);
}

/**
 * The same in pieces of a segment each, from the segment on that `offset` is in; the last one may go on
 * behind the part. Each has memory of its own, into which nothing was copied.
 * @throws VaultError `damaged` when they are too few or their tags are wrong
 */
export function openPieces(request: PartRequest, sealed: Uint8Array): readonly Buffer[] {
  const { sealedLength } = segmentsFor(request.sealedLength, request);
  const pieces =
    sealed.length === sealedLength ? openSegmentsApart(...partOf(request, sealed)) : undefined;
  if (pieces === undefined) throw doesNotOpen('chunks.openPieces');
  return pieces;
}

function partOf(request: PartRequest, sealed: Uint8Array): [CipherKey, SealedSegments] {
  const range = segmentsFor(request.sealedLength, request);
  const header = headerBytes(formatFromNumber(request.format), request.kind);
  const key = request.key ?? keyOf(request);
  const { firstSegment } = range;
  const reachesEnd = range.sealedOffset + range.sealedLength === request.sealedLength;
  return [
    { key, header },
    { sealed, firstSegment, reachesEnd },
  ];
}

function doesNotOpen(op: string): VaultError {
  return new VaultError('damaged', {
    op,
    detail: 'a segment of a chunk does not open',
    next: 'the chunk has to be fetched from another device',
  });
}

/** Whether a message of this length can hold `plainLength` bytes. */
function fits({ format, plainLength }: SealedBy, messageLength: number): boolean {
  if (!Number.isInteger(plainLength) || plainLength < 1 || plainLength > chunk.plainBytesMax) {
    return false;
  }
  if (formatFromNumber(format).compression === 'zstd') return messageLength < padme(plainLength);
  return messageLength === padme(plainLength);
}

function unpack(message: Uint8Array, target: Uint8Array): 'wrong-length' | undefined {
  const headLength = compressedHeadLength(message);
  if (headLength === undefined || !endsInZeros(message, headLength)) return 'wrong-length';
  const plain = decompress(message.subarray(0, headLength), target.length);
  if (plain === undefined) return 'wrong-length';
  moveInto(target, 0, plain);
  return undefined;
}
