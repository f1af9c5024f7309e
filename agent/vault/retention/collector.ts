/**
 * Gives space back on this device. Dropped is what was released, every active writer has acknowledged and
 * no batch here names since, and what no batch has ever named; then the store is asked to empty and
 * remove files. It runs by itself, slowly, after releases came or were acknowledged, and at once when a
 * person asks.
 */
import { toVaultError, VaultError } from '../../../protocol/errors.ts';
import type { CollectReport } from '../../../protocol/control/retention-reports.ts';
import type { ChunkId } from '../../../protocol/ids.ts';
import type { Content, NamedChunk } from '../../../protocol/messages/op.ts';
import type { Clock, Log, Timer } from '../../ports.ts';
import type { Activities } from '../activities.ts';
import { inspectContent } from '../local-content.ts';
import type { ReadParts } from '../read-content.ts';
import type { CollectionMark } from './collection-mark.ts';
import { standingOf, unnamedOf, type Standing, type StandingParts } from './standing.ts';

export interface CollectorParts extends ReadParts, Omit<StandingParts, 'store'> {
  readonly activities: Activities;
  readonly log: Log;
  readonly mark: CollectionMark;
  /** Contents that open files read from, and changes on their way build on. */
  readonly contentsInUse: () => Iterable<Content>;
  /** Of the state that the journals of this device begin with. */
  readonly pages: () => readonly NamedChunk[];
  readonly onCollected: (report: CollectReport) => void;
  /** Something waits for other devices than before. */
  readonly onWaiting: (report: CollectReport) => void;
}

/** A report, and when it was made. */
export interface DatedReport {
  readonly atMs: number;
  readonly report: CollectReport;
}

const firstAfterMs = 30_000;
const soonMs = 5_000;
const everyMs = 6 * 3_600_000;
/** It looks for chunks that nothing names after so long, and then so often. */
const lookFirstAfterMs = 30 * 60_000;
const lookEveryMs = 24 * 3_600_000;
/** What is ripe but for uploads that go on is asked for again after so long. */
const uploadsMs = 10 * 60_000;
/** By itself it works a fourth of the time at most. */
const restPerStepMs = 20;
const readersMs = 30_000;
/** By itself files are emptied when they are mostly dead; a person wants more of it back. */
const deadFractions = { background: 0.5, asked: 0.1 } as const;
/** The same of journals: who asks wants what was let go to be gone. */
const smallFractions = { background: 0.25, asked: 0 } as const;
const passesMax = 4;
const dropAtOnce = 512;

export class Collector {
  readonly #parts: CollectorParts;
  #timer: Timer | undefined;
  #nextMs: number | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #last: DatedReport | undefined;
  #seen: DatedReport | undefined;
  /** Dropped, in files that were not worth emptying. */
  #leftBytes: number | undefined;
  /** Whom something waited for when it was told last. */
  #toldWaits: ReadonlySet<string> = new Set();
  #closed = false;

