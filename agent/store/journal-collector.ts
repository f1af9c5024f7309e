/**
 * Gives the space of small records back that nobody needs any more: a file of a journal that holds
 * enough of them is written anew without them, beside the old one, and takes its place when it is synced
 * and was read back. Batches stay as they are, byte for byte; only how many small records stand before
 * one changes, which is the store's own business. The same way batches lose their bodies that were folded
 * away (`slim`). A journal that lost something is left alone.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { BatchHash, ChunkId, JournalId } from '../../protocol/ids.ts';
import { MiB } from '../../protocol/limits.ts';
import type { Disk, DiskFile, IndexChange, Log } from '../ports.ts';
import type { BufferedIndex } from './buffered-index.ts';
import type { FileCache } from './file-cache.ts';
import { encodeFileHeader, fileHeaderBytes } from './file-header.ts';
import {
  journalSummaryChange,
  JournalWalk,
  limitOf,
  type JournalFile,
  type JournalState,
} from './journal-file.ts';
import { smallChange } from './journal-places.ts';
import { placeRecords, type JournalWriter } from './journal-writer.ts';
import { decodeJournalPlace, smallKey } from './keyspace.ts';
import { directories, journalPath, rewrittenPath } from './paths.ts';
import type { Quarantine } from './quarantine.ts';
import { recordHeaderBytes } from './record.ts';
import { scanRecords } from './record-scan.ts';
import type { CollectSmallOptions, SlimOptions, SmallRecord, StoredBatch } from './store.ts';

export interface JournalCollectorParts {
  readonly disk: Disk;
  readonly index: BufferedIndex;
  readonly files: FileCache;
  readonly quarantine: Quarantine;
  readonly states: ReadonlyMap<JournalId, JournalState>;
  readonly log: Log;
}

const stepBytes = 4 * MiB;

type RewriteOptions = Pick<CollectSmallOptions, 'isDead' | 'pace'>;

/** One file, and the records in it that may go. */
interface Task {
  readonly state: JournalState;
  readonly file: JournalFile;
  readonly dead: Set<ChunkId>;
  bytes: number;
  /** Batches up to a number are written otherwise. */
  readonly slim?: Pick<SlimOptions, 'upTo' | 'slim'>;
}

/** What a walk through a file found in it. */
interface Sum {
  batches: number;
  small: number;
  hash: BatchHash | undefined;
  /** Something that does not count, or cannot be read. */
  isOdd: boolean;
}

export class JournalCollector {
  readonly #parts: JournalCollectorParts;
  readonly #writer: Pick<JournalWriter, 'retire'>;
  #running: Promise<unknown> = Promise.resolve();
  /** Files that hold what does not count, as far as they went: they are not copied in vain again. */
  readonly #odd = new Map<string, number>();

  constructor(parts: JournalCollectorParts, writer: Pick<JournalWriter, 'retire'>) {
    this.#parts = parts;
    this.#writer = writer;
  }

  /** See `JournalStore.collectSmall`. One at a time. */
  collect(options: CollectSmallOptions): Promise<{ freedBytes: number; copiedBytes: number }> {
    const collected = this.#running.then(() => this.#collect(options));
    this.#running = collected.catch(() => undefined);
    return collected;
  }

  /** See `JournalStore.slim`. Not while something else is written anew. */
  slim(options: SlimOptions): Promise<number> {
    const slimmed = this.#running.then(() => this.#slim(options));
    this.#running = slimmed.catch(() => undefined);
    return slimmed;
  }

