/**
 * Appends chunks to the open segment and makes them durable. It owns the chunks that are written and
 * not yet synced (`pending`): they can be read, and the index hears of them only after the sync.
 *
 * After a failed sync its segment is dead. The chunks in it that nobody acknowledged are read back,
 * checked against their ids and written to another segment; a round succeeds only when that did.
 */
import assert from 'node:assert/strict';
import { blake3 } from '../../protocol/hash.ts';
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import { MiB } from '../../protocol/limits.ts';
import type { Disk, Log } from '../ports.ts';
import type { BufferedIndex } from './buffered-index.ts';
import type { FileCache } from './file-cache.ts';
import { recordsPerSegmentMax } from './footer.ts';
import { createGathered } from './gathered.ts';
import { chunkKey, decodeChunkPlace, encodeChunkPlace, type ChunkPlace } from './keyspace.ts';
import { directories } from './paths.ts';
import { recordHeaderBytes } from './record.ts';
import { checkChunkSize } from './request-checks.ts';
import { createSegment } from './segment-create.ts';
import {
  encodeRecords,
  summaryChange,
  summaryOf,
  writeFooter,
  type OpenSegment,
} from './segment-file.ts';
import type { SegmentSet } from './segment-recovery.ts';
import { createSerialQueue } from './serial-queue.ts';
import { createSharedRound } from './shared-round.ts';
import type { SpaceGuard } from './space.ts';
import type { StoreNews } from './store-news.ts';
import type { SealedChunk, WrittenChunks } from './store.ts';

export interface SegmentWriterParts {
  readonly disk: Disk;
  readonly log: Log;
  readonly index: BufferedIndex;
  readonly files: FileCache;
  readonly space: SpaceGuard;
  readonly news: StoreNews;
  readonly segments: SegmentSet;
  readonly segmentBytesMax: number;
}

/** More changes than this waiting for a sick index stop the writing. */
const indexWaitingMax = 200_000;
const salvageBytesMax = 8 * MiB;
/** When so many full segments wait for a commit, writers wait for it, too. */
const fullMax = 3;

export class SegmentWriter {
  readonly #parts: SegmentWriterParts;
  readonly #inOrder = createSerialQueue();
  readonly #gathered: (chunks: readonly SealedChunk[]) => Promise<WrittenChunks>;
  readonly #round: () => Promise<void>;
  readonly #pending = new Map<ChunkId, ChunkPlace>();
  readonly #dirty = new Set<OpenSegment>();
  /** Nothing more comes into these: a commit that has synced one ends it with its footer. */
  readonly #full = new Set<OpenSegment>();
  readonly #dead = new Map<number, OpenSegment>();
  #current: OpenSegment | undefined;
  #broken: VaultError | undefined;