  /** By the monotonic clock. */
  #lookDueMs: number;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    this.#lookDueMs = parts.clock.monotonicMs() + lookFirstAfterMs;
  }

  /** To be called once. */
  start(): void {
    this.#after(firstAfterMs);
  }

  /** Something may be free by now. */
  look(): void {
    if (this.#timer !== undefined) this.#after(soonMs);
  }

  /** What the last run did; undefined: none has ended. */
  get last(): DatedReport | undefined {
    return this.#last;
  }

  /** What could go and what waits, as far as somebody has looked. */
  get seen(): DatedReport | undefined {
    return this.#seen;
  }

  /** Bytes of chunks and small records here that nothing needs, as of the last look; undefined: nobody has looked. */
  get deadBytes(): number | undefined {
    if (this.#seen === undefined || this.#leftBytes === undefined) return undefined;
    const { bytes, waitingBytes, unnamedBytes } = this.#seen.report;
    return bytes + waitingBytes + unnamedBytes + this.#leftBytes;
  }

  /** When it runs by itself next; undefined: not before it was started. */
  get nextMs(): number | undefined {
    return this.#nextMs;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** What could be given back now, and what has to wait for whom. */
  async survey(): Promise<CollectReport> {
    return { ...(await this.#standing()).report, dryRun: true };
  }

  /** One run for a person. */
  collect(): Promise<CollectReport> {
    return this.#inTurn(() => this.#collect('asked'));
  }

  #after(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#closed) return;
    this.#nextMs = this.#parts.clock.nowMs() + delayMs;
    this.#timer = this.#parts.clock.after(delayMs, () => void this.#runAlone());
  }

  /** One run by itself, then the wait for the next one. Never rejects. */
  async #runAlone(): Promise<void> {
    try {
      await this.#inTurn(() => this.#collect('background'));
    } catch (error) {
      // Not even what could go was found out: a disk that cannot be read, for example.
      this.#parts.log.warn({ error }, 'space was not collected; it is tried again');
    }
    this.#after(this.#pauseMs());
  }

  /** Until there may be something to do, without news. */
  #pauseMs(): number {
    const { unnamed, clock } = this.#parts;
    const lookMs = this.#lookDueMs - clock.monotonicMs();
    const dropMs = unnamed.leftMs === undefined ? everyMs : Math.max(unnamed.leftMs, uploadsMs);
    // Also after a run that failed: what made it fail lasts, most likely.
    return Math.max(uploadsMs, Math.min(everyMs, lookMs, dropMs));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#running.then(work);
    this.#running = done.catch(() => undefined);
    return done;
  }

  async #collect(by: keyof typeof deadFractions): Promise<CollectReport> {
    const { report, ...standing } = await this.#standing();
    this.#tellWaits(report);
    const done: Done = { chunks: 0, bytes: 0, freedBytes: 0, copiedBytes: 0, stopped: null };
    try {
      await this.#dropReleased(standing, by, done);
      await this.#dropUnnamed(by, done);
      await this.#empty(by, done);
    } catch (error) {
      const { message, detail } = toVaultError(error, 'vault.collect');
      done.stopped = detail ?? message;
      this.#parts.log.warn({ error }, 'the collection of space stopped');
    }
    const collected = { ...report, ...unnamedOf(this.#parts), ...done };
    this.#last = { atMs: this.#parts.clock.nowMs(), report: collected };
    if (this.#closed) return collected;
    if (done.chunks > 0 || done.freedBytes > 0 || done.stopped !== null)
      this.#parts.onCollected(collected);
    // What was done is done, whether or not somebody can say what is left.
    if (done.chunks > 0 || done.freedBytes > 0) await this.#standing().catch(() => undefined);
    return collected;
  }

  async #standing(): Promise<Standing> {
    const standing = await standingOf(this.#parts);
    this.#seen = { atMs: this.#parts.clock.nowMs(), report: standing.report };
    return standing;
  }

  /** Says once whom something waits for, and again when it is somebody else. */
  #tellWaits(report: CollectReport): void {
    const waits = report.waitsFor.map(({ deviceId }) => deviceId);
    if (waits.some((device) => !this.#toldWaits.has(device))) this.#parts.onWaiting(report);
    this.#toldWaits = new Set(waits);
  }

  async #dropReleased(
    { droppable, droppableSmall }: Omit<Standing, 'report'>,
    by: keyof typeof deadFractions,
    done: Done,
  ): Promise<void> {
    const { releases, store, mark } = this.#parts;
    const small = { ids: droppableSmall, deadFractionMin: smallFractions[by] };
    if (droppable.length === 0 && store.journals.smallWorth(small) === 0) return;
    await mark.check();
    // The marks are made anew from the journals: nothing that is remembered decides alone.
    await releases.lookAgain();
    const inUse = await this.#inUse();
    for (let at = 0; at < droppable.length; at += dropAtOnce) {
      const some = droppable.slice(at, at + dropAtOnce);
      const mayGo = some.filter((id) => releases.mayDrop(id) && !inUse.has(id));
      count(done, store.chunks.drop(mayGo));
      await this.#pace(by);
    }
    const rewritten = await store.journals.collectSmall({
      ...small,
      isDead: (id) => releases.mayDrop(id) && !inUse.has(id),
      pace: () => this.#pace(by),
    });
    done.freedBytes += rewritten.freedBytes;
    done.copiedBytes += rewritten.copiedBytes;
    const gone = droppableSmall.filter((id) => store.journals.smallLength(id) === undefined);
    count(done, { chunks: gone.length, bytes: rewritten.freedBytes });
    await mark.write();
  }

  /** What was found before and is ripe goes; then it looks again. By itself it looks once a day. */
  async #dropUnnamed(by: keyof typeof deadFractions, done: Done): Promise<void> {
    const { unnamed, mark, clock } = this.#parts;
    const pace = (): Promise<void> => this.#pace(by);
    if (unnamed.isRipe) {
      await mark.check();
      count(done, await unnamed.drop(pace));
    }
    if (by === 'background' && clock.monotonicMs() < this.#lookDueMs) return;
    this.#lookDueMs = clock.monotonicMs() + everyMs;
    await mark.check();
    await unnamed.look(pace);
    await mark.write();
    this.#lookDueMs = clock.monotonicMs() + lookEveryMs;
    // Sooner than it would have been, perhaps.
    if (by === 'asked' && unnamed.leftMs !== undefined && !this.#closed)
      this.#after(this.#pauseMs());
  }

  async #empty(by: keyof typeof deadFractions, done: Done): Promise<void> {
    const { releases, unnamed, store, activities, clock } = this.#parts;
    if (releases.size === 0 && !unnamed.hasDropped) {
      this.#leftBytes = 0;
      return;
    }
    for (let pass = 0; pass < passesMax; pass++) {
      const result = await store.chunks.collect({
        isDead: (id) => releases.mayDrop(id) || unnamed.isDead(id),
        deadFractionMin: deadFractions[by],
        pace: () => this.#pace(by),
      });
      done.freedBytes += result.freedBytes;
      done.copiedBytes += result.copiedBytes;
      this.#leftBytes = result.deadBytes;
      if (result.segmentsLeft === 0) return;
      // Somebody may be reading what was dropped: it goes when they are done.
      if (!(await within(clock, readersMs, activities.settled()))) {
        throw new VaultError('overload', {
          op: 'vault.collect',
          detail:
            'something that takes long reads or writes in the vault; the rest goes when it is done',
        });
      }
    }
  }

  async #pace(by: keyof typeof deadFractions): Promise<void> {
    if (this.#closed) throw new VaultError('cancelled', { op: 'vault.collect' });
    const { clock } = this.#parts;
    await new Promise<void>((resolve) => {
      clock.after(by === 'asked' ? 0 : restPerStepMs, resolve);
    });
  }

  /**
   * Pages of the state that the journals begin with, and every chunk of what open files read; one whose list of
   * chunks is not here has been read no further.
   */
  async #inUse(): Promise<ReadonlySet<ChunkId>> {
    const ids = new Set(this.#parts.pages().map(({ id }) => id));
    for (const content of this.#parts.contentsInUse())
      await inspectContent(this.#parts, content, ({ id }) => ids.add(id));
    return ids;
  }
}

/** What a run has done so far. */
interface Done {
  chunks: number;
  bytes: number;
  freedBytes: number;
  copiedBytes: number;
  stopped: string | null;
}

function count(done: Done, dropped: { readonly chunks: number; readonly bytes: number }): void {
  done.chunks += dropped.chunks;
  done.bytes += dropped.bytes;
}

/** Whether `work` was done in time. */
async function within(
  clock: Pick<Clock, 'after'>,
  delayMs: number,
  work: Promise<void>,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = clock.after(delayMs, () => {
    resolve(false);
  });
  void work.then(() => {
    resolve(true);
  });
  const done = await promise;
  timer.cancel();
  return done;
}
