/**
 * AES-256-GCM in segments: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, "Online
 * Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015). The nonce counts the
 * segments and marks the last one, so none can be left out, moved, doubled or cut off.
 *
 * A counted nonce is safe only because a key is used for exactly one message: whoever calls this has
 * derived the key from a hash of the message and the header, or from fresh random bytes.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { copyBytes } from '../../protocol/copy-bytes.ts';
import { chunk } from '../../protocol/limits.ts';
import { endsInZeros, zeros } from './pad.ts';
import { moveInto } from './warm-memory.ts';

const segmentBytes = chunk.segmentPlainBytes;
const tagBytes = chunk.segmentTagBytes;
const sealedSegmentBytes = segmentBytes + tagBytes;
const algorithm = 'aes-256-gcm';
const options = { authTagLength: tagBytes };

/** What is encrypted: `head` and as many zero bytes as `paddingBytes` says. */
export interface Message {
  readonly head: Uint8Array;
  readonly paddingBytes: number;
}

export interface CipherKey {
  /** For one message only. */
  readonly key: KeyObject;
  /** Authenticated with every segment. */
  readonly header: Uint8Array;
}

/** Writes the sealed body of a message to the start of `target`, which is long enough. */
export function sealSegments(cipherKey: CipherKey, message: Message, target: Uint8Array): void {
  const { head } = message;
  const length = head.length + message.paddingBytes;
  let written = 0;
  for (let start = 0, segment = 0; start < length; start += segmentBytes, segment += 1) {
    const end = Math.min(start + segmentBytes, length);
    const nonce = nonceOf(segment, end === length);
    const cipher = createCipheriv(algorithm, cipherKey.key, nonce, options);
    cipher.setAAD(cipherKey.header);
    if (start < head.length) {
      moveInto(target, written, cipher.update(head.subarray(start, Math.min(end, head.length))));
    }
    if (end > head.length) {
      const padding = zeros.subarray(0, end - Math.max(start, head.length));
      moveInto(target, written + end - start - padding.length, cipher.update(padding));
    }
    cipher.final();
    target.set(cipher.getAuthTag(), written + end - start);
    written += end - start + tagBytes;
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
    const opened = openSegment(cipherKey, nonce, sealed.subarray(start, end));
    if (opened === undefined) return 'wrong-tag';
    const room = target.length - written;
    if (opened.length <= room) {
      const { length } = opened;
      moveInto(target, written, opened);
      written += length;
    } else {
      if (!endsInZeros(opened, room)) return 'wrong-length';
      copyBytes(target, written, opened.subarray(0, room));
      written = target.length;
    }
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
    const piece = openSegment(cipherKey, nonce, sealed.subarray(start, end));
    if (piece === undefined) return undefined;
    pieces.push(piece);
  }
  return pieces;
}

function openSegment(
  { key, header }: CipherKey,
  nonce: Uint8Array,
  segment: Uint8Array,
): Buffer | undefined {
  const length = segment.length - tagBytes;
  if (length < 1) return undefined;
  const decipher = createDecipheriv(algorithm, key, nonce, options);
  decipher.setAAD(header);
  decipher.setAuthTag(segment.subarray(length));
  const opened = decipher.update(segment.subarray(0, length));
  try {
    decipher.final();
  } catch {
    // The one thing that `final` checks is the tag.
    return undefined;
  }
  return opened;
}

/** 7 zero bytes, the number of the segment (u32, big endian), 1 for the last one. */
function nonceOf(segment: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(segment, 7);
  nonce[11] = last ? 1 : 0;
  return nonce;
}
