/**
 * Walks the records of a file and survives whatever stands between them. A record counts when its
 * header and its body check; everything else is a bad range, and after it the walk finds the next
 * record by its marker.
 */
import { chunk, journal, members } from '../../protocol/limits.ts';
import type { DiskFile } from '../ports.ts';
import { batchPrefixBytes, decodeBatchBody } from './batch-record.ts';
import { footerBytesMax } from './footer.ts';
import {
  bodyMatchesId,
  decodeRecordHeader,
  recordHeaderBytes,
  recordMarker,
  type RecordHeader,
  type RecordKind,
} from './record.ts';

export const bodyBytesMax = {
  chunk: chunk.sealedBytesMax,
  small: chunk.smallRecordBytesMax,
  batch: journal.batchBytesMax + batchPrefixBytes,
  statement: members.statementBytesMax,
  footer: footerBytesMax,
  note: 64 * 1024,
} as const satisfies Record<RecordKind, number>;

export interface GoodRecord {
  readonly type: 'record';
  readonly header: RecordHeader;
  readonly offset: number;
  /** Where the next one begins. */
  readonly end: number;
  /** Empty when bodies are not read. Valid until the walk goes on. */
  readonly body: Buffer;
}

export interface BadRange {
  readonly type: 'bad';
  readonly offset: number;
  readonly end: number;
  /** Of the record that stood here, when only its body is bad. */
  readonly header: RecordHeader | undefined;
}

export interface ScanOptions {
  readonly from: number;
  readonly to: number;
  /** Read and check bodies, or believe them. */
  readonly bodies: boolean;
}

/**
 * The records and bad ranges of `file` between two offsets, without holes.
 * @throws VaultError `io`
 */
export async function* scanRecords(
  file: DiskFile,
  options: ScanOptions,
): AsyncGenerator<GoodRecord | BadRange> {
  const window = createWindow(file, options.to, options.bodies ? 1024 * 1024 : 16 * 1024);
  let at = options.from;
  while (at < options.to) {
    const found = await recordAt(window, at, options.bodies);
    if (found?.type === 'record') {
      yield found;
      at = found.end;
    } else {
      const end = found?.end ?? (await nextRecord(window, at + 1, options.to));
      yield found ?? { type: 'bad', offset: at, end, header: undefined };
      at = end;
    }
  }
}

/** The record at `at`; a bad range when only its body is bad; undefined when no header stands there. */
async function recordAt(
  window: Window,
  at: number,
  bodies: boolean,
): Promise<GoodRecord | BadRange | undefined> {
  const header = decodeRecordHeader(await window.read(at, recordHeaderBytes));
  if (header === undefined || header.length > bodyBytesMax[header.kind]) return undefined;
  const bodyAt = at + recordHeaderBytes;
  const end = bodyAt + header.length;
  if (end > window.size) return { type: 'bad', offset: at, end: window.size, header };
  if (!bodies) return { type: 'record', header, offset: at, end, body: Buffer.alloc(0) };
  const body = await window.read(bodyAt, header.length);
  if (!bodyIsGood(header, body)) return { type: 'bad', offset: at, end, header };
  return { type: 'record', header, offset: at, end, body };
}

/** Whether a body is what was written behind this header. */
export function bodyIsGood(header: RecordHeader, body: Buffer): boolean {
  if (body.length !== header.length) return false;
  return header.kind === 'batch'
    ? decodeBatchBody(body) !== undefined
    : bodyMatchesId(header, body);
}

/** Offset of the next record that checks, body included, or `to`. */
async function nextRecord(window: Window, from: number, to: number): Promise<number> {
  let at = from;
  while (at + recordHeaderBytes <= to) {
    const bytes = await window.read(at, Math.min(window.readAhead, to - at));
    const hit = bytes.indexOf(recordMarker);
    if (hit < 0) {
      at += bytes.length - recordMarker.length + 1;
    } else {
      const found = await recordAt(window, at + hit, true);
      if (found?.type === 'record') return found.offset;
      at += hit + 1;
    }
  }
  return to;
}

interface Window {
  readonly size: number;
  readonly readAhead: number;
  /** Up to `length` bytes from `at`; fewer only at the end. */
  read(at: number, length: number): Promise<Buffer>;
}

function createWindow(file: DiskFile, size: number, readAhead: number): Window {
  let start = 0;
  let bytes: Buffer = Buffer.alloc(0);
  return {
    size,
    readAhead,
    async read(at, length) {
      const wanted = Math.max(0, Math.min(length, size - at));
      if (at < start || at + wanted > start + bytes.length) {
        bytes = await file.read(at, Math.min(Math.max(wanted, readAhead), size - at));
        start = at;
      }
      return bytes.subarray(at - start, at - start + wanted);
    },
  };
}