  constructor(parts: SegmentWriterParts) {
    this.#parts = parts;
    this.#current = parts.segments.current;
    this.#gathered = createGathered({
      inOrder: this.#inOrder,
      run: (requests) => this.#appendAll(requests),
      bytesOf,
    });
    this.#round = createSharedRound(() => this.#commitRound());
  }

  /** Where a chunk is, durable or about to be. */
  placeOf(id: ChunkId): ChunkPlace | undefined {
    const pending = this.#pending.get(id);
    if (pending !== undefined) return pending;
    const key = chunkKey(id);
    return decodeChunkPlace(key, this.#parts.index.get(key));
  }

  /** Chunks written and not yet synced. */
  pending(): ReadonlyMap<ChunkId, ChunkPlace> {
    return this.#pending;
  }

  /** The record of this id counts no more. */
  forget(id: ChunkId): void {
    this.#pending.delete(id);
  }

  /** See `ChunkStore.write`. Those that come while the disk is busy go to it together. */
  async append(chunks: readonly SealedChunk[]): Promise<WrittenChunks> {
    for (const chunk of chunks) checkChunkSize(chunk);
    // A failure is told to those who asked for a commit.
    if (this.#full.size >= fullMax) await this.commit().catch(() => undefined);
    return this.#gathered(chunks);
  }

  /** See `ChunkStore.commit`. */
  commit(): Promise<void> {
    return this.#round();
  }

  /** The segment that is written to. */
  get currentNumber(): number | undefined {
    return this.#current?.number;
  }

  /** Writes chunks again that stand in `segment`, or nowhere that is known. Durable after `commit`. */
  relocate(chunks: readonly SealedChunk[], segment: number): Promise<{ bytes: number }> {
    return this.#inOrder(async () => {
      this.#assertSound();
      const there = chunks.filter(({ id }) => (this.placeOf(id)?.segment ?? segment) === segment);
      const bytes = bytesOf(there);
      if (there.length === 0) return { bytes };
      await this.#parts.space.admit(bytes + there.length * recordHeaderBytes);
      await this.#writeAll(there);
      return { bytes };
    });
  }

  /** What comes next goes into another segment; the next commit seals the one that was open. */
  rotate(): Promise<void> {
    return this.#inOrder(() => Promise.resolve(this.#leaveCurrent()));
  }

  /** Makes sure that a durable segment has a higher number: none is ever given twice. */
  async makeNewerThan(number: number): Promise<void> {
    await this.#inOrder(async () => {
      const { disk, segments } = this.#parts;
      if (Math.max(...segments.summaries.keys()) > number) return;
      if (this.#current === undefined || this.#current.number <= number) {
        this.#leaveCurrent();
        this.#current = await createSegment(disk, segments);
      }
      this.#dirty.add(this.#current);
    });
    await this.commit();
  }

  /** Nobody waits for its sync: what is written goes on into the next segment meanwhile. */
  #leaveCurrent(): void {
    if (this.#current === undefined) return;
    this.#full.add(this.#current);
    this.#dirty.add(this.#current);
    this.#current = undefined;
  }

  async close(): Promise<void> {
    try {
      await this.#round();
    } finally {
      const open = [this.#current, ...this.#dead.values(), ...this.#dirty];
      for (const segment of new Set(open)) await segment?.file.close();
    }
  }

  #assertSound(): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#parts.index.waiting <= indexWaitingMax) return;
    throw new VaultError('io', {
      op: 'chunks.write',
      subject: 'index',
      detail: 'it has refused changes for too long',
      next: 'restart the agent; the index is then made again',
    });
  }

  async #appendAll(requests: readonly (readonly SealedChunk[])[]): Promise<WrittenChunks[]> {
    this.#assertSound();
    const asked = this.#freshOf(requests);
    const fresh = asked.flat();
    if (fresh.length > 0) {
      await this.#parts.space.admit(bytesOf(fresh) + fresh.length * recordHeaderBytes);
      await this.#writeAll(fresh);
    }
    return asked.map((chunks) => ({
      chunks: chunks.length,
      bytes: bytesOf(chunks),
      fresh: new Set(chunks.map(({ id }) => id)),
    }));
  }

  /** Of each request what nobody has stored, nor asked for before it. */
  #freshOf(requests: readonly (readonly SealedChunk[])[]): SealedChunk[][] {
    const taken = new Set<ChunkId>();
    const isFresh = ({ id }: SealedChunk): boolean => {
      if (taken.has(id) || this.placeOf(id) !== undefined) return false;
      taken.add(id);
      return true;
    };
    return requests.map((chunks) => chunks.filter(isFresh));
  }

  async #writeAll(chunks: readonly SealedChunk[]): Promise<void> {
    let rest = chunks;
    while (rest.length > 0) {
      const segment = await this.#segmentFor(rest[0]?.body.length ?? 0);
      const count = this.#fitting(segment, rest);
      await this.#writeGroup(segment, count === rest.length ? rest : rest.slice(0, count));
      rest = rest.slice(count);
    }
  }

  /** A segment with room for one chunk more. */
  async #segmentFor(bodyBytes: number): Promise<OpenSegment> {
    const current = this.#current;
    if (current !== undefined) {
      const fits = current.end + recordHeaderBytes + bodyBytes <= this.#parts.segmentBytesMax;
      if (fits && current.chunks < recordsPerSegmentMax) return current;
      this.#leaveCurrent();
    }
    this.#current = await createSegment(this.#parts.disk, this.#parts.segments);
    return this.#current;
  }

  /** How many of the chunks go into the segment: at least one. */
  #fitting(segment: OpenSegment, chunks: readonly SealedChunk[]): number {
    let end = segment.end;
    let count = 0;
    for (const { body } of chunks) {
      end += recordHeaderBytes + body.length;
      const fits = end <= this.#parts.segmentBytesMax;
      if (count > 0 && (!fits || segment.chunks + count >= recordsPerSegmentMax)) break;
      count += 1;
    }
    return count;
  }

  async #writeGroup(segment: OpenSegment, chunks: readonly SealedChunk[]): Promise<void> {
    const { parts, entries, end } = encodeRecords(chunks, segment.end);
    try {
      await segment.file.write(segment.end, parts);
    } catch (error) {
      await this.#afterFailedWrite(segment, error);
      throw error;
    }
    this.#dirty.add(segment);
    segment.end = end;
    segment.entries?.push(...entries);
    segment.chunks += entries.length;
    segment.bytes += entries.reduce((sum, { length }) => sum + length, 0);
    for (const { id, offset, length } of entries) {
      this.#pending.set(id, { segment: segment.number, offset, length });
    }
  }

  /** Takes the partial tail back; a segment where that fails, or that failed otherwise, is left. */
  async #afterFailedWrite(segment: OpenSegment, error: unknown): Promise<void> {
    const full = isVaultError(error, 'disk-full');
    if (full) await this.#parts.space.noticeFull('a write met the end of the disk');
    const cut = await this.#succeeds(() => segment.file.truncate(segment.end));
    if (full && cut) return;
    if (this.#current === segment) this.#current = undefined;
    // The next commit syncs what is good in it, and closes it.
    this.#dirty.add(segment);
  }

  /**
   * The records are synced before the footer is written: a footer that is found after a power cut
   * vouches for them. A segment that cannot be sealed stays as it is: recovery reads its records.
   */
  async #seal(segment: OpenSegment): Promise<void> {
    this.#full.delete(segment);
    const written = await this.#succeeds(() => writeFooter(segment));
    const summary = summaryOf(segment);
    if (written && (await this.#sync(segment))) this.#publish(segment, { summary, written: [] });
  }

  async #commitRound(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    if (await this.#syncDirty()) return;
    await this.#salvage();
    if (await this.#syncDirty()) return;
    throw new VaultError('io', {
      op: 'chunks.commit',
      detail: 'two segments in a row could not be synced',
      next: 'look at the disk; what was acknowledged before is safe',
    });
  }

  /** Syncs every segment written to since the last time; true when no chunk waits in a dead one. */
  async #syncDirty(): Promise<boolean> {
    const rounds = [...this.#dirty].map((segment) => ({ segment, ...summaryOf(segment) }));
    const written = Map.groupBy(this.#pending, ([, { segment }]) => segment);
    this.#dirty.clear();
    for (const { segment, ...summary } of rounds) {
      if (this.#dead.has(segment.number)) continue;
      if (!(await this.#sync(segment))) continue;
      this.#publish(segment, { summary, written: written.get(segment.number) ?? [] });
      if (segment === this.#current || this.#dirty.has(segment)) continue;
      if (this.#full.has(segment)) await this.#seal(segment);
      // What fails here must not keep the others from their sync: nobody would come back to them.
      if (!this.#dead.has(segment.number)) await this.#succeeds(() => segment.file.close());
    }
    // The index follows: until it has the places they are answered from memory.
    void this.#succeeds(() => this.#parts.index.flush());
    return this.#dead.size === 0;
  }

  async #sync(segment: OpenSegment): Promise<boolean> {
    try {
      await segment.file.sync();
      if (segment.fresh) await this.#parts.disk.syncDirectory(directories.segments);
      segment.fresh = false;
      return true;
    } catch (error) {
      this.#dead.set(segment.number, segment);
      if (this.#current === segment) this.#current = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.news.tell({ type: 'sync-failed', file: segment.path, reason });
      return false;
    }
  }

  /** Chunks of a synced segment are durable: the index may know them. */
  #publish(
    segment: OpenSegment,
    synced: {
      summary: ReturnType<typeof summaryOf>;
      written: readonly (readonly [ChunkId, ChunkPlace])[];
    },
  ): void {
    const changes = [summaryChange(segment.number, synced.summary)];
    for (const [id, place] of synced.written) {
      // Quarantined meanwhile.
      if (this.#pending.get(id) !== place) continue;
      const key = chunkKey(id);
      changes.push({ key, value: encodeChunkPlace(key, place) });
      this.#pending.delete(id);
    }
    this.#parts.segments.summaries.set(segment.number, synced.summary);
    this.#parts.index.add(changes);
  }

  /** Moves what only dead segments hold to a living one. Throws when it cannot be done now. */
  #salvage(): Promise<void> {
    return this.#inOrder(async () => {
      for (const segment of [...this.#dead.values()]) {
        let group: SealedChunk[] = [];
        let bytes = 0;
        for (const [id, place] of [...this.#pending]) {
          if (place.segment !== segment.number) continue;
          group.push({ id, body: await this.#readBack(segment, id, place) });
          bytes += place.length;
          if (bytes < salvageBytesMax) continue;
          await this.#writeAll(group);
          group = [];
          bytes = 0;
        }
        await this.#writeAll(group);
        await this.#bury(segment);
      }
    });
  }

  async #readBack(segment: OpenSegment, id: ChunkId, place: ChunkPlace): Promise<Buffer> {
    const body = await segment.file.read(place.offset + recordHeaderBytes, place.length);
    if (blake3(body).toString('hex') === id) return body;
    this.#broken = new VaultError('io', {
      op: 'chunks.commit',
      subject: segment.path,
      detail: 'a sync failed and what it should have written is gone',
      next: 'look at the disk and restart the agent; what was acknowledged before is safe',
    });
    throw this.#broken;
  }

  /** Cuts a dead segment to what was synced, if it can be, and leaves it for good. */
  async #bury(segment: OpenSegment): Promise<void> {
    assert(segment !== this.#current, 'a dead segment is not written to');
    this.#dead.delete(segment.number);
    this.#dirty.delete(segment);
    this.#full.delete(segment);
    const synced = this.#parts.segments.summaries.get(segment.number);
    await this.#succeeds(() => segment.file.truncate(synced?.end ?? 0));
    await this.#succeeds(() => segment.file.close());
  }

  /** For steps whose failure costs nothing durable: it is logged and noted by the caller. */
  async #succeeds(step: () => Promise<void>): Promise<boolean> {
    try {
      await step();
      return true;
    } catch (error) {
      this.#parts.log.warn({ error }, 'store: a step that can be done without failed');
      return false;
    }
  }
}

function bytesOf(chunks: readonly SealedChunk[]): number {
  return chunks.reduce((sum, { body }) => sum + body.length, 0);
}
