/** One segment as it is written and as it is read back: its state, its summary, its list of chunks. */
import type { ChunkId } from '../../protocol/ids.ts';
import { chunk } from '../../protocol/limits.ts';
import type { DiskFile, IndexChange } from '../ports.ts';
import { fileHeaderBytes } from './file-header.ts';
import {
  decodeFooterBody,
  decodeTrailer,
  encodeFooter,
  footerEntryBytes,
  trailerBytes,
  type SegmentEntry,
} from './footer.ts';
import { decodeMeta, encodeMeta, metaKey } from './keyspace.ts';
import { decodeRecordHeader, encodeRecordHeader, recordHeaderBytes } from './record.ts';
import { bodyIsGood, bodyBytesMax, scanRecords } from './record-scan.ts';
import type { SealedChunk } from './store.ts';

/** What the index knows about a whole segment. `end`: everything before it is synced and indexed. */
export interface SegmentSummary {
  readonly end: number;
  readonly sealed: boolean;
  readonly chunks: number;
  readonly bytes: number;
}

/** A segment that is open for writing, or was until it failed. */
export interface OpenSegment {
  readonly number: number;
  readonly path: string;
  readonly file: DiskFile;
  /** Where the next record goes. */
  end: number;
  chunks: number;
  bytes: number;
  /** Its chunks so far; undefined when part of them was written before this start. */
  entries: SegmentEntry[] | undefined;
  /** The directory does not durably name it yet. */
  fresh: boolean;
  sealed: boolean;
}

export function segmentMetaKey(number: number): Buffer {
  return metaKey(`segment/${String(number).padStart(8, '0')}`);
}

/** Bounds of all segment summaries in the index. */
export const segmentMetaRange = { from: metaKey('segment/'), to: metaKey('segment0') } as const;

export function summaryChange(number: number, summary: SegmentSummary): IndexChange {
  const key = segmentMetaKey(number);
  return { key, value: encodeMeta(key, summary) };
}

/** A summary from the index; undefined when it is absent or damaged. */
export function decodeSummary(key: Buffer, value: Buffer | undefined): SegmentSummary | undefined {
  const meta = decodeMeta(key, value) as Partial<SegmentSummary> | undefined;
  if (typeof meta?.end !== 'number' || typeof meta.sealed !== 'boolean') return undefined;
  return { end: meta.end, sealed: meta.sealed, chunks: meta.chunks ?? 0, bytes: meta.bytes ?? 0 };
}

export function summaryOf({ end, sealed, chunks, bytes }: OpenSegment): SegmentSummary {
  return { end, sealed, chunks, bytes };
}

/** Chunks as records that stand from `offset` on: their bytes, their places, and where they end. */
export function encodeRecords(
  chunks: readonly SealedChunk[],
  offset: number,
): { parts: Uint8Array[]; entries: SegmentEntry[]; end: number } {
  const parts: Uint8Array[] = [];
  const entries: SegmentEntry[] = [];
  let end = offset;
  for (const { id, body } of chunks) {
    parts.push(encodeRecordHeader({ kind: 'chunk', flags: 0, length: body.length, id }), body);
    entries.push({ id, offset: end, length: body.length });
    end += recordHeaderBytes + body.length;
  }
  return { parts, entries, end };
}

/**
 * Seals a segment whose records are synced.
 * @throws VaultError `disk-full`, `io`; then it is as it was
 */
export async function writeFooter(segment: OpenSegment): Promise<void> {
  const { file, end } = segment;
  const footer = encodeFooter(end, segment.entries ?? (await segmentEntries(file, end)));
  try {
    await file.write(end, footer);
  } catch (error) {
    await file.truncate(end);
    throw error;
  }
  segment.end += footer.reduce((sum, part) => sum + part.length, 0);
  segment.sealed = true;
}

/**
 * The body of a sealed segment's footer, checked; undefined when there is none.
 * @throws VaultError `io`
 */
export async function readFooterBody(file: DiskFile, size: number): Promise<Buffer | undefined> {
  if (size < fileHeaderBytes + recordHeaderBytes + trailerBytes) return undefined;
  const at = decodeTrailer(await file.read(size - trailerBytes, trailerBytes));
  const bytes = size - trailerBytes - (at ?? size);
  if (at === undefined || bytes < recordHeaderBytes) return undefined;
  if (bytes > bodyBytesMax.footer + recordHeaderBytes) return undefined;
  const record = await file.read(at, bytes);
  const header = decodeRecordHeader(record);
  const body = record.subarray(recordHeaderBytes);
  if (header?.kind !== 'footer' || body.length % footerEntryBytes !== 0) return undefined;
  return bodyIsGood(header, body) ? body : undefined;
}

/** Whether an entry of a footer can be a record of a file of this size. */
export function entryFits(entry: Omit<SegmentEntry, 'id'>, size: number): boolean {
  return (
    entry.length <= chunk.sealedBytesMax &&
    entry.offset >= fileHeaderBytes &&
    entry.offset + recordHeaderBytes + entry.length <= size
  );
}

/**
 * The chunks of a segment: from its footer, else from its records' headers, whose bodies are believed.
 * @throws VaultError `io`
 */
export async function segmentEntries(file: DiskFile, size: number): Promise<SegmentEntry[]> {
  const footer = await readFooterBody(file, size);
  const listed = footer && decodeFooterBody(footer);
  if (listed !== undefined) return listed.filter((entry) => entryFits(entry, size));
  const entries: SegmentEntry[] = [];
  for await (const found of scanRecords(file, { from: fileHeaderBytes, to: size, bodies: false })) {
    if (found.type !== 'record' || found.header.kind !== 'chunk') continue;
    const { id, length } = found.header;
    entries.push({ id: id as ChunkId, offset: found.offset, length });
  }
  return entries;
}
