/**
 * The bytes of one manifest page (protocol/SPEC.md, "Manifests"). A page of level 0 lists what a
 * stretch of a file is made of: chunks, and holes with no chunk behind them. A page of a higher level
 * lists pages of the level below with the plain bytes that each stands for.
 *
 * There is one encoding for one list of entries, so that equal stretches of two versions are the same
 * page. The decoder refuses everything that the encoder would not have written.
 */
import assert from 'node:assert/strict';
import { idFromBytes, idToBytes } from '../../protocol/ids.ts';
import type { EpochId } from '../../protocol/ids.ts';
import { manifest } from '../../protocol/limits.ts';
import type { ChunkRef } from '../../protocol/messages/op.ts';
import { chunkEntryBytes, holeEntryBytes, holeMark, readRef, writeRef } from './manifest-entry.ts';
import { malformed, PageCursor } from './page-cursor.ts';

export type PageEntry =
  /** Level 0: a chunk; above: a page. `bytes` are the plain bytes of the file that it stands for. */
  | { readonly type: 'ref'; readonly ref: ChunkRef; readonly bytes: number }
  /** Level 0 only: a run of zeros. */
  | { readonly type: 'hole'; readonly bytes: number };

export interface Page {
  readonly level: number;
  /** Plain bytes of the file that all entries stand for. */
  readonly bytes: number;
  readonly entries: readonly PageEntry[];
}

export const pageVersion = 1;
/** Levels 0 .. 3. */
export const levelMax = manifest.depthMax - 1;
/** One mark is taken by holes. */
export const epochsPerPageMax = 255;
/** A file is never longer than numbers are exact. */
export const fileBytesMax = Number.MAX_SAFE_INTEGER;

const headBytes = 16;
const epochBytes = 32;
const countBytes = 8;

assert(
  headBytes +
    epochsPerPageMax * epochBytes +
    manifest.entriesPerPageMax * (chunkEntryBytes + countBytes) <=
    manifest.pageBytesMax,
  'a full page stays within its bound',
);

/** The bytes of a page. The caller keeps the limits on entries and epochs. */
export function encodePage(level: number, entries: readonly PageEntry[]): Buffer {
  const epochs = epochsOf(entries);
  assert(entries.length >= 1 && entries.length <= manifest.entriesPerPageMax);
  assert(level <= levelMax && epochs.size <= epochsPerPageMax);
  const page = Buffer.alloc(encodedLength(level, entries, epochs.size));
  page.writeUInt8(pageVersion, 0);
  page.writeUInt8(level, 1);
  page.writeUInt8(epochs.size, 2);
  page.writeUInt32BE(entries.length, 4);
  page.writeBigUInt64BE(BigInt(entries.reduce((sum, entry) => sum + entry.bytes, 0)), 8);
  let offset = headBytes;
  for (const epoch of epochs.keys()) offset += idToBytes(epoch).copy(page, offset);
  for (const entry of entries) offset = writeEntry(page, offset, { level, entry, epochs });
  assert.equal(offset, page.length);
  return page;
}

/**
 * Reads a page.
 * @throws VaultError `malformed`; `not-supported` for what a newer version has written
 */
export function decodePage(bytes: Uint8Array): Page {
  if (bytes.length > manifest.pageBytesMax) throw malformed('it is too long');
  const cursor = new PageCursor(bytes);
  cursor.version(pageVersion);
  const level = cursor.u8();
  if (level > levelMax) throw malformed('its level is too high');
  const epochCount = cursor.u8();
  if (cursor.u8() !== 0) throw malformed('its reserved byte is set');
  const count = cursor.u32();
  if (count < 1 || count > manifest.entriesPerPageMax) throw malformed('its count is out of range');
  const total = cursor.u64();
  const epochs: EpochId[] = [];
  for (let i = 0; i < epochCount; i += 1)
    epochs.push(idFromBytes('epoch', cursor.take(epochBytes)));
  const entries: PageEntry[] = [];
  for (let i = 0; i < count; i += 1) entries.push(readEntry(cursor, level, epochs));
  cursor.end();
  const page = { level, bytes: total, entries };
  checkSums(page);
  checkEpochs(page, epochs);
  return page;
}

function epochsOf(entries: readonly PageEntry[]): Map<EpochId, number> {
  const epochs = new Map<EpochId, number>();
  for (const entry of entries) {
    if (entry.type === 'ref' && !epochs.has(entry.ref.epoch)) {
      epochs.set(entry.ref.epoch, epochs.size);
    }
  }
  return epochs;
}

function encodedLength(level: number, entries: readonly PageEntry[], epochs: number): number {
  let length = headBytes + epochs * epochBytes;
  for (const entry of entries) {
    if (entry.type === 'hole') length += holeEntryBytes;
    else length += chunkEntryBytes + (level === 0 ? 0 : countBytes);
  }
  return length;
}

interface Placed {
  readonly level: number;
  readonly entry: PageEntry;
  readonly epochs: ReadonlyMap<EpochId, number>;
}

function writeEntry(page: Buffer, offset: number, { level, entry, epochs }: Placed): number {
  assert(Number.isSafeInteger(entry.bytes) && entry.bytes >= 1);
  if (entry.type === 'hole') {
    assert(level === 0);
    page.writeUInt8(holeMark, offset);
    return page.writeBigUInt64BE(BigInt(entry.bytes), offset + 1);
  }
  const epoch = epochs.get(entry.ref.epoch);
  assert(epoch !== undefined);
  const end = writeRef(page, offset, { ref: entry.ref, epoch });
  if (level > 0) return page.writeBigUInt64BE(BigInt(entry.bytes), end);
  assert.equal(entry.bytes, entry.ref.plainLength);
  return end;
}

function readEntry(cursor: PageCursor, level: number, epochs: readonly EpochId[]): PageEntry {
  const mark = cursor.u8();
  if (mark === holeMark) {
    if (level > 0) throw malformed('a hole stands above level 0');
    return { type: 'hole', bytes: positive(cursor.u64()) };
  }
  const epoch = epochs[mark];
  if (epoch === undefined) throw malformed('an entry names no epoch of the page');
  const ref = readRef(cursor, epoch);
  return { type: 'ref', ref, bytes: level === 0 ? ref.plainLength : positive(cursor.u64()) };
}

function positive(bytes: number): number {
  if (bytes < 1) throw malformed('an entry stands for nothing');
  return bytes;
}

function checkSums({ bytes, entries }: Page): void {
  let sum = 0;
  let before: PageEntry | undefined;
  for (const entry of entries) {
    if (entry.type === 'hole' && before?.type === 'hole') throw malformed('two holes are not one');
    sum += entry.bytes;
    if (sum > fileBytesMax) throw malformed('its entries stand for too much');
    before = entry;
  }
  if (sum !== bytes) throw malformed('its entries do not add up');
}

/** Each epoch stands once, in the order of first use. */
function checkEpochs({ entries }: Page, epochs: readonly EpochId[]): void {
  const used = [...epochsOf(entries).keys()];
  if (used.length !== epochs.length || used.some((epoch, index) => epoch !== epochs[index])) {
    throw malformed('its table of epochs is not the one of its entries');
  }
}
