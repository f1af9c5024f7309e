/** The journals of the disk store behind the contract: tips in memory, batches read from the files. */
import { isBranchName } from '../../protocol/branch-name.ts';
import { blake3 } from '../../protocol/hash.ts';
import { VaultError } from '../../protocol/errors.ts';
import type { ChunkId, JournalId } from '../../protocol/ids.ts';
import { fileHeaderBytes } from './file-header.ts';
import {
  branchStart,
  JournalWalk,
  limitOf,
  type JournalState,
  type WalkedBatch,
} from './journal-file.ts';
import { smallChange } from './journal-places.ts';
import { JournalCollector } from './journal-collector.ts';
import { JournalWriter, type JournalWriterParts } from './journal-writer.ts';
import {
  decodeJournalPlace,
  journalPlaceEvery,
  journalPlaceKey,
  smallKey,
  type JournalPlace,
} from './keyspace.ts';
import { journalPath } from './paths.ts';
import type { Quarantine } from './quarantine.ts';
import { decodeRecordHeader, recordHeaderBytes } from './record.ts';
import { scanRecords } from './record-scan.ts';
import type { JournalStore, JournalTip, StoredBatch } from './store.ts';

export interface JournalStoreParts extends JournalWriterParts {
  readonly quarantine: Quarantine;
}

export interface DiskJournalStore extends JournalStore {
  bytes(): number;
  close(): Promise<void>;
}

export function createJournalStore(parts: JournalStoreParts): DiskJournalStore {
  const reader = new JournalReader(parts);
  const writer = new JournalWriter(parts, {
    tip: (journal) => reader.tip(journal),
    hashAt: (journal, sequence) => reader.hashAt(journal, sequence),
    hasSmall: (id) => reader.smallPlace(id) !== undefined,
  });
  const collector = new JournalCollector(parts, writer);
  return {
    tips: () => tipsOf(parts, false),
    branches: () => tipsOf(parts, true),
    tip: (journal) => reader.tip(journal),
    append: (batches) => writer.append(batches),
    read: (journal, afterSequence) => reader.read(journal, afterSequence),
    readSmall: (id) => reader.readSmall(id),
    hasSmall: (id) => reader.smallPlace(id) !== undefined,
    haveSmall: (ids) => reader.haveSmall(ids),
    smallLength: (id) => reader.smallPlace(id)?.length,
    smallWorth: (options) => collector.worth(options),
    async collectSmall(options) {
      try {
        return await collector.collect(options);
      } finally {
        reader.forgetHere();
      }
    },
    slim: (options) => collector.slim(options),
    damaged: () => parts.quarantine.journals(),
    bytes: () =>
      [...parts.states.values()]
        .flatMap(({ files }) => files)
        .reduce((sum, { end }) => sum + end, 0),
    close: () => writer.settle(),
  };
}

function tipsOf({ states }: JournalStoreParts, branches: boolean): JournalTip[] {
  return [...states.values()].flatMap(({ journal, tip }) =>
    isBranchName(journal) === branches ? (tip ?? []) : [],
  );
}

class JournalReader {
  readonly #parts: JournalStoreParts;

  /** Small records that were found in the index and were not lost since: a listing asks for all again. */
  readonly #hereForSure = new Set<ChunkId>();

  constructor(parts: JournalStoreParts) {
    this.#parts = parts;
  }

  tip(journal: JournalId): JournalState['tip'] {
    return this.#parts.states.get(journal)?.tip;
  }

  async hashAt(journal: JournalId, sequence: number): Promise<StoredBatch['hash'] | undefined> {
    const tip = this.tip(journal);
    if (tip?.sequence === sequence) return tip.hash;
    for await (const batch of this.read(journal, sequence - 1)) return batch.hash;
    return undefined;
  }

