/**
 * Appends to journals in rounds: whatever was asked for while a round ran is written and synced in
 * the next one, each journal with one write and one sync. A batch becomes the tip only after its sync,
 * so a failure has nothing to take back: its file is left, and the next file says what it goes on from.
 */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import type { JournalId } from '../../protocol/ids.ts';
import { chunk, journal as journalLimits } from '../../protocol/limits.ts';
import type { Disk, IndexChange, Log } from '../ports.ts';
import { encodeBatchPrefix } from './batch-record.ts';
import type { BufferedIndex } from './buffered-index.ts';
import type { FileCache } from './file-cache.ts';
import { encodeFileHeader, fileHeaderBytes } from './file-header.ts';
import { journalSummaryChange, type JournalFile, type JournalState } from './journal-file.ts';
import { planAppend, type JournalView } from './journal-order.ts';
import { batchChanges, smallChange } from './journal-places.ts';
import { directories, journalPath } from './paths.ts';
import {
  encodeRecordHeader,
  encodeRecordHeaderInto,
  flagAlone,
  recordHeaderBytes,
} from './record.ts';
import { createSharedRound } from './shared-round.ts';
import type { SpaceGuard } from './space.ts';
import type { StoreNews } from './store-news.ts';
import type { SmallRecord, StoredBatch } from './store.ts';

export interface JournalWriterParts {
  readonly disk: Disk;
  readonly log: Log;
  readonly index: BufferedIndex;
  readonly files: FileCache;
  readonly space: SpaceGuard;
  readonly news: StoreNews;
  readonly states: Map<JournalId, JournalState>;
  readonly journalFileBytesMax: number;
}

export interface JournalLookup extends JournalView {
  hasSmall(id: SmallRecord['id']): boolean;
}

interface Request {
  readonly batches: readonly StoredBatch[];
  readonly journals: Set<JournalId>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What one round writes to one journal. */
interface Staged {
  readonly batches: StoredBatch[];
  /** Small records of batches that are here already, which were lost. */
  readonly lone: SmallRecord[];
}

export class JournalWriter {
  readonly #parts: JournalWriterParts;
  readonly #lookup: JournalLookup;
  readonly #round: () => Promise<void>;
  #requests: Request[] = [];

  constructor(parts: JournalWriterParts, lookup: JournalLookup) {
    this.#parts = parts;
    this.#lookup = lookup;
    this.#round = createSharedRound(() => this.#appendRound());
  }

  /** See `JournalStore.append`. */
  append(batches: readonly StoredBatch[]): Promise<void> {
    for (const batch of batches) checkSize(batch);
    return new Promise((resolve, reject) => {
      this.#requests.push({ batches, journals: new Set(), resolve, reject });
      this.#round().catch(reject);
    });
  }

  /** Nothing is appended to this file any more when it resolves: what comes goes into the next one. */
  async retire(file: JournalFile): Promise<void> {
    file.retired = true;
    // A round that runs may have taken it before.
    await this.#round();
  }

  /** Waits for what was asked for. */
  settle(): Promise<void> {
    return this.#round();
  }