  /** Bytes in files that are worth being written anew for it. */
  worth({ ids, deadFractionMin }: Pick<CollectSmallOptions, 'ids' | 'deadFractionMin'>): number {
    return this.#tasks(ids, deadFractionMin).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async #collect(
    options: CollectSmallOptions,
  ): Promise<{ freedBytes: number; copiedBytes: number }> {
    const done = { freedBytes: 0, copiedBytes: 0 };
    for (const task of this.#tasks(options.ids, options.deadFractionMin)) {
      await options.pace();
      const { file } = task;
      if (!file.retired) await this.#writer.retire(file);
      const before = file.end;
      if (!(await this.#rewrite(task, options))) continue;
      done.freedBytes += before - file.end;
      done.copiedBytes += file.end;
    }
    return done;
  }

  async #slim({ journal, upTo, slim, pace }: SlimOptions): Promise<number> {
    const { states, quarantine } = this.#parts;
    const state = states.get(journal);
    if (state === undefined || quarantine.journals().includes(journal)) return 0;
    let freedBytes = 0;
    for (const file of [...state.files]) {
      const path = journalPath(journal, file.number);
      if (file.base >= upTo || this.#odd.get(path) === file.end) continue;
      await pace();
      const task: Task = { state, file, dead: new Set(), bytes: 0, slim: { upTo, slim } };
      if (!(await this.#isFat(task, pace))) continue;
      if (!file.retired) await this.#writer.retire(file);
      const before = file.end;
      if (await this.#rewrite(task, { isDead: () => true, pace })) freedBytes += before - file.end;
    }
    return freedBytes;
  }

  /** Whether a batch of the file is written otherwise: after a crash, or at the next fold, many are not. */
  async #isFat({ state, file, slim }: Task, pace: () => Promise<void>): Promise<boolean> {
    const { disk } = this.#parts;
    const source = await disk.open(journalPath(state.journal, file.number), 'read');
    let bytes = 0;
    try {
      for await (const found of this.#walk(source, state, file)) {
        if (found === 'odd') return true;
        const { batch, lone } = found;
        if (batch !== undefined && slim !== undefined) {
          if (batch.sequence > slim.upTo) return false;
          if (slim.slim(batch.bytes).length < batch.bytes.length) return true;
        }
        for (const { body } of batch?.small ?? lone) bytes += body.length;
        bytes += batch?.bytes.length ?? 0;
        if (bytes < stepBytes) continue;
        await pace();
        bytes = 0;
      }
      return false;
    } finally {
      await source.close();
    }
  }

  #tasks(ids: readonly ChunkId[], deadFractionMin: number): readonly Task[] {
    const { index, states, quarantine } = this.#parts;
    const damaged = new Set(quarantine.journals());
    const tasks = new Map<string, Task>();
    for (const id of ids) {
      const key = smallKey(id);
      const place = decodeJournalPlace(key, index.get(key));
      const state = place && states.get(place.journal);
      const file = state?.files.find(({ number }) => number === place?.file);
      if (place === undefined || state === undefined || file === undefined) continue;
      if (damaged.has(state.journal)) continue;
      const path = journalPath(state.journal, file.number);
      if (this.#odd.get(path) === file.end) continue;
      const task: Task = tasks.get(path) ?? { state, file, dead: new Set(), bytes: 0 };
      tasks.set(path, task);
      task.dead.add(id);
      task.bytes += recordHeaderBytes + place.length;
    }
    return [...tasks.values()].filter(({ bytes, file }) => bytes >= deadFractionMin * file.end);
  }

  /** @returns whether the file was written anew */
  async #rewrite(task: Task, options: RewriteOptions): Promise<boolean> {
    const { disk } = this.#parts;
    const beside = rewrittenPath(journalPath(task.state.journal, task.file.number));
    try {
      return await this.#rewriteBeside(beside, task, options);
    } catch (error) {
      // A disk that is full stays so with half a copy on it.
      await disk.remove(beside).catch(() => undefined);
      throw error;
    }
  }

  async #rewriteBeside(beside: string, task: Task, options: RewriteOptions): Promise<boolean> {
    const { disk, files, index, log } = this.#parts;
    const { state, file } = task;
    const path = journalPath(state.journal, file.number);
    await disk.remove(beside);
    const dead = new Set([...task.dead].filter((id) => options.isDead(id)));
    const copied = await this.#copy(beside, { ...task, dead }, options.pace);
    if (copied === undefined) {
      log.warn({ path }, 'store: a file of a journal holds what does not count; it stays as it is');
      this.#odd.set(path, file.end);
      await disk.remove(beside);
      return false;
    }
    return files.alone(path, async () => {
      const places = [...dead].map((id) => ({ id, value: index.get(smallKey(id)) }));
      const gone = places.map(({ id }) => smallChange(id, undefined));
      const [last] = gone;
      const restore = (): void => {
        index.add(places.map(({ id, value }) => ({ key: smallKey(id), value })));
      };
      index.add(gone);
      try {
        // What it would remember of them after a power cut could not be told from what is true.
        if (last !== undefined) await index.settle(last);
        // The last moment at which somebody can have come to need one.
        if ([...dead].some((id) => !options.isDead(id))) {
          restore();
          await disk.remove(beside);
          return false;
        }
        await disk.rename(beside, path);
      } catch (error) {
        restore();
        throw error;
      }
      // From here on the file is the new one, whether or not its name is on the medium yet.
      file.end = copied.end;
      file.revision += 1;
      state.revision += 1;
      try {
        await disk.syncDirectory(directories.journals);
      } finally {
        index.add([...copied.changes, journalSummaryChange(state)]);
      }
      return true;
    });
  }

  /** Writes the file beside, syncs it and reads it back; undefined when it is none to be copied. */
  async #copy(
    beside: string,
    task: Task,
    pace: () => Promise<void>,
  ): Promise<{ end: number; changes: readonly IndexChange[] } | undefined> {
    const { disk } = this.#parts;
    const { state, file } = task;
    const { journal } = state;
    const { number, base } = file;
    const path = journalPath(journal, number);
    const target = await disk.open(beside, 'create');
    try {
      const revision = file.revision + 1;
      await target.write(0, [
        encodeFileHeader({ kind: 'journal', number, base, tag: journal, revision }),
      ]);
      const changes: IndexChange[] = [];
      const copied: Sum = { batches: 0, small: 0, hash: undefined, isOdd: false };
      let end = fileHeaderBytes;
      for await (const group of this.#groups(path, task, copied)) {
        const placed = placeRecords(group, { journal, file: number, offset: end });
        await target.write(end, placed.parts);
        end = placed.end;
        changes.push(...placed.changes);
        await pace();
      }
      await target.sync();
      const back = await this.#sumOf(target, { ...task, file: { ...file, end } });
      if (copied.isOdd || back.isOdd) return undefined;
      if (isSame(copied, back)) return { end, changes };
      throw new VaultError('io', {
        op: 'journals.collect',
        subject: path,
        detail: 'what was written could not be read back; the old file stays',
      });
    } finally {
      await target.close();
    }
  }

  /** What of a file stays, in pieces, and in `sum` what that is. */
  async *#groups(
    path: string,
    task: Task,
    sum: Sum,
  ): AsyncGenerator<{ batches: StoredBatch[]; lone: SmallRecord[] }> {
    const { state, file, dead, slim } = task;
    let group: { batches: StoredBatch[]; lone: SmallRecord[]; bytes: number } = emptyGroup();
    const source = await this.#parts.disk.open(path, 'read');
    try {
      const keeps = ({ id }: SmallRecord): boolean => !dead.has(id);
      for await (const found of this.#walk(source, state, file)) {
        if (found === 'odd') {
          sum.isOdd = true;
          return;
        }
        const { batch, lone } = found;
        const small = (batch?.small ?? lone).filter(keeps);
        sum.small += small.length;
        if (batch === undefined) group.lone.push(...small);
        else {
          const isSlim = slim !== undefined && batch.sequence <= slim.upTo;
          const bytes = isSlim ? slim.slim(batch.bytes) : batch.bytes;
          group.batches.push({ ...batch, bytes, small });
          group.bytes += bytes.length;
          sum.batches += 1;
          sum.hash = batch.hash;
        }
        group.bytes += small.reduce((bytes, { body }) => bytes + body.length, 0);
        if (group.bytes < stepBytes) continue;
        yield group;
        group = emptyGroup();
      }
      yield group;
    } finally {
      await source.close();
    }
  }

