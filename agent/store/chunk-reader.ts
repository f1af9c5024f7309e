/**
 * Reads chunks and judges what it read. A place that turns out wrong is looked up again in the
 * segments themselves, so that a damaged index never makes a chunk wrong or lost; a body that is wrong
 * goes to quarantine and the chunk counts as missing.
 */
import { blake3 } from '../../protocol/hash.ts';
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import type { LentBytes } from '../ports.ts';
import type { BufferedIndex } from './buffered-index.ts';
import { bodiesOf, isRecordOf, placeOfRun, runsOf, shareLoan, type Run } from './chunk-runs.ts';
import type { FileCache } from './file-cache.ts';
import { chunkKey, encodeChunkPlace, type ChunkPlace } from './keyspace.ts';
import { segmentPath } from './paths.ts';
import type { Quarantine } from './quarantine.ts';
import { recordHeaderBytes } from './record.ts';
import { segmentEntries } from './segment-file.ts';
import type { SegmentSet } from './segment-recovery.ts';
import type { SegmentWriter } from './segment-writer.ts';
import { sliceOf } from './request-checks.ts';
import type { StoreNews } from './store-news.ts';

/** A segment of a chunk with its tag. */
const partBytesNowMax = 68 * 1024;

export interface ChunkReaderParts {
  readonly index: BufferedIndex;
  readonly files: FileCache;
  readonly quarantine: Quarantine;
  readonly news: StoreNews;
  readonly segments: SegmentSet;
  readonly writer: SegmentWriter;
  /** A chunk was lost to quarantine. */
  readonly onLost: (place: ChunkPlace) => void;
  /** Of a chunk that counts as absent and whose bytes are still there. */
  readonly droppedPlace: (id: ChunkId) => ChunkPlace | undefined;
}

export class ChunkReader {
  readonly #parts: ChunkReaderParts;

  constructor(parts: ChunkReaderParts) {
    this.#parts = parts;
  }

