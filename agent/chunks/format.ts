/**
 * The four bytes that say how a chunk was made. They are part of what pid covers and the only
 * associated data of the cipher (protocol/SPEC.md, "Chunks").
 */
import assert from 'node:assert/strict';
import { VaultError } from '../../protocol/errors.ts';
import { chunk } from '../../protocol/limits.ts';

/** Keeps file content from passing as a manifest page or a small record. */
export type ChunkKind = 'content' | 'manifest' | 'small';

export const chunkKinds = { content: 1, manifest: 2, small: 3 } as const satisfies Record<
  ChunkKind,
  number
>;

/** version 8 bits, algorithm 8, log2 of the segment size 8, compression 8. */
export interface ChunkFormat {
  readonly version: 1;
  /** 1: AES-256-GCM in STREAM segments. */
  readonly algorithm: 1;
  readonly segmentBytesLog2: number;
  readonly compression: 'none' | 'zstd';
}

/** How new chunks are made; `compression` is decided chunk by chunk. */
export const currentFormat = {
  version: 1,
  algorithm: 1,
  segmentBytesLog2: 16,
  compression: 'none',
} as const satisfies ChunkFormat;

assert(2 ** currentFormat.segmentBytesLog2 === chunk.segmentPlainBytes);

const compressions = ['none', 'zstd'] as const;

/** The format as the 32-bit number of a reference: its four bytes, first one highest. */
export function formatToNumber(format: ChunkFormat): number {
  return (
    ((format.version << 24) |
      (format.algorithm << 16) |
      (format.segmentBytesLog2 << 8) |
      compressions.indexOf(format.compression)) >>>
    0
  );
}

/** Reads the number of a reference; undefined for anything that this version cannot open. */
export function knownFormat(number: number): ChunkFormat | undefined {
  const compression = compressions[number & 0xff];
  if (compression === undefined) return undefined;
  const format = { ...currentFormat, compression };
  return formatToNumber(format) === number ? format : undefined;
}

/**
 * Reads the number of a reference.
 * @throws VaultError `not-supported` for anything that this version cannot open
 */
export function formatFromNumber(number: number): ChunkFormat {
  const format = knownFormat(number);
  if (format !== undefined) return format;
  throw new VaultError('not-supported', {
    op: 'chunks.formatFromNumber',
    subject: `chunk format 0x${(number >>> 0).toString(16).padStart(8, '0')}`,
    detail: 'made by a newer version',
    next: 'update this device',
  });
}

/** What pid covers before m, and what the cipher authenticates beside it: 5 bytes. */
export function headerBytes(format: ChunkFormat, kind: ChunkKind): Buffer {
  const compression = compressions.indexOf(format.compression);
  return Buffer.from([
    format.version,
    chunkKinds[kind],
    format.algorithm,
    format.segmentBytesLog2,
    compression,
  ]);
}
