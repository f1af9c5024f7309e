/**
 * Which chunks and small records were released, and which of them may be dropped here (SPEC.md,
 * "Retention and release"). A release covers the batches up to its vector; whatever a batch beyond
 * names is needed. A released chunk is not fetched any more; it may be dropped once the release is
 * settled: this device has every batch of its vector, and of every active writer a batch that had seen
 * the release. Derived from statements and headers alone, so that blind devices come to the same.
 */
import { isBranchName } from '../../protocol/branch-name.ts';
import {
  splitJournalId,
  type BatchHash,
  type ChunkId,
  type DeviceId,
  type JournalId,
  type StatementId,
} from '../../protocol/ids.ts';
import { decodeBatch, decodeBatchHeader } from '../../protocol/messages/batch-wire.ts';
import type { BatchHeader } from '../../protocol/messages/op.ts';
import { writersOf, type CountedRelease, type Membership } from '../members/membership.ts';
import type { Clock } from '../ports.ts';
import type { JournalStore } from '../store/store.ts';

export interface ReleaseBookParts {
  readonly journals: Pick<JournalStore, 'tips' | 'branches' | 'read'>;
  readonly lines: {
    isForked(journal: JournalId): boolean;
    hashAt(line: JournalId, sequence: number): Promise<BatchHash | undefined>;
  };
  readonly membership: () => Membership;
  readonly clock: Pick<Clock, 'after'>;
}

/** A release as it stands here. */
interface Release extends CountedRelease {
  readonly covered: ReadonlyMap<JournalId, number>;
  /** All batches of its vector are here, and every writer has acknowledged it. */
  isSettled: boolean;
}

/** One step takes well below a millisecond. */
const batchesPerStep = 32;

export class ReleaseBook {
  readonly #parts: ReleaseBookParts;
  readonly #releases = new Map<StatementId, Release>();
  readonly #byChunk = new Map<ChunkId, Release[]>();
  /** Released, and named by a batch that no release covers, or not looked for in all of them yet. */
  readonly #needed = new Set<ChunkId>();
  /** Of those, what was found since the look began. */
  #found: Set<ChunkId> | undefined = new Set();
  /** Who has said of a release that it has named what it needs. */
  readonly #acknowledged = new Map<StatementId, Set<DeviceId>>();
  #forked: ReadonlySet<JournalId> = new Set();
  readonly #whole = Promise.withResolvers<boolean>();
  #refreshing: Promise<unknown> = this.#whole.promise;
  readonly #listeners: ((chunks: readonly ChunkId[]) => void)[] = [];
  readonly #neededListeners: ((id: ChunkId) => void)[] = [];
  readonly #usedListeners: ((id: ChunkId) => void)[] = [];

  /** Every batch that is here has to come by `note`, then `loaded`. */
  constructor(parts: ReleaseBookParts) {
    this.#parts = parts;
    for (const release of parts.membership().releases) this.#learn(release);
  }

  /** The journals were read. @param whole false: not to their end, so that nothing counts as released */
  loaded(whole: boolean): void {
    this.#forked = this.#forkedNow();
    if (whole) this.#endLook(this.#byChunk.keys());
    this.#whole.resolve(whole);
  }

  /** How many releases count. */
  get size(): number {
    return this.#releases.size;
  }

  /** Releases count that were not taken in yet. */
  get hasNews(): boolean {
    return this.#parts.membership().releases.some(({ id }) => !this.#releases.has(id));
  }

