/**
 * The arithmetic of a sealed body: m in segments of 64 KiB, each with its tag behind it, the last one
 * shorter or full but never empty. Pure numbers; the cipher is in `cipher.ts`.
 */
import { chunk } from '../../protocol/limits.ts';

const segmentBytes = chunk.segmentPlainBytes;
const sealedSegmentBytes = chunk.segmentPlainBytes + chunk.segmentTagBytes;

/** Length of the body that seals `messageLength` bytes, 1 or more. */
export function sealedLengthOf(messageLength: number): number {
  return messageLength + Math.ceil(messageLength / segmentBytes) * chunk.segmentTagBytes;
}

/**
 * Length of the message inside a body; undefined when no message has a body of this length, or when
 * it is beyond the limit.
 */
export function messageLengthOf(sealedLength: number): number | undefined {
  if (!Number.isInteger(sealedLength) || sealedLength > chunk.sealedBytesMax) return undefined;
  const segments = Math.ceil(sealedLength / sealedSegmentBytes);
  const messageLength = sealedLength - segments * chunk.segmentTagBytes;
  if (messageLength < 1 || sealedLengthOf(messageLength) !== sealedLength) return undefined;
  return messageLength;
}

/** Which segments hold a range of the message, and where they are in the body. */
export interface SegmentRange {
  readonly firstSegment: number;
  readonly segments: number;
  readonly sealedOffset: number;
  readonly sealedLength: number;
  /** The first byte of the range in the opened segments. */
  readonly skip: number;
}

/**
 * The segments that hold `length` bytes (1 or more) at `offset` of the message. The caller has
 * checked that the range lies inside it.
 */
export function segmentsFor(
  sealedLength: number,
  { offset, length }: { readonly offset: number; readonly length: number },
): SegmentRange {
  const firstSegment = Math.floor(offset / segmentBytes);
  const endSegment = Math.ceil((offset + length) / segmentBytes);
  const sealedOffset = firstSegment * sealedSegmentBytes;
  return {
    firstSegment,
    segments: endSegment - firstSegment,
    sealedOffset,
    sealedLength: Math.min(endSegment * sealedSegmentBytes, sealedLength) - sealedOffset,
    skip: offset - firstSegment * segmentBytes,
  };
}
