/**
 * The store in memory, as plain as it can be: for tests of the layers above, and the naive twin that
 * the disk store is compared with. Everything is durable at once because nothing survives anyway.
 */
import { isBranchName } from '../../protocol/branch-name.ts';
import { blake3 } from '../../protocol/hash.ts';
import { VaultError } from '../../protocol/errors.ts';
import type { BatchHash, ChunkId, JournalId } from '../../protocol/ids.ts';
import { planAppend } from './journal-order.ts';
import { createMemoryIndex } from './memory-index.ts';
import { checkChunkSize, sliceOf } from './request-checks.ts';
import { createSerialQueue } from './serial-queue.ts';
import type {
  ChunkStore,
  IndexedStore,
  JournalStore,
  JournalTip,
  SmallRecord,
  StatementLog,
  StoredBatch,
  StoreEvent,
  StoreListener,
} from './store.ts';

/** An empty store. */
export function createMemoryStore(onEvent?: StoreListener): IndexedStore {
  const events: StoreEvent[] = [];
  const tell: StoreListener = (event) => {
    events.push(event);
    onEvent?.(event);
  };
  const bodies = new Map<ChunkId, Buffer>();
  const journals = new Map<JournalId, StoredBatch[]>();
  const small = new Map<ChunkId, Buffer>();
  const statements: Buffer[] = [];
  const forks: Buffer[] = [];
  const index = createMemoryIndex();
  return {
    chunks: memoryChunks(bodies, tell),
    journals: memoryJournals(journals, small, tell),
    statements: memoryStatements(statements),
    forks: memoryStatements(forks),
    index,
    report: () => ({
      segments: 0,
      chunks: bodies.size,
      storedBytes: sumOf([...bodies.values()].map((body) => body.length)),
      journalBytes: sumOf([...journals.values()].flat().map((batch) => batch.bytes.length)),
      full: false,
      indexRebuilt: false,
      events: [...events],
    }),
    close: () => index.close(),
  };
}

function memoryChunks(bodies: Map<ChunkId, Buffer>, tell: StoreListener): ChunkStore {
  const dropped = new Map<ChunkId, Buffer>();
  const bodyOf = (id: ChunkId, op: string): Buffer => {
    const body = bodies.get(id) ?? dropped.get(id);
    if (body === undefined) throw new VaultError('chunk-missing', { op, subject: id });
    return body;
  };
  const damaged = new Set<ChunkId>();
  const drop = (id: ChunkId, reason: string): void => {
    damaged.add(id);
    const length = bodies.get(id)?.length;
    if (length === undefined || !bodies.delete(id)) return;
    tell({ type: 'record-quarantined', file: 'memory', chunk: { id, length }, reason });
  };
  return {
    has: (id) => bodies.has(id),
    wasDamaged: (id) => damaged.has(id),
    lengthOf: (id) => bodies.get(id)?.length,
    async write(chunks) {
      for (const chunk of chunks) checkChunkSize(chunk);
      const fresh = { chunks: 0, bytes: 0, fresh: new Set<ChunkId>() };
      for (const { id, body } of chunks) {
        if (bodies.has(id)) continue;
        bodies.set(id, Buffer.from(body));
        fresh.fresh.add(id);
        fresh.chunks += 1;
        fresh.bytes += body.length;
      }
      return fresh;
    },
    commit: () => Promise.resolve(),
    async read(id, options = {}) {
      const body = bodyOf(id, 'chunks.read');
      if (options.verify !== false && blake3(body).toString('hex') !== id) {
        drop(id, 'the body does not match its id');
        throw new VaultError('damaged', { op: 'chunks.read', subject: id });
      }
      return Buffer.from(body);
    },
    async readLent(id, options) {
      return { bytes: await this.read(id, options), release: () => undefined };
    },
    async readPart(id, offset, length) {
      const body = bodyOf(id, 'chunks.readPart');
      sliceOf({ op: 'chunks.readPart', subject: id, total: body.length }, offset, length);
      return Buffer.from(body.subarray(offset, offset + length));
    },
    quarantine(id, reason) {
      drop(id, reason);
      return Promise.resolve();
    },
    drop(ids) {
      const gone = { chunks: 0, bytes: 0 };
      for (const id of ids) {
        const body = bodies.get(id);
        if (body === undefined) continue;
        bodies.delete(id);
        dropped.set(id, body);
        gone.chunks += 1;
        gone.bytes += body.length;
      }
      return gone;
    },
    revive(ids) {
      for (const id of ids) {
        const body = dropped.get(id);
        if (body !== undefined && !bodies.has(id)) bodies.set(id, body);
        dropped.delete(id);
      }
      return Promise.resolve();
    },
    collect({ isDead }) {
      let freedBytes = 0;
      for (const [id, body] of dropped) {
        if (!isDead(id)) continue;
        dropped.delete(id);
        freedBytes += body.length;
      }
      return Promise.resolve({ freedBytes, copiedBytes: 0, segmentsLeft: 0, deadBytes: 0 });
    },
    async *list() {
      for (const [id, body] of [...bodies]) yield { id, length: body.length };
    },
  };
}

