/**
 * AES-256-GCM in segments: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, "Online
 * Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015). The nonce counts the
 * segments and marks the last one, so none can be left out, moved, doubled or cut off.
 *
 * A counted nonce is safe only because a key is used for exactly one message: whoever calls this has
 * derived the key from a hash of the message and the header, or from fresh random bytes.
 */
import { copyBytes } from '../../protocol/copy-bytes.ts';
import { chunk } from '../../protocol/limits.ts';
import { zeroedBytes } from '../../protocol/small-bytes.ts';
import { endsInZeros, zeros } from './pad.ts';
import { openApart, segmentCipher, type CipherKey } from './segment-cipher.ts';

export type { CipherKey } from './segment-cipher.ts';

const segmentBytes = chunk.segmentPlainBytes;
const tagBytes = chunk.segmentTagBytes;
const sealedSegmentBytes = segmentBytes + tagBytes;
/** Of the segment that a target has no room for: most chunks have one. */
const scratch = Buffer.allocUnsafeSlow(segmentBytes);

/** What is encrypted: `head` and as many zero bytes as `paddingBytes` says. */
export interface Message {
  readonly head: Uint8Array;
  readonly paddingBytes: number;
}

/** Writes the sealed body of a message to the start of `target`, which is long enough. */
export function sealSegments(cipherKey: CipherKey, message: Message, target: Uint8Array): void {
  const { head, paddingBytes } = message;
  const length = head.length + paddingBytes;
  let written = 0;
  for (let start = 0, segment = 0; start < length; start += segmentBytes, segment += 1) {
    const end = Math.min(start + segmentBytes, length);
    const nonce = nonceOf(segment, end === length);
    const plain: Uint8Array[] = [];
    if (start < head.length) plain.push(head.subarray(start, Math.min(end, head.length)));
    if (end > head.length) plain.push(zeros.subarray(0, end - Math.max(start, head.length)));
    const sealedBytes = end - start + tagBytes;
    segmentCipher().seal(cipherKey, nonce, plain, target.subarray(written, written + sealedBytes));
    written += sealedBytes;
  }
}

/** Some segments of a body, one after the other. */
export interface SealedSegments {
  readonly sealed: Uint8Array;
  readonly firstSegment: number;
  /** Whether the body ends with them. */
  readonly reachesEnd: boolean;
}

/**
 * Opens segments into the start of `target`. A message that is longer than `target` must go on with
 * zeros: that is its padding.
 * @returns why not, or undefined; after a failure `target` means nothing
 */
export function openSegments(
  cipherKey: CipherKey,
  segments: SealedSegments,
  target: Uint8Array,
): 'wrong-tag' | 'wrong-length' | undefined {
  const { sealed } = segments;
  let written = 0;
  let segment = segments.firstSegment;
  for (let start = 0; start < sealed.length; start += sealedSegmentBytes, segment += 1) {
    const end = Math.min(start + sealedSegmentBytes, sealed.length);
    const nonce = nonceOf(segment, segments.reachesEnd && end === sealed.length);
    const length = end - start - tagBytes;
    if (length < 1) return 'wrong-tag';
    const room = Math.min(length, target.length - written);
    const place = target.subarray(written, written + room);
    // What follows the plain bytes is padding, and has no room in the target.
    const opened = room === length ? place : scratch.subarray(0, length);
    if (!segmentCipher().open(cipherKey, nonce, sealed.subarray(start, end), opened)) {
      return 'wrong-tag';
    }
    if (room < length) {
      if (!endsInZeros(opened, room)) return 'wrong-length';
      copyBytes(place, 0, opened.subarray(0, room));
    }
    written += room;
  }
  return written === target.length ? undefined : 'wrong-length';
}

/**
 * Opens segments, each into memory of its own: nothing is copied.
 * @returns undefined when one of them does not open
 */
export function openSegmentsApart(
  cipherKey: CipherKey,
  { sealed, firstSegment, reachesEnd }: SealedSegments,
): Buffer[] | undefined {
  const pieces: Buffer[] = [];
  for (let start = 0; start < sealed.length; start += sealedSegmentBytes) {
    const end = Math.min(start + sealedSegmentBytes, sealed.length);
    const nonce = nonceOf(firstSegment + pieces.length, reachesEnd && end === sealed.length);
    const piece = openApart(cipherKey, nonce, sealed.subarray(start, end));
    if (piece === undefined) return undefined;
    pieces.push(piece);
  }
  return pieces;
}

/** 7 zero bytes, the number of the segment (u32, big endian), 1 for the last one. */
function nonceOf(segment: number, last: boolean): Buffer {
  const nonce = zeroedBytes(12);
  nonce.writeUInt32BE(segment, 7);
  nonce[11] = last ? 1 : 0;
  return nonce;
}
