/**
 * What the segments hold when the store opens. A segment that the index knows up to its last byte
 * costs one look at its size; any other is read: its footer, else its records from where the index
 * stops. Nothing that recovery finds counts before it was synced: a killed process leaves bytes that
 * are only in the page cache.
 */
import { isVaultError } from '../../protocol/errors.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import type { Disk, DiskFile, Index } from '../ports.ts';
import type { BufferedIndex } from './buffered-index.ts';
import { cutTail, keepBadRanges, type TailParts } from './damage.ts';
import { decodeFileHeader, fileHeaderBytes } from './file-header.ts';
import { footerPlaces, type SegmentEntry } from './footer.ts';
import { createIndexLoader, type IndexLoader } from './index-loader.ts';
import { directories, segmentNumber, segmentPath } from './paths.ts';
import { cutPadding, isPadding } from './padding.ts';
import { scanRecords, type BadRange } from './record-scan.ts';
import { severalAtOnce } from './several-at-once.ts';
import {
  entryFits,
  readFooterBody,
  summaryChange,
  type OpenSegment,
  type SegmentSummary,
} from './segment-file.ts';

/** Reading a footer is mostly waiting for the disk. Each is 2.5 MiB at most. */
const footersAtOnce = 8;

/** All segments, and the one that is written to. */
export interface SegmentSet {
  readonly summaries: Map<number, SegmentSummary>;
  readonly current: OpenSegment | undefined;
  /** Number of the next new segment. */
  next: number;
}

export interface SegmentRecoveryParts extends TailParts {
  readonly disk: Disk;
  readonly index: BufferedIndex;
  /** Where places are loaded to, many at once. */
  readonly rawIndex: Pick<Index, 'write'>;
  /** What the index says, of the segments that it knows. */
  readonly known: ReadonlyMap<number, SegmentSummary>;
}

/**
 * Reads what has to be read and tells the index.
 * @throws VaultError `io` when the index or the directory cannot be used
 */
export async function recoverSegments(parts: SegmentRecoveryParts): Promise<SegmentSet> {
  const { disk, known } = parts;
  const numbers = (await disk.list(directories.segments)).flatMap((n) => segmentNumber(n) ?? []);
  const newest = numbers.at(-1);
  const loader = createIndexLoader(parts.rawIndex);
  const all = await severalAtOnce(numbers, footersAtOnce, async (number, before) => {
    const size = (await disk.sizeOf(segmentPath(number))) ?? 0;
    const summary = known.get(number);
    if (summary?.end === size) return { number, summary, appendable: !summary.sealed };
    const found = await recoverSegment(parts, { number, size, summary, loader, before });
    return found && { number, ...found, isFresh: true };
  });
  await loader.finish();
  const summaries = new Map<number, SegmentSummary>();
  const fresh = new Map<number, SegmentSummary>();
  for (const found of all) {
    if (found === undefined) continue;
    summaries.set(found.number, found.summary);
    if ('isFresh' in found) fresh.set(found.number, found.summary);
  }
  const last = all.at(-1);
  const appendable = last?.appendable === true;
  parts.index.add([...fresh].map(([number, summary]) => summaryChange(number, summary)));
  const current =
    newest === undefined || !appendable ? undefined : await reopen(disk, newest, summaries);
  return { summaries, current, next: (newest ?? 0) + 1 };
}

interface SegmentTask {
  readonly number: number;
  readonly size: number;
  readonly summary: SegmentSummary | undefined;
  readonly loader: IndexLoader;
  /**
   * The segments before it are done: only then anything but this file is touched, so that of a chunk
   * that stands in two segments the later place counts.
   */
  readonly before: Promise<void>;
}

interface RecoveredSegment {
  readonly summary: SegmentSummary;
  readonly appendable: boolean;
}

