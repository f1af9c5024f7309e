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
    let found = recordNow(window, at, options.bodies);
    // Few records have to wait: what is read at once holds hundreds of small ones.
    if (typeof found === 'number') found = await recordAt(window, at, options.bodies);
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

type Found = GoodRecord | BadRange | undefined;

/** What stands at `at`, once enough of the file was read. */
async function recordAt(window: Window, at: number, bodies: boolean): Promise<Found> {
  for (;;) {
    const found = recordNow(window, at, bodies);
    if (typeof found !== 'number') return found;
    await window.load(at, found);
  }
}

/**
 * The record at `at`; a bad range when only its body is bad; undefined when no header stands there.
 * A number when the window does not hold enough of it: so many bytes from `at` on have to be there.
 */
function recordNow(window: Window, at: number, bodies: boolean): Found | number {
  const head = window.held(at, recordHeaderBytes);
  if (head === undefined) return recordHeaderBytes;
  const header = decodeRecordHeader(head);
  if (header === undefined || header.length > bodyBytesMax[header.kind]) return undefined;
  const bodyAt = at + recordHeaderBytes;
  const end = bodyAt + header.length;
  if (end > window.size) return { type: 'bad', offset: at, end: window.size, header };
  if (!bodies) return { type: 'record', header, offset: at, end, body: noBody };
  const body = window.held(bodyAt, header.length);
  if (body === undefined) return recordHeaderBytes + header.length;
  if (!bodyIsGood(header, body)) return { type: 'bad', offset: at, end, header };
  return { type: 'record', header, offset: at, end, body };
}

const noBody = Buffer.alloc(0);

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
    await window.load(at, Math.min(window.readAhead, to - at));
    const bytes = window.held(at, window.readAhead) ?? noBody;
    // The file has become shorter than it was said to be.
    if (bytes.length < recordMarker.length) return to;
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
  /** `length` bytes from `at`, fewer only at the end of the file; undefined when they were not read. */
  held(at: number, length: number): Buffer | undefined;
  /** Reads them, and what comes after them, unless that was done. */
  load(at: number, length: number): Promise<void>;
}

function createWindow(file: DiskFile, size: number, readAhead: number): Window {
  let start = 0;
  let bytes: Buffer = Buffer.alloc(0);
  /** Where what was asked for ends: the file may have had less. */
  let loadedTo = 0;
  const endOf = (at: number, length: number): number => Math.max(at, Math.min(at + length, size));
  return {
    size,
    readAhead,
    held(at, length) {
      const end = endOf(at, length);
      return at < start || end > loadedTo ? undefined : bytes.subarray(at - start, end - start);
    },
    async load(at, length) {
      if (at >= start && endOf(at, length) <= loadedTo) return;
      const end = endOf(at, Math.max(length, readAhead));
      bytes = await file.read(at, end - at);
      start = at;
      loadedTo = end;
    },
  };
}