  async #appendRound(): Promise<void> {
    const requests = this.#requests;
    this.#requests = [];
    const staged = new Map<JournalId, Staged>();
    const accepted: Request[] = [];
    for (const request of requests) {
      try {
        await this.#stage(request, staged);
        accepted.push(request);
      } catch (error) {
        request.reject(error);
      }
    }
    const failures = new Map<JournalId, unknown>();
    for (const [journal, work] of staged) {
      await this.#write(journal, work).catch((error: unknown) => failures.set(journal, error));
    }
    await this.#parts.index.flush().catch((error: unknown) => {
      this.#parts.log.warn({ error }, 'store: the index refused changes; they wait in memory');
    });
    for (const request of accepted) {
      const failed = [...request.journals].find((journal) => failures.has(journal));
      if (failed === undefined) request.resolve();
      else request.reject(failures.get(failed));
    }
  }

  async #stage(request: Request, staged: Map<JournalId, Staged>): Promise<void> {
    const stagedHash = (journal: JournalId, sequence: number) =>
      staged.get(journal)?.batches.find((batch) => batch.sequence === sequence)?.hash;
    const view: JournalView = {
      tip: (journal) => staged.get(journal)?.batches.at(-1) ?? this.#lookup.tip(journal),
      hashAt: async (journal, sequence) =>
        stagedHash(journal, sequence) ?? (await this.#lookup.hashAt(journal, sequence)),
    };
    const { fresh, known } = await planAppend(view, request.batches);
    const workOf = (journal: JournalId): Staged => {
      const work = staged.get(journal) ?? { batches: [], lone: [] };
      staged.set(journal, work);
      request.journals.add(journal);
      return work;
    };
    for (const batch of known) {
      if (stagedHash(batch.journal, batch.sequence) !== undefined) workOf(batch.journal);
      const lost = batch.small.filter(({ id }) => !this.#lookup.hasSmall(id));
      if (lost.length > 0) workOf(batch.journal).lone.push(...lost);
    }
    for (const batch of fresh) workOf(batch.journal).batches.push(batch);
  }

  /** Writes and syncs, or leaves the file behind. */
  async #write(journal: JournalId, work: Staged): Promise<void> {
    if (work.batches.length + work.lone.length === 0) return;
    const state = this.#parts.states.get(journal) ?? {
      journal,
      files: [],
      tip: undefined,
      revision: 0,
    };
    // Also when the write fails: the state knows which file must not be used again.
    this.#parts.states.set(journal, state);
    const file = await this.#fileFor(state, work);
    const placed = placeRecords(work, { journal, file: file.number, offset: file.end });
    await this.#put(state, file, placed.parts);
    await this.#sync(state, file);
    file.end = placed.end;
    const last = work.batches.at(-1);
    if (last !== undefined) {
      state.tip = { journal, sequence: last.sequence, hash: last.hash };
    }
    this.#parts.index.add([...placed.changes, journalSummaryChange(state)]);
  }

  async #fileFor(state: JournalState, work: Staged): Promise<JournalFile> {
    const bytes = bytesOf(work);
    const last = state.files.at(-1);
    const begun = last !== undefined && last.end > fileHeaderBytes;
    const fits = !begun || last.end + bytes <= this.#parts.journalFileBytesMax;
    if (last !== undefined && !last.retired && fits) return last;
    const number = (last?.number ?? -1) + 1;
    const base = state.tip?.sequence ?? (work.batches[0]?.sequence ?? 1) - 1;
    const file = await this.#create(state, number, base);
    state.files.push(file);
    return file;
  }

  async #create(state: JournalState, number: number, base: number): Promise<JournalFile> {
    const { disk } = this.#parts;
    const path = journalPath(state.journal, number);
    // A file of this number that a failed attempt left: no handle to it may be used again.
    await this.#parts.files.drop(path);
    await disk.remove(path);
    const file = await disk.open(path, 'create');
    try {
      await file.write(0, [
        encodeFileHeader({ kind: 'journal', number, base, tag: state.journal }),
      ]);
    } finally {
      await file.close();
    }
    return { number, base, end: fileHeaderBytes, retired: false, fresh: true, revision: 0 };
  }

  /** Writes at the end of the file; when the disk is full, once more after the ballast went. */
  async #put(state: JournalState, file: JournalFile, parts: readonly Uint8Array[]): Promise<void> {
    const path = journalPath(state.journal, file.number);
    const write = () =>
      this.#parts.files.use(path, 'write', (handle) => handle.write(file.end, parts));
    try {
      try {
        await write();
      } catch (error) {
        if (!isVaultError(error, 'disk-full')) throw error;
        await this.#parts.space.noticeFull('a write met the end of the disk');
        await write();
      }
    } catch (error) {
      const cut = await this.#cut(path, file);
      if (!cut || !isVaultError(error, 'disk-full')) file.retired = true;
      throw error;
    }
  }

  async #sync(state: JournalState, file: JournalFile): Promise<void> {
    const path = journalPath(state.journal, file.number);
    try {
      await this.#parts.files.use(path, 'write', (handle) => handle.sync());
      if (file.fresh) await this.#parts.disk.syncDirectory(directories.journals);
      file.fresh = false;
    } catch (error) {
      file.retired = true;
      await this.#cut(path, file);
      await this.#parts.files.drop(path);
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.news.tell({ type: 'sync-failed', file: path, reason });
      throw error;
    }
  }

  /** Takes a partial tail back, as far as the disk lets us. */
  async #cut(path: string, file: JournalFile): Promise<boolean> {
    try {
      await this.#parts.files.use(path, 'write', (handle) => handle.truncate(file.end));
      return true;
    } catch (error) {
      this.#parts.log.warn({ error, path }, 'store: a partial write could not be taken back');
      return false;
    }
  }
}

