/**
 * Gives the space of dropped chunks back. Chunks that are not dead are copied out of mostly dead segments
 * into the open one, in small steps while writers go on; a segment goes in a later pass, after every chunk
 * in it that is not dead was read from another place and checked. What is dead the caller decides, from
 * the journals; the index is asked where a chunk is and never believed that it is there. Anything that
 * cannot be read ends the pass, and nothing more is removed.
 */
import { blake3 } from '../../protocol/hash.ts';
import { VaultError } from '../../protocol/errors.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import { MiB } from '../../protocol/limits.ts';
import type { Disk } from '../ports.ts';
import type { BufferedIndex } from './buffered-index.ts';
import type { FileCache } from './file-cache.ts';
import type { SegmentEntry } from './footer.ts';
import { chunkKey, encodeChunkPlace, type ChunkPlace } from './keyspace.ts';
import { directories, segmentPath } from './paths.ts';
import type { Quarantine } from './quarantine.ts';
import { decodeRecordHeader, recordHeaderBytes } from './record.ts';
import { segmentEntries, segmentMetaKey } from './segment-file.ts';
import type { SegmentSet } from './segment-recovery.ts';
import type { SegmentWriter } from './segment-writer.ts';
import type { CollectOptions, CollectResult } from './store.ts';

export interface SegmentCollectorParts {
  readonly disk: Disk;
  readonly index: BufferedIndex;
  readonly files: FileCache;
  readonly quarantine: Quarantine;
  readonly segments: SegmentSet;
  readonly writer: SegmentWriter;
}

const stepBytes = 4 * MiB;

/** What a pass found in one segment. */
interface Survey {
  readonly number: number;
  readonly live: readonly SegmentEntry[];
  readonly liveBytes: number;
  readonly deadBytes: number;
}