/** One segment that the index does not know to the end; undefined when nothing can be had of it. */
async function recoverSegment(
  parts: SegmentRecoveryParts,
  task: SegmentTask,
): Promise<RecoveredSegment | undefined> {
  const path = segmentPath(task.number);
  try {
    const file = await parts.disk.open(path, 'write');
    try {
      return await recoverFile(parts, task, file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!isVaultError(error, 'io', 'disk-full')) throw error;
    // The index still knows what it knew; the next start tries again.
    parts.news.tell({ type: 'record-quarantined', file: path, reason: error.message });
    return task.summary && { summary: task.summary, appendable: false };
  }
}

async function recoverFile(
  parts: SegmentRecoveryParts,
  { summary, ...task }: SegmentTask,
  file: DiskFile,
): Promise<RecoveredSegment | undefined> {
  const size = await cutPadding(file, { size: task.size, knownEnd: summary?.end });
  if (summary?.end === size) return { summary, appendable: !summary.sealed };
  const sealed = await recoverFromFooter(parts, { ...task, summary, size }, file);
  if (sealed !== undefined) return { summary: sealed, appendable: false };
  await task.before;
  return recoverFromRecords(parts, { ...task, summary, size }, file);
}

async function recoverFromFooter(
  parts: SegmentRecoveryParts,
  task: SegmentTask,
  file: DiskFile,
): Promise<SegmentSummary | undefined> {
  const body = await readFooterBody(file, task.size);
  if (body === undefined) return undefined;
  await file.sync();
  await parts.disk.syncDirectory(directories.segments);
  await task.before;
  return { end: task.size, sealed: true, ...(await loadFooter(parts, task, body)) };
}

async function loadFooter(
  parts: SegmentRecoveryParts,
  { number, size, loader }: SegmentTask,
  body: Buffer,
): Promise<{ chunks: number; bytes: number }> {
  const totals = { chunks: 0, bytes: 0 };
  // Ids stay bytes: this is the path that makes the index of a whole disk again.
  const path = segmentPath(number);
  for (const { idAt, offset, length } of footerPlaces(body)) {
    if (!entryFits({ offset, length }, size) || parts.quarantine.holds(path, offset)) continue;
    totals.chunks += 1;
    totals.bytes += length;
    const loading = loader.add(body, idAt, { segment: number, offset, length });
    if (loading !== undefined) await loading;
  }
  return totals;
}

async function recoverFromRecords(
  parts: SegmentRecoveryParts,
  task: SegmentTask,
  file: DiskFile,
): Promise<RecoveredSegment | undefined> {
  const { number, size, summary } = task;
  const path = segmentPath(number);
  const from = Math.max(fileHeaderBytes, summary?.end ?? 0);
  const { entries, inside, tail } = await scanSegment(file, from, size);
  const header = decodeFileHeader('segment', await file.read(0, fileHeaderBytes));
  if (header === undefined && from === fileHeaderBytes && entries.length === 0) {
    // It was being made when the power went, or nothing of it is left: the next one takes its place.
    if (await cutTail(parts, { path, file, from: 0, to: size })) await parts.disk.remove(path);
    return undefined;
  }
  await keepBadRanges(parts, { path, file, ranges: inside });
  const cut = await cutAt(parts, file, { path, from: tail, to: size });
  await file.sync();
  await parts.disk.syncDirectory(directories.segments);
  const good = entries.filter((entry) => isGood(parts, { number, size }, entry));
  await load(task.loader, number, good);
  const added = totalsOf(good);
  return {
    summary: {
      end: cut ? tail : size,
      sealed: false,
      chunks: added.chunks + (summary?.chunks ?? 0),
      bytes: added.bytes + (summary?.bytes ?? 0),
    },
    appendable: cut && header !== undefined && inside.length === 0,
  };
}

/** Cuts what follows the last good record; false when it has to stay. */
async function cutAt(
  parts: TailParts,
  file: DiskFile,
  tail: { readonly path: string; readonly from: number; readonly to: number },
): Promise<boolean> {
  if (!(await isPadding(file, tail.from, tail.to))) return cutTail(parts, { ...tail, file });
  await file.truncate(tail.from);
  return true;
}

/** Chunks from an offset on, bad ranges between them, and where the last good record ends. */
async function scanSegment(
  file: DiskFile,
  from: number,
  to: number,
): Promise<{ entries: SegmentEntry[]; inside: BadRange[]; tail: number }> {
  const entries: SegmentEntry[] = [];
  const inside: BadRange[] = [];
  let open: BadRange[] = [];
  let tail = from;
  for await (const found of scanRecords(file, { from, to, bodies: true })) {
    if (found.type === 'bad') {
      open.push(found);
      continue;
    }
    inside.push(...open);
    open = [];
    // A footer whose trailer is torn: the segment goes on without.
    if (found.header.kind !== 'chunk') continue;
    tail = found.end;
    entries.push({
      id: found.header.id as ChunkId,
      offset: found.offset,
      length: found.header.length,
    });
  }
  return { entries, inside, tail };
}

function isGood(
  { quarantine }: SegmentRecoveryParts,
  { number, size }: { number: number; size: number },
  entry: Omit<SegmentEntry, 'id'>,
): boolean {
  return entryFits(entry, size) && !quarantine.holds(segmentPath(number), entry.offset);
}

async function load(
  loader: IndexLoader,
  segment: number,
  entries: readonly SegmentEntry[],
): Promise<void> {
  for (const { id, offset, length } of entries) {
    await loader.add(Buffer.from(id, 'hex'), 0, { segment, offset, length });
  }
}

function totalsOf(entries: readonly SegmentEntry[]): { chunks: number; bytes: number } {
  return {
    chunks: entries.length,
    bytes: entries.reduce((sum, { length }) => sum + length, 0),
  };
}

async function reopen(
  disk: Disk,
  number: number,
  summaries: ReadonlyMap<number, SegmentSummary>,
): Promise<OpenSegment | undefined> {
  const summary = summaries.get(number);
  if (summary === undefined) return undefined;
  const path = segmentPath(number);
  const file = await disk.open(path, 'write', { bulk: true });
  const { end, chunks, bytes } = summary;
  return {
    number,
    path,
    file,
    end,
    chunks,
    bytes,
    entries: undefined,
    fresh: false,
    sealed: false,
  };
}
