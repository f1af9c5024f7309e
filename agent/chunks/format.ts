/**
 * The four bytes that say how a chunk was made. They are part of what pid covers and the only
 * associated data of the cipher (protocol/SPEC.md, "Chunks").
 */

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
