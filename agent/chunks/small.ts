/**
 * Small sealed records: content of up to 4 KiB that travels beside the batch that names it, so that
 * retention can drop the content and keep the chain. Key and hash depend on a fresh salt, so two
 * records of the same content have nothing in common.
 */
import assert from 'node:assert/strict';
import { VaultError } from '../../protocol/errors.ts';
import { blake3, blake3Of } from '../../protocol/hash.ts';
import { idFromBytes, idToBytes } from '../../protocol/ids.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import { chunk } from '../../protocol/limits.ts';
import type { SmallRef } from '../../protocol/messages/op.ts';
import { openSegments, sealSegments } from './cipher.ts';
import { currentFormat, headerBytes } from './format.ts';
import { smallCipherKey } from './keys.ts';
import { endsInZeros, padme } from './pad.ts';
import { messageLengthOf, sealedLengthOf } from './segments.ts';

const saltBytes = 32;
const lengthBytes = 2;
const stepBytes = 64;
const header = headerBytes(currentFormat, 'small');

export interface SmallSealing {
  /** Up to 4 KiB. */
  readonly content: Uint8Array;
  /** 32 bytes, fresh and random: the cipher's key depends on it alone. */
  readonly salt: Uint8Array;
  /** 32 bytes, of the epoch that goes into the reference. */
  readonly chunkKey: Uint8Array;
}

/** Seals a record and makes the reference to it; the caller adds the epoch of `chunkKey`. */
export function sealSmall(sealing: SmallSealing): {
  readonly record: SmallSealed;
  readonly ref: Omit<SmallRef, 'epoch'>;
} {
  const body = Buffer.alloc(sealedSmallLengthOf(sealing.content.length));
  const { id, hash } = sealSmallInto(sealing, body);
  const record = idFromBytes('chunk', id);
  return { record: { id: record, body }, ref: { record, salt: Buffer.from(sealing.salt), hash } };
}

/** Seals a record into the start of `target`. Id and hash have 32 bytes. */
export function sealSmallInto(
  { content, salt, chunkKey }: SmallSealing,
  target: Uint8Array,
): { readonly id: Buffer; readonly hash: Buffer; readonly sealedLength: number } {
  assert(content.length <= chunk.smallContentBytesMax && salt.length === saltBytes);
  const length = lengthBytes + content.length;
  const head = Buffer.allocUnsafe(length);
  head.writeUInt16BE(content.length, 0);
  head.set(content, lengthBytes);
  const messageLength = paddedLength(length);
  const sealedLength = sealedLengthOf(messageLength);
  const body = target.subarray(0, sealedLength);
  const key = smallCipherKey(chunkKey, salt);
  sealSegments({ key, header }, { head, paddingBytes: messageLength - length }, body);
  return { id: blake3(body), hash: smallHash(salt, content), sealedLength };
}

/** The same shape as the store's SmallRecord. */
export interface SmallSealed {
  readonly id: ChunkId;
  readonly body: Buffer;
}

export interface SmallOpening {
  readonly body: Uint8Array;
  readonly ref: Omit<SmallRef, 'epoch'>;
  /** 32 bytes, of the reference's epoch. */
  readonly chunkKey: Uint8Array;
}

/**
 * The content of a record, checked against every part of its reference.
 * @throws VaultError `damaged`
 */
export function openSmall({ body, ref, chunkKey }: SmallOpening): Buffer {
  const messageLength = messageLengthOf(body.length);
  if (
    messageLength === undefined ||
    messageLength < lengthBytes ||
    body.length > chunk.smallRecordBytesMax
  ) {
    throw damaged(ref, 'its length is wrong');
  }
  if (!blake3(body).equals(idToBytes(ref.record))) throw damaged(ref, 'it is another record');
  const key = smallCipherKey(chunkKey, ref.salt);
  const message = Buffer.alloc(messageLength);
  const whole = { sealed: body, firstSegment: 0, reachesEnd: true };
  if (openSegments({ key, header }, whole, message) !== undefined) {
    throw damaged(ref, 'it does not open');
  }
  const length = lengthBytes + message.readUInt16BE(0);
  if (
    length > lengthBytes + chunk.smallContentBytesMax ||
    paddedLength(length) !== messageLength ||
    !endsInZeros(message, length)
  ) {
    throw damaged(ref, 'its padding is wrong');
  }
  const content = message.subarray(lengthBytes, length);
  if (!smallHash(ref.salt, content).equals(ref.hash)) {
    throw damaged(ref, 'its content is not the one that was named');
  }
  return content;
}

/** What an operation commits to: 32 bytes. */
export function smallHash(salt: Uint8Array, content: Uint8Array): Buffer {
  return blake3Of('peervault small content', salt, content);
}

/** How long the record of a content of so many bytes is. */
export function sealedSmallLengthOf(contentBytes: number): number {
  return sealedLengthOf(paddedLength(lengthBytes + contentBytes));
}

/** Padmé alone keeps every length below 16 bytes apart; steps of 64 do not. */
function paddedLength(length: number): number {
  return Math.ceil(padme(length) / stepBytes) * stepBytes;
}

function damaged(ref: Omit<SmallRef, 'epoch'>, detail: string): VaultError {
  return new VaultError('damaged', { op: 'chunks.openSmall', subject: ref.record, detail });
}