export class SegmentCollector {
  readonly #parts: SegmentCollectorParts;
  /** Dropped in this life of the process: their bytes can still be read. */
  readonly #dropped = new Map<ChunkId, ChunkPlace>();
  /** A pass before this one copied out of these what is not dead. */
  readonly #emptied = new Set<number>();
  /** A chunk in these came alive since they were looked at. */
  readonly #stirred = new Set<number>();
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: SegmentCollectorParts) {
    this.#parts = parts;
  }

  /** Where the bytes of a dropped chunk still are. */
  droppedPlace(id: ChunkId): ChunkPlace | undefined {
    return this.#dropped.get(id);
  }

  /** See `ChunkStore.drop`. */
  drop(ids: readonly ChunkId[]): { chunks: number; bytes: number } {
    const { writer, index } = this.#parts;
    const dropped = { chunks: 0, bytes: 0 };
    for (const id of ids) {
      const place = writer.placeOf(id);
      // One that was written a moment ago is about to be named.
      if (place === undefined || writer.pending().has(id)) continue;
      this.#dropped.set(id, place);
      index.add([{ key: chunkKey(id), value: undefined }]);
      dropped.chunks += 1;
      dropped.bytes += place.length;
    }
    return dropped;
  }

  /** See `ChunkStore.revive`. */
  async revive(ids: readonly ChunkId[]): Promise<void> {
    const absent = new Set<ChunkId>();
    for (const id of ids) {
      if (this.#parts.writer.placeOf(id) !== undefined) continue;
      const place = this.#dropped.get(id);
      if (place === undefined) absent.add(id);
      else this.#bringBack(id, place);
    }
    if (absent.size === 0) return;
    // Dropped before the process began: the segments may have it.
    for (const number of [...this.#parts.segments.summaries.keys()].reverse()) {
      const path = segmentPath(number);
      for (const { id, offset, length } of await this.#entriesOf(number)) {
        if (!absent.has(id) || this.#parts.quarantine.holds(path, offset)) continue;
        this.#bringBack(id, { segment: number, offset, length });
        absent.delete(id);
      }
    }
  }

  /** See `ChunkStore.collect`. One at a time. */
  collect(options: CollectOptions): Promise<CollectResult> {
    const collected = this.#running.then(() => this.#collect(options));
    this.#running = collected.catch(() => undefined);
    return collected;
  }

  #bringBack(id: ChunkId, place: ChunkPlace): void {
    if (this.#parts.writer.placeOf(id) !== undefined) return;
    const key = chunkKey(id);
    this.#stirred.add(place.segment);
    this.#dropped.delete(id);
    this.#parts.index.add([{ key, value: encodeChunkPlace(key, place) }]);
  }

  async #collect(options: CollectOptions): Promise<CollectResult> {
    const result = { freedBytes: 0, copiedBytes: 0, segmentsLeft: 0, deadBytes: 0 };
    const surveys = await this.#surveys(options);
    // Those that need no copying first: a full disk gets room by them.
    for (const survey of surveys.sort((a, b) => a.liveBytes - b.liveBytes)) {
      await options.pace();
      const { number, deadBytes, liveBytes } = survey;
      const fraction = deadBytes / Math.max(1, deadBytes + liveBytes);
      if (this.#emptied.has(number)) {
        result.freedBytes += await this.#remove(survey, options);
      } else if (deadBytes > 0 && fraction >= options.deadFractionMin) {
        result.copiedBytes += await this.#empty(survey, options);
        this.#emptied.add(number);
        result.segmentsLeft += 1;
        result.deadBytes += deadBytes;
      } else result.deadBytes += deadBytes;
    }
    return result;
  }

  async #surveys(options: CollectOptions): Promise<Survey[]> {
    const surveys: Survey[] = [];
    for (const number of [...this.#parts.segments.summaries.keys()]) {
      await options.pace();
      const survey = await this.#survey(number, options);
      if (number !== this.#parts.writer.currentNumber) surveys.push(survey);
      else if (isMostlyDead(survey, options)) {
        await this.#parts.writer.rotate();
        await this.#parts.writer.commit();
        // What came to it meanwhile is not dead.
        surveys.push(await this.#survey(number, options));
      }
    }
    return surveys;
  }

  async #survey(number: number, { isDead }: CollectOptions): Promise<Survey> {
    const live: SegmentEntry[] = [];
    let liveBytes = 0;
    let deadBytes = 0;
    this.#stirred.delete(number);
    for (const entry of await this.#entriesOf(number)) {
      if (isDead(entry.id) && !this.#isHere(number, entry)) deadBytes += entry.length;
      else {
        live.push(entry);
        liveBytes += entry.length;
      }
    }
    return { number, live, liveBytes, deadBytes };
  }

  async #entriesOf(number: number): Promise<readonly SegmentEntry[]> {
    const end = this.#parts.segments.summaries.get(number)?.end ?? 0;
    const path = segmentPath(number);
    return this.#parts.files.use(path, 'read', (file) => segmentEntries(file, end));
  }

  /** Copies what is not dead and has no good copy elsewhere. @returns bytes of the copies, durable */
  async #empty(survey: Survey, options: CollectOptions): Promise<number> {
    const { writer } = this.#parts;
    let copied = 0;
    let group: { id: ChunkId; body: Buffer }[] = [];
    let groupBytes = 0;
    const flush = async (): Promise<void> => {
      copied += (await writer.relocate(group, survey.number)).bytes;
      group = [];
      groupBytes = 0;
      await options.pace();
    };
    for (const entry of survey.live) {
      if (this.#isSetAside(survey.number, entry)) continue;
      if (await this.#hasGoodCopy(survey.number, entry)) continue;
      group.push({ id: entry.id, body: await this.#goodBody(survey.number, entry) });
      groupBytes += entry.length;
      if (groupBytes >= stepBytes) await flush();
    }
    if (group.length > 0) await flush();
    await writer.commit();
    await this.#parts.index.flush();
    return copied;
  }

  /** The file goes when everything in it that is not dead was read elsewhere. @returns its size */
  async #remove(survey: Survey, options: CollectOptions): Promise<number> {
    const { number } = survey;
    const { writer } = this.#parts;
    let readBytes = 0;
    for (const entry of survey.live) {
      if (this.#isSetAside(number, entry)) continue;
      // It came alive again, or its copy is bad: another pass copies it.
      if (!(await this.#hasGoodCopy(number, entry))) return this.#keep(number);
      readBytes += entry.length;
      if (readBytes < stepBytes) continue;
      readBytes = 0;
      await options.pace();
    }
    await writer.makeNewerThan(number);
    return this.#stirred.has(number) ? this.#keep(number) : this.#unlink(number);
  }

  #keep(number: number): number {
    this.#emptied.delete(number);
    return 0;
  }

  /** Nothing points to the segment; the index hears of it before the file goes. */
  async #unlink(number: number): Promise<number> {
    const { disk, index, files, segments } = this.#parts;
    const path = segmentPath(number);
    for (const [id, place] of this.#dropped) if (place.segment === number) this.#dropped.delete(id);
    segments.summaries.delete(number);
    this.#emptied.delete(number);
    const gone = { key: segmentMetaKey(number), value: undefined };
    index.add([gone]);
    // What it would remember of this file after a power cut could not be told from what is true.
    await index.settle(gone);
    await files.drop(path);
    const bytes = (await disk.sizeOf(path)) ?? 0;
    await disk.remove(path);
    await disk.syncDirectory(directories.segments);
    return bytes;
  }

  #isHere(number: number, { id, offset }: SegmentEntry): boolean {
    const place = this.#parts.writer.placeOf(id);
    return place?.segment === number && place.offset === offset;
  }

  /** Bad bytes that were found before: they count as missing, and there is a copy of them. */
  #isSetAside(number: number, { offset }: SegmentEntry): boolean {
    return this.#parts.quarantine.holds(segmentPath(number), offset);
  }

  async #hasGoodCopy(number: number, { id }: SegmentEntry): Promise<boolean> {
    const place = this.#parts.writer.placeOf(id);
    if (place === undefined || place.segment === number) return false;
    if (this.#parts.writer.pending().has(id)) return false;
    return (await this.#bodyAt(place, id)) !== undefined;
  }

  /** @throws VaultError `damaged` */
  async #goodBody(number: number, { id, offset, length }: SegmentEntry): Promise<Buffer> {
    const body = await this.#bodyAt({ segment: number, offset, length }, id);
    if (body !== undefined) return body;
    throw new VaultError('damaged', {
      op: 'chunks.collect',
      subject: segmentPath(number),
      detail: `the chunk ${id.slice(0, 16)} in it cannot be read`,
      next: 'nothing was removed; reading the file sets the chunk aside and fetches it again',
    });
  }

  async #bodyAt(place: ChunkPlace, id: ChunkId): Promise<Buffer | undefined> {
    const bytes = recordHeaderBytes + place.length;
    const record = await this.#parts.files.use(segmentPath(place.segment), 'read', (file) =>
      file.read(place.offset, bytes),
    );
    const header = decodeRecordHeader(record);
    const body = record.subarray(recordHeaderBytes);
    if (header?.kind !== 'chunk' || header.id !== id) return undefined;
    return blake3(body).toString('hex') === id ? body : undefined;
  }
}

function isMostlyDead(
  { deadBytes, liveBytes }: Survey,
  { deadFractionMin }: CollectOptions,
): boolean {
  return deadBytes > 0 && deadBytes / (deadBytes + liveBytes) >= deadFractionMin;
}