  /** Hears of chunks that were released just now and are not needed. */
  onReleased(listener: (chunks: readonly ChunkId[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Hears of chunks that were released and are needed again. */
  onNeeded(listener: (id: ChunkId) => void): void {
    this.#neededListeners.push(listener);
  }

  /** Hears of every chunk and small record that a batch names, or that somebody is about to use. */
  onUsed(listener: (id: ChunkId) => void): void {
    this.#usedListeners.push(listener);
  }

  /** A batch is durable here. @param line the journal, or the branch that it is on */
  note(line: JournalId, header: BatchHeader): void {
    const { device } = splitJournalId(header.journal);
    for (const id of header.acknowledges ?? []) {
      const devices = this.#acknowledged.get(id) ?? new Set();
      this.#acknowledged.set(id, devices.add(device));
    }
    this.noteNames(line, header);
  }

  /** A batch is about to be durable: what it names must not be dropped from now on. */
  noteNames(line: JournalId, header: BatchHeader): void {
    const { sequence } = header;
    if (this.#byChunk.size + this.#usedListeners.length === 0) return;
    for (const named of [header.chunksAdded, header.chunksReused, header.smallRecords]) {
      for (const { id } of named) {
        for (const listener of this.#usedListeners) listener(id);
        if (!this.#byChunk.has(id) || this.isCovered(id, line, sequence)) continue;
        this.#need(id);
      }
    }
  }

  /** Whether nobody needs a chunk any more for the sake of this batch. */
  isCovered(id: ChunkId, line: JournalId, sequence: number): boolean {
    const releases = this.#byChunk.get(id);
    if (releases === undefined || isBranchName(line) || this.#isForked(line)) return false;
    return releases.some(({ covered }) => (covered.get(line) ?? 0) >= sequence);
  }

  /** Whether it may be dropped, as far as `standing` saw last. */
  mayDrop(id: ChunkId): boolean {
    if (this.#found !== undefined || !this.isReleased(id)) return false;
    return this.#byChunk.get(id)?.every(({ isSettled }) => isSettled) === true;
  }

  /** Somebody here is about to use it: it is needed, as if a batch had named it. */
  use(id: ChunkId): void {
    for (const listener of this.#usedListeners) listener(id);
    if (this.#byChunk.has(id)) this.#need(id);
  }

  /**
   * Reads all journals again: whatever was missed is found.
   * @throws VaultError `damaged`, `io` when one cannot be read to its end: then nothing may be dropped
   */
  lookAgain(): Promise<void> {
    const looked = this.#refreshing.then(() => this.#readBeyond(() => 0));
    this.#refreshing = looked.catch(() => undefined);
    return looked;
  }

  /** Whether a release names it, needed or not. */
  knows(id: ChunkId): boolean {
    return this.#byChunk.has(id);
  }

  /** Whether a chunk or small record was released, and no batch has named it since. */
  isReleased(id: ChunkId): boolean {
    return this.#byChunk.has(id) && !this.#needed.has(id);
  }

  /**
   * Looks again at what counts as released. The membership grew, or a journal forked.
   * Batches that are appended meanwhile have to come by `note` all the same.
   */
  refresh(): Promise<void> {
    const refreshed = this.#refreshing.then(() => this.#refresh());
    // Whatever could not be looked at stays needed.
    this.#refreshing = refreshed.catch(() => undefined);
    return refreshed;
  }

  /** Releases that count, the devices that have not acknowledged each, and whether it may be acted on. */
  async standing(): Promise<readonly ReleaseStanding[]> {
    await this.#refreshing;
    const all: ReleaseStanding[] = [];
    for (const release of [...this.#releases.values()]) {
      const isWhole = await this.#isWhole(release);
      const waitsFor = this.#writers().filter(
        (device) => !this.hasAcknowledged(device, release.id),
      );
      release.isSettled = isWhole && waitsFor.length === 0;
      all.push({ id: release.id, chunks: release.chunks, isSettled: release.isSettled, waitsFor });
    }
    return all;
  }

  /** Whether a device has said in a batch that is here that it has named what it needs of a release. */
  hasAcknowledged(device: DeviceId, id: StatementId): boolean {
    return this.#acknowledged.get(id)?.has(device) === true;
  }

  /** Where the batches begin that a release does not cover. */
  vectorOf(id: StatementId): ReadonlyMap<JournalId, number> | undefined {
    return this.#releases.get(id)?.covered;
  }

  /** Releases that a device has not acknowledged. */
  unacknowledgedBy(device: DeviceId): readonly CountedRelease[] {
    return [...this.#releases.values()].filter((each) => !this.hasAcknowledged(device, each.id));
  }

  #need(id: ChunkId): void {
    this.#found?.add(id);
    if (this.#needed.has(id)) return;
    this.#needed.add(id);
    for (const listener of this.#neededListeners) listener(id);
  }

  async #refresh(): Promise<void> {
    if (!(await this.#whole.promise)) return;
    const counted = this.#parts.membership().releases;
    const ids = new Set(counted.map(({ id }) => id));
    const forked = this.#forkedNow();
    const fresh = counted.filter(({ id }) => !this.#releases.has(id));
    // Statements of an admin may count less far than before; a journal that forked is covered by nothing.
    const isLess =
      [...this.#releases.keys()].some((id) => !ids.has(id)) ||
      [...forked].some((journal) => !this.#forked.has(journal));
    this.#forked = forked;
    if (fresh.length === 0 && !isLess) return;
    if (isLess) this.#forget();
    this.#found = new Set();
    const learned = (isLess ? counted : fresh).map((release) => this.#learn(release));
    // A journal that forked is covered by nothing, so all of it matters.
    const isOpen = (line: JournalId): boolean => isLess || this.#isForked(line);
    await this.#readBeyond((line) => (isOpen(line) ? 0 : leastCovered(learned, line)));
    this.#endLook(learned.flatMap(({ chunks }) => chunks));
    const released = fresh.flatMap(({ chunks }) => chunks.filter((id) => this.isReleased(id)));
    for (const listener of this.#listeners) listener(released);
  }

  /** Until all batches beyond its vector were looked at, everything that it names counts as needed. */
  #learn(counted: CountedRelease): Release {
    const covered = new Map(counted.vector.map(({ journal, sequence }) => [journal, sequence]));
    const release = { ...counted, covered, isSettled: false };
    this.#releases.set(release.id, release);
    for (const id of release.chunks) {
      this.#needed.add(id);
      const others = this.#byChunk.get(id);
      if (others === undefined) this.#byChunk.set(id, [release]);
      else others.push(release);
    }
    return release;
  }

  #endLook(looked: Iterable<ChunkId>): void {
    for (const id of looked) if (this.#found?.has(id) !== true) this.#needed.delete(id);
    this.#found = undefined;
  }

  #forget(): void {
    this.#releases.clear();
    this.#byChunk.clear();
    this.#needed.clear();
  }

  #forkedNow(): ReadonlySet<JournalId> {
    const { journals, lines } = this.#parts;
    const all = journals.tips().map(({ journal }) => journal);
    return new Set(all.filter((journal) => lines.isForked(journal)));
  }

  #isForked(journal: JournalId): boolean {
    return this.#parts.lines.isForked(journal);
  }

  /** Reads headers again. @param from up to where those of a line do not matter */
  async #readBeyond(from: (line: JournalId) => number): Promise<void> {
    const { journals } = this.#parts;
    let batches = 0;
    for (const { journal: line, sequence } of [...journals.tips(), ...journals.branches()]) {
      const after = from(line);
      if (after >= sequence) continue;
      for await (const batch of journals.read(line, after)) {
        this.note(line, decodeBatchHeader(decodeBatch(batch.bytes).header).header);
        batches += 1;
        if (batches % batchesPerStep === 0) await this.#breathe();
      }
    }
  }

  #breathe(): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.clock.after(0, resolve);
    });
  }

  #writers(): readonly DeviceId[] {
    return writersOf(this.#parts.membership());
  }

  /** A journal that forked here is covered by nothing, so its place does not matter. */
  async #isWhole({ vector }: Release): Promise<boolean> {
    for (const { journal, sequence, hash } of vector) {
      if (this.#isForked(journal)) continue;
      if ((await this.#parts.lines.hashAt(journal, sequence)) !== hash) return false;
    }
    return true;
  }
}

export interface ReleaseStanding {
  readonly id: StatementId;
  readonly chunks: readonly ChunkId[];
  /** It may be acted on: every batch that it covers is here, and every writer has acknowledged it. */
  readonly isSettled: boolean;
  /** Active writers that have not acknowledged it in a batch that is here. */
  readonly waitsFor: readonly DeviceId[];
}

function leastCovered(releases: readonly Release[], line: JournalId): number {
  return Math.min(...releases.map(({ covered }) => covered.get(line) ?? 0));
}