  async #sumOf(source: DiskFile, { state, file }: Pick<Task, 'state' | 'file'>): Promise<Sum> {
    const sum: Sum = { batches: 0, small: 0, hash: undefined, isOdd: false };
    for await (const found of this.#walk(source, state, file)) {
      if (found === 'odd') return { ...sum, isOdd: true };
      const { batch, lone } = found;
      sum.small += (batch?.small ?? lone).length;
      if (batch === undefined) continue;
      sum.batches += 1;
      sum.hash = batch.hash;
    }
    return sum;
  }

  /** Everything that counts in a file; `odd`: something is there that does not. */
  async *#walk(
    source: DiskFile,
    state: JournalState,
    file: JournalFile,
  ): AsyncGenerator<{ batch?: StoredBatch; lone: SmallRecord[] } | 'odd'> {
    const at = state.files.findIndex(({ number }) => number === file.number);
    const limit = limitOf(state.files, at);
    const walk = new JournalWalk({ sequence: file.base, hash: undefined });
    const range = { from: fileHeaderBytes, to: file.end, bodies: true };
    for await (const found of scanRecords(source, range)) {
      if (found.type === 'bad') return yield 'odd';
      const taken = walk.take(found, limit);
      if (walk.stranded > 0) return yield 'odd';
      if (taken === undefined) continue;
      if (!('prefix' in taken)) {
        yield { lone: [{ id: taken.id, body: taken.body }] };
        continue;
      }
      const { hash, bytes, prefix } = taken;
      const { sequence, previous } = prefix;
      const small = taken.small.map(({ id, body }) => ({ id, body }));
      yield { batch: { journal: state.journal, sequence, hash, previous, bytes, small }, lone: [] };
    }
    if (walk.waiting.length > 0) yield 'odd';
  }
}

function emptyGroup(): { batches: StoredBatch[]; lone: SmallRecord[]; bytes: number } {
  return { batches: [], lone: [], bytes: 0 };
}

function isSame(a: Sum, b: Sum): boolean {
  return a.batches === b.batches && a.small === b.small && a.hash === b.hash;
}