  /** See `JournalStore.read`. */
  async *read(journal: JournalId, afterSequence: number): AsyncGenerator<StoredBatch> {
    const state = this.#parts.states.get(journal);
    const last = state?.tip?.sequence ?? 0;
    if (state === undefined || afterSequence >= last) return;
    let after = Math.max(0, afterSequence);
    // A file that is written anew meanwhile has other places: whoever reads on looks for his again.
    for (let revision = NaN; revision !== state.revision && after < last;) {
      ({ revision } = state);
      for await (const batch of this.#readOn(state, { after, last })) {
        after = batch.sequence;
        yield batch;
      }
    }
    if (after < last) throw unreadable(journal, after + 1);
  }

  /** Ends early when a file of the journal was written anew. */
  async *#readOn(
    state: JournalState,
    { after, last }: { readonly after: number; readonly last: number },
  ): AsyncGenerator<StoredBatch> {
    const { revision } = state;
    const start = this.#startOf(state, after + 1);
    const walk = new JournalWalk({ sequence: start.sequence, hash: undefined });
    for (const [at, { number, end }] of [...state.files.entries()]) {
      if (number < start.file) continue;
      const from = number === start.file ? start.offset : fileHeaderBytes;
      for await (const batch of this.#batchesOf(state, walk, { at, from, end, revision })) {
        if (batch.prefix.sequence <= after) continue;
        if (batch.prefix.sequence > last) return;
        yield storedBatch(state.journal, batch);
      }
      if (state.revision !== revision) return;
    }
  }

  /** The kept place at or before a sequence number, or the beginning. */
  #startOf(
    state: JournalState,
    sequence: number,
  ): { file: number; offset: number; sequence: number } {
    const nearest = sequence - (sequence % journalPlaceEvery);
    for (let at = nearest; at > 0; at -= journalPlaceEvery) {
      const key = journalPlaceKey(state.journal, at);
      const place = decodeJournalPlace(key, this.#parts.index.get(key));
      if (place?.journal !== state.journal) continue;
      return { file: place.file, offset: place.offset, sequence: at - 1 };
    }
    return { file: 0, offset: fileHeaderBytes, sequence: branchStart(state.files) };
  }

  async *#batchesOf(
    state: JournalState,
    walk: JournalWalk,
    { at, from, end, revision }: { at: number; from: number; end: number; revision: number },
  ): AsyncGenerator<WalkedBatch> {
    const path = journalPath(state.journal, state.files[at]?.number ?? 0);
    const limit = limitOf(state.files, at);
    const { files, quarantine } = this.#parts;
    let position = from;
    // The handle is not held while the caller works on a batch: it may take as long as it likes.
    while (position < end) {
      const piece = await files.use(path, 'read', async (file) => {
        const batches: WalkedBatch[] = [];
        let bytes = 0;
        // While the file is open here nobody replaces it.
        if (state.revision !== revision) return undefined;
        for await (const found of scanRecords(file, { from: position, to: end, bodies: true })) {
          position = found.end;
          if (found.type === 'bad') {
            const { offset, header } = found;
            const reason = 'the record is damaged';
            const note = { file: path, offset, bytes: found.end - offset, id: header?.id, reason };
            const journal = header?.kind === 'small' ? undefined : state.journal;
            await quarantine.keep(file, { ...note, journal });
            continue;
          }
          const taken = walk.take(found, limit);
          if (taken === undefined || !('prefix' in taken)) continue;
          batches.push(taken);
          bytes += taken.bytes.length;
          if (bytes >= pieceBytes) break;
        }
        return batches;
      });
      if (piece === undefined) return;
      yield* piece;
    }
    walk.endFile();
  }

  /** Where a small record is, as far as the index knows. */
  smallPlace(id: ChunkId): JournalPlace | undefined {
    const key = smallKey(id);
    return decodeJournalPlace(key, this.#parts.index.get(key));
  }

  async haveSmall(ids: readonly ChunkId[]): Promise<readonly boolean[]> {
    const unknown = ids.filter((id) => !this.#hereForSure.has(id));
    const keys = unknown.map(smallKey);
    const values = await this.#parts.index.getMany(keys);
    const found = new Set(
      unknown.filter((_, at) => decodeJournalPlace(keys[at] ?? noKey, values[at]) !== undefined),
    );
    const have = ids.map((id) => found.has(id) || this.#hereForSure.has(id));
    if (this.#hereForSure.size + found.size > hereForSureMax) this.#hereForSure.clear();
    for (const id of found) this.#hereForSure.add(id);
    return have;
  }

  /** Small records went: what is known of them is looked for again. */
  forgetHere(): void {
    this.#hereForSure.clear();
  }

  /** See `JournalStore.readSmall`. */
  async readSmall(id: ChunkId): Promise<Buffer> {
    const op = 'journals.readSmall';
    const entry = this.#parts.index.get(smallKey(id));
    if (entry === undefined) throw new VaultError('chunk-missing', { op, subject: id });
    const place = this.smallPlace(id);
    const body = place && (await this.#smallAt(place));
    if (body !== undefined && isBodyOf(id, body)) return body;
    // Its file was written anew meanwhile: it is elsewhere, or went.
    const now = this.#parts.index.get(smallKey(id));
    if (now === undefined || !now.equals(entry)) return this.readSmall(id);
    const found = await this.#searchSmall(id);
    if (found !== undefined) return found;
    await this.#loseSmall(id, place);
    throw new VaultError('damaged', { op, subject: id, detail: 'it does not match its id' });
  }

  #smallAt({ journal, file, offset, length }: JournalPlace): Promise<Buffer> {
    return this.#parts.files.use(journalPath(journal, file), 'read', (handle) =>
      handle.read(offset + recordHeaderBytes, length),
    );
  }

  /** The index was wrong about a small record: looks through the journals themselves. */
  async #searchSmall(id: ChunkId): Promise<Buffer | undefined> {
    for (const { journal, files } of this.#parts.states.values()) {
      for (const { number, end } of files) {
        const hit = await this.#smallIn(journalPath(journal, number), id, end);
        if (hit === undefined) continue;
        const length = hit.body.length;
        const place = { journal, file: number, offset: hit.offset, length };
        this.#parts.index.add([smallChange(id, place)]);
        return hit.body;
      }
    }
    return undefined;
  }

  #smallIn(
    path: string,
    id: ChunkId,
    end: number,
  ): Promise<{ offset: number; body: Buffer } | undefined> {
    return this.#parts.files.use(path, 'read', async (file) => {
      const range = { from: fileHeaderBytes, to: end, bodies: true };
      for await (const found of scanRecords(file, range)) {
        if (found.type !== 'record' || found.header.kind !== 'small') continue;
        if (found.header.id !== id) continue;
        return { offset: found.offset, body: Buffer.from(found.body) };
      }
      return undefined;
    });
  }

  async #loseSmall(id: ChunkId, place: JournalPlace | undefined): Promise<void> {
    this.#hereForSure.delete(id);
    this.#parts.index.add([smallChange(id, undefined)]);
    if (place === undefined) return;
    const file = journalPath(place.journal, place.file);
    const bytes = recordHeaderBytes + place.length;
    const where = { file, offset: place.offset, bytes, reason: 'it does not match its id' };
    this.#parts.news.tell({ type: 'record-quarantined', ...where });
    await this.#parts.files.use(file, 'read', async (handle) => {
      const header = decodeRecordHeader(await handle.read(place.offset, recordHeaderBytes));
      await this.#parts.quarantine.keep(handle, { ...where, id: header?.id ?? id });
    });
  }
}

const pieceBytes = 1024 * 1024;
const hereForSureMax = 20_000;
const noKey = Buffer.alloc(0);

function storedBatch(journal: JournalId, batch: WalkedBatch): StoredBatch {
  const { sequence, previous } = batch.prefix;
  const small = batch.small.map(({ id, body }) => ({ id, body }));
  return { journal, sequence, hash: batch.hash, previous, bytes: batch.bytes, small };
}

function isBodyOf(id: ChunkId, body: Buffer): boolean {
  return blake3(body).toString('hex') === id;
}

function unreadable(journal: JournalId, sequence: number): VaultError {
  return new VaultError('damaged', {
    op: 'journals.read',
    subject: `batch ${String(sequence)} of journal ${journal}`,
    detail: 'its record cannot be read',
    next: 'it is fetched again when another device has it',
  });
}