/** Record parts, where they end, and what the index will know, for a file that is at `offset`. */
export function placeRecords(
  {
    batches,
    lone,
  }: { readonly batches: readonly StoredBatch[]; readonly lone: readonly SmallRecord[] },
  at: { readonly journal: JournalId; readonly file: number; readonly offset: number },
): { parts: Uint8Array[]; changes: IndexChange[]; end: number } {
  const where = { journal: at.journal, file: at.file };
  const parts: Uint8Array[] = [];
  const changes: IndexChange[] = [];
  let end = at.offset;
  const put = (...bytes: readonly Uint8Array[]): void => {
    parts.push(...bytes);
    end += bytes.reduce((sum, { length }) => sum + length, 0);
  };
  const putSmall = (small: readonly SmallRecord[], flags: number): readonly PlacedSmall[] => {
    const { bytes, placed } = encodeSmall(small, { flags, offset: end });
    put(bytes);
    return placed;
  };
  for (const { id, offset, body } of putSmall(lone, flagAlone)) {
    changes.push(smallChange(id, { ...where, offset, length: body.length }));
  }
  for (const batch of batches) {
    const first = end;
    const small = putSmall(batch.small, 0);
    const { sequence, previous, hash, bytes } = batch;
    const prefix = encodeBatchPrefix({ sequence, previous, smallCount: small.length }, bytes);
    const length = prefix.length + bytes.length;
    put(encodeRecordHeader({ kind: 'batch', flags: 0, length, id: hash }), prefix, bytes);
    changes.push(...batchChanges(where, { prefix: { sequence }, small, offset: first }));
  }
  return { parts, changes, end };
}

interface PlacedSmall extends SmallRecord {
  readonly offset: number;
}

/** In one piece: two parts for each would cost more than copying a few hundred bytes. */
function encodeSmall(
  small: readonly SmallRecord[],
  { flags, offset }: { readonly flags: number; readonly offset: number },
): { bytes: Buffer; placed: PlacedSmall[] } {
  const total = small.reduce((sum, { body }) => sum + recordHeaderBytes + body.length, 0);
  const bytes = Buffer.allocUnsafe(total);
  let at = 0;
  const placed = small.map(({ id, body }) => {
    const from = at;
    encodeRecordHeaderInto(bytes, from, { kind: 'small', flags, length: body.length, id });
    bytes.set(body, from + recordHeaderBytes);
    at = from + recordHeaderBytes + body.length;
    return { id, body, offset: offset + from };
  });
  return { bytes, placed };
}

/** About how many bytes this work takes in a file. */
function bytesOf({ batches, lone }: Staged): number {
  const records = [...lone.map(({ body }) => body), ...batches.map(({ bytes }) => bytes)];
  const small = batches.flatMap((batch) => batch.small.map(({ body }) => body));
  return [...records, ...small].reduce((sum, { length }) => sum + recordHeaderBytes + length, 0);
}

function checkSize(batch: StoredBatch): void {
  const fits = batch.bytes.length <= journalLimits.batchBytesMax;
  const smallFit = batch.small.every(({ body }) => body.length <= chunk.smallRecordBytesMax);
  if (fits && smallFit) return;
  throw new VaultError('too-large', { op: 'journals.append', subject: batch.hash });
}
