/**
 * Sealing one chunk: plain bytes -> m -> pid -> body -> cid (protocol/SPEC.md, "Chunks"). The order
 * matters: pid covers exactly the bytes that the cipher sees, and the cipher's key comes from pid.
 */
import type { HashFunction } from '../../protocol/hash.ts';
import { blake3 } from '../../protocol/hash.ts';
import { sealSegments } from './cipher.ts';
import type { Message } from './cipher.ts';
import { compress } from './compress.ts';
import { currentFormat, formatToNumber, headerBytes } from './format.ts';
import type { ChunkFormat, ChunkKind } from './format.ts';
import { chunkCipherKey } from './keys.ts';
import { padme, zeros } from './pad.ts';
import { sealedLengthOf } from './segments.ts';

export interface Sealer {
  readonly kind: ChunkKind;
  /** BLAKE3 keyed with dedupKey. */
  readonly keyedHash: HashFunction;
  /** 32 bytes. */
  readonly chunkKey: Uint8Array;
}

export interface SealedIds {
  /** 32 bytes each. */
  readonly pid: Buffer;
  readonly cid: Buffer;
  readonly format: number;
  readonly sealedLength: number;
}

/** The longest body that a chunk of `plainLength` bytes can get. */
export function sealedLengthMax(plainLength: number): number {
  return sealedLengthOf(padme(plainLength));
}

/** Seals 1 byte to 1 MiB as one chunk into the start of `target`. */
export function sealChunk(sealer: Sealer, plain: Uint8Array, target: Uint8Array): SealedIds {
  const { format, ...message } = messageOf(plain, sealer.kind);
  const header = headerBytes(format, sealer.kind);
  const pid = pidOf(sealer.keyedHash, header, message);
  const key = chunkCipherKey(sealer.chunkKey, pid);
  const sealedLength = sealedLengthOf(message.head.length + message.paddingBytes);
  const body = target.subarray(0, sealedLength);
  sealSegments({ key, header }, message, body);
  return { pid, cid: blake3(body), format: formatToNumber(format), sealedLength };
}

/** Keyed BLAKE3 of header and message: 32 bytes. */
export function pidOf(keyedHash: HashFunction, header: Uint8Array, message: Message): Buffer {
  if (message.paddingBytes === 0) return keyedHash(header, message.head);
  return keyedHash(header, message.head, zeros.subarray(0, message.paddingBytes));
}

/** Pages stay as they are: an unchanged page must get the same pid whatever compressor is about. */
function messageOf(plain: Uint8Array, kind: ChunkKind): Message & { readonly format: ChunkFormat } {
  const compressed = kind === 'content' ? compress(plain) : undefined;
  const head = compressed ?? plain;
  const format: ChunkFormat = {
    ...currentFormat,
    compression: compressed === undefined ? 'none' : 'zstd',
  };
  return { format, head, paddingBytes: padme(head.length) - head.length };
}