function memoryJournals(
  journals: Map<JournalId, StoredBatch[]>,
  small: Map<ChunkId, Buffer>,
  tell: StoreListener,
): JournalStore {
  const inOrder = createSerialQueue();
  const batchesOf = (journal: JournalId): readonly StoredBatch[] => journals.get(journal) ?? [];
  const tip = (journal: JournalId) => {
    const last = batchesOf(journal).at(-1);
    return last && { journal, sequence: last.sequence, hash: last.hash };
  };
  const tipsOf = (wanted: (journal: JournalId) => boolean): JournalTip[] =>
    [...journals.keys()].filter(wanted).flatMap((journal) => tip(journal) ?? []);
  const after = (journal: JournalId, sequence: number): readonly StoredBatch[] =>
    batchesOf(journal).filter((batch) => batch.sequence > sequence);
  const hashAt = (journal: JournalId, sequence: number): Promise<BatchHash | undefined> =>
    Promise.resolve(after(journal, sequence - 1)[0]?.hash);
  const keepSmall = (records: readonly SmallRecord[]): void => {
    for (const { id, body } of records) if (!small.has(id)) small.set(id, Buffer.from(body));
  };
  return {
    tips: () => tipsOf((journal) => !isBranchName(journal)),
    branches: () => tipsOf(isBranchName),
    tip,
    append: (batches) =>
      inOrder(async () => {
        const { fresh, known } = await planAppend({ tip, hashAt }, batches);
        for (const batch of [...known, ...fresh]) keepSmall(batch.small);
        for (const batch of fresh) {
          const stored = { ...batch, bytes: Buffer.from(batch.bytes), small: copyOf(batch.small) };
          const all = journals.get(batch.journal) ?? [];
          journals.set(batch.journal, all);
          all.push(stored);
        }
      }),
    async *read(journal, afterSequence) {
      yield* after(journal, afterSequence);
    },
    async readSmall(id) {
      const body = small.get(id);
      if (body === undefined) {
        throw new VaultError('chunk-missing', { op: 'journals.readSmall', subject: id });
      }
      if (blake3(body).toString('hex') === id) return Buffer.from(body);
      small.delete(id);
      tell({ type: 'record-quarantined', file: 'memory', reason: 'small record' });
      throw new VaultError('damaged', { op: 'journals.readSmall', subject: id });
    },
    hasSmall: (id) => small.has(id),
    smallLength: (id) => small.get(id)?.length,
    smallWorth: ({ ids }) => sumOf(ids.map((id) => small.get(id)?.length ?? 0)),
    async collectSmall({ ids, isDead, pace }) {
      await pace();
      let freedBytes = 0;
      for (const id of ids) {
        if (!isDead(id)) continue;
        freedBytes += small.get(id)?.length ?? 0;
        small.delete(id);
      }
      for (const [journal, batches] of journals) {
        const kept = batches.map((batch) => ({
          ...batch,
          small: batch.small.filter(({ id }) => small.has(id)),
        }));
        journals.set(journal, kept);
      }
      return { freedBytes, copiedBytes: 0 };
    },
    slim: ({ journal, upTo, slim }) =>
      inOrder(() => {
        let freedBytes = 0;
        const slimmed = batchesOf(journal).map((batch) => {
          if (batch.sequence > upTo) return batch;
          const bytes = Buffer.from(slim(batch.bytes));
          freedBytes += batch.bytes.length - bytes.length;
          return { ...batch, bytes };
        });
        if (slimmed.length > 0) journals.set(journal, slimmed);
        return Promise.resolve(freedBytes);
      }),
    haveSmall: (ids) => Promise.resolve(ids.map((id) => small.has(id))),
    damaged: () => [],
  };
}

function memoryStatements(statements: Buffer[]): StatementLog {
  return {
    all: () => [...statements],
    append(signed) {
      statements.push(...signed.map((statement) => Buffer.from(statement)));
      return Promise.resolve();
    },
  };
}

function copyOf(records: readonly SmallRecord[]): SmallRecord[] {
  return records.map(({ id, body }) => ({ id, body: Buffer.from(body) }));
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