  /** See `ChunkStore.read`. */
  async read(id: ChunkId, verify: boolean): Promise<Buffer> {
    const place = await this.#find(id, 'chunks.read');
    return goodBody(id, await this.#recordAt(place), verify) ?? this.#readElsewhere(id, place);
  }

  /** See `ChunkStore.readLent`. */
  async readLent(id: ChunkId, verify: boolean): Promise<LentBytes> {
    const place = await this.#find(id, 'chunks.read');
    const { bytes, release } = await this.#lentRecordAt(place);
    const body = goodBody(id, bytes, verify);
    if (body !== undefined) return { bytes: body, release };
    release();
    return ownBytes(await this.#readElsewhere(id, place));
  }

  /** See `ChunkStore.readManyLent`. */
  async readManyLent(ids: readonly ChunkId[]): Promise<readonly (LentBytes | undefined)[]> {
    const runs = runsOf(ids.map((id) => ({ id, place: this.#parts.writer.placeOf(id) })));
    if (runs.length === 1) return this.#readRun(runs[0] ?? []);
    return (await Promise.all(runs.map((run) => this.#readRun(run)))).flat();
  }

  /** See `ChunkStore.readPart`. */
  async readPart(id: ChunkId, offset: number, length: number): Promise<Buffer> {
    const op = 'chunks.readPart';
    const place = await this.#find(id, op);
    sliceOf({ op, subject: id, total: place.length }, offset, length);
    const at = place.offset + recordHeaderBytes + offset;
    const part = await this.#bytesOf(place.segment, at, length);
    if (part.length === length) return part;
    const whole = await this.#readElsewhere(id, place);
    return whole.subarray(offset, offset + length);
  }

  /** See `ChunkStore.readPartNow`. */
  readPartNow(id: ChunkId, offset: number, length: number): Buffer | undefined {
    const { writer, files } = this.#parts;
    const place = writer.placeOf(id);
    if (place === undefined || length > partBytesNowMax || offset + length > place.length) {
      return undefined;
    }
    const at = place.offset + recordHeaderBytes + offset;
    return files.useNow(segmentPath(place.segment), 'read', (file) => file.readNow?.(at, length));
  }

  /** See `ChunkStore.quarantine`. */
  async quarantine(id: ChunkId, reason: string): Promise<void> {
    const { writer, index, quarantine, files, news } = this.#parts;
    const place = writer.placeOf(id);
    if (place === undefined) return;
    const path = segmentPath(place.segment);
    const bytes = recordHeaderBytes + place.length;
    const note = { file: path, offset: place.offset, bytes, id, reason };
    writer.forget(id);
    index.add([{ key: chunkKey(id), value: undefined }]);
    this.#parts.onLost(place);
    const chunk = { id, length: place.length };
    news.tell({
      type: 'record-quarantined',
      file: path,
      offset: place.offset,
      bytes,
      chunk,
      reason,
    });
    try {
      await files.use(path, 'read', (file) => quarantine.keep(file, note));
    } catch (error) {
      // The segment is gone altogether: there is nothing to keep a copy of.
      if (!isVaultError(error, 'not-found')) throw error;
    }
  }

  /** The place of a chunk; one whose index entry is damaged is searched for. */
  async #find(id: ChunkId, op: string): Promise<ChunkPlace> {
    const place = this.#parts.writer.placeOf(id) ?? this.#parts.droppedPlace(id);
    if (place !== undefined) return place;
    const damaged = this.#parts.index.get(chunkKey(id)) !== undefined;
    const found = damaged ? await this.#search(id) : undefined;
    if (found === undefined) throw new VaultError('chunk-missing', { op, subject: id });
    return found;
  }

  /** The place was wrong: another one, or the end of this chunk. */
  async #readElsewhere(id: ChunkId, wrong: ChunkPlace): Promise<Buffer> {
    const found = await this.#search(id);
    if (found !== undefined && !isSamePlace(found, wrong)) {
      const body = (await this.#recordAt(found)).subarray(recordHeaderBytes);
      if (isBodyOf(id, body)) return body;
    }
    const reason = 'the body does not match its id';
    await this.quarantine(id, reason);
    throw new VaultError('damaged', {
      op: 'chunks.read',
      subject: id,
      detail: reason,
      next: 'it is fetched again when another device has it',
    });
  }

  /** Looks through the segments themselves, newest first, and corrects the index. */
  async #search(id: ChunkId): Promise<ChunkPlace | undefined> {
    const { segments, index, files, quarantine } = this.#parts;
    const newestFirst = [...segments.summaries.keys()].sort((one, other) => other - one);
    for (const segment of newestFirst) {
      const path = segmentPath(segment);
      const end = segments.summaries.get(segment)?.end ?? 0;
      const entries = await files
        .use(path, 'read', (file) => segmentEntries(file, end))
        .catch(none);
      const hit = entries.find((entry) => entry.id === id && !quarantine.holds(path, entry.offset));
      if (hit === undefined) continue;
      const place = { segment, offset: hit.offset, length: hit.length };
      const key = chunkKey(id);
      index.add([{ key, value: encodeChunkPlace(key, place) }]);
      return place;
    }
    return undefined;
  }

  /** All of a run or nothing of it. */
  async #readRun(run: Run): Promise<readonly (LentBytes | undefined)[]> {
    const place = placeOfRun(run);
    const read = place && (await this.#lentRecordAt(place).catch(() => undefined));
    if (read === undefined) return run.map(() => undefined);
    const bodies = bodiesOf(run, read.bytes);
    if (bodies !== undefined) return shareLoan(bodies, read.release);
    read.release();
    return run.map(() => undefined);
  }

  #recordAt({ segment, offset, length }: ChunkPlace): Promise<Buffer> {
    return this.#bytesOf(segment, offset, recordHeaderBytes + length);
  }

  /** Fewer bytes, or none, where the segment is shorter or gone. */
  async #bytesOf(segment: number, offset: number, length: number): Promise<Buffer> {
    const { files } = this.#parts;
    try {
      return await files.use(segmentPath(segment), 'read', (file) => file.read(offset, length));
    } catch (error) {
      if (isVaultError(error, 'not-found')) return Buffer.alloc(0);
      throw error;
    }
  }

  async #lentRecordAt({ segment, offset, length }: ChunkPlace): Promise<LentBytes> {
    const { files } = this.#parts;
    try {
      return await files.use(segmentPath(segment), 'bulk', (file) =>
        file.readLent(offset, recordHeaderBytes + length),
      );
    } catch (error) {
      if (isVaultError(error, 'not-found')) return ownBytes(Buffer.alloc(0));
      throw error;
    }
  }
}

/** The body of a record; undefined when it is not that of the chunk. */
function goodBody(id: ChunkId, record: Buffer, verify: boolean): Buffer | undefined {
  const body = record.subarray(recordHeaderBytes);
  if (isRecordOf(id, record) && (!verify || isBodyOf(id, body))) return body;
  // A damaged header in front of a good body costs nothing.
  return isBodyOf(id, body) ? body : undefined;
}

function ownBytes(bytes: Buffer): LentBytes {
  return { bytes, release: () => undefined };
}

function isBodyOf(id: ChunkId, body: Buffer): boolean {
  return blake3(body).toString('hex') === id;
}

function isSamePlace(one: ChunkPlace, other: ChunkPlace): boolean {
  return one.segment === other.segment && one.offset === other.offset;
}

/** A segment that cannot be read has nothing to offer to a search. */
function none(error: unknown): [] {
  if (isVaultError(error, 'io', 'not-found')) return [];
  throw error;
}
