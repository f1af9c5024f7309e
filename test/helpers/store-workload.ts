/**
 * A random user of a store who remembers what was acknowledged, and the checker that looks for it
 * afterwards. Outside the store on purpose: it believes nothing that the store says about itself.
 */
import { isVaultError } from '../../protocol/errors.ts';
import { blake3 } from '../../protocol/hash.ts';
import type { BatchHash, ChunkId, JournalId } from '../../protocol/ids.ts';
import type { SmallRecord, Store, StoredBatch } from '../../agent/store/store.ts';

export interface StoreHistory {
  /** Every chunk that was ever handed in. */
  readonly given: Map<ChunkId, Buffer>;
  readonly ackedChunks: Set<ChunkId>;
  /** Every batch that was ever handed in, by hash. */
  readonly batches: Map<BatchHash, StoredBatch>;
  readonly ackedBatches: Map<JournalId, Map<number, BatchHash>>;
  readonly statements: Set<string>;
  readonly ackedStatements: Set<string>;
  /** Chunks that batches name: they never go. */
  readonly named: Set<ChunkId>;
  /** Given up by everybody, and not put again since. */
  readonly dead: Set<ChunkId>;
  /** Small records that nobody needs. */
  readonly deadSmall: Set<ChunkId>;
  /** Being put at the moment. */
  readonly busy: Map<ChunkId, number>;
  counter: number;
}

export function createHistory(): StoreHistory {
  return {
    given: new Map(),
    ackedChunks: new Set(),
    batches: new Map(),
    ackedBatches: new Map(),
    statements: new Set(),
    ackedStatements: new Set(),
    named: new Set(),
    dead: new Set(),
    deadSmall: new Set(),
    busy: new Map(),
    counter: 0,
  };
}

export interface WorkloadOptions {
  readonly fraction: () => number;
  readonly steps: number;
  /** Seeded bug: a batch that names a chunk is appended before the chunk is committed. */
  readonly opBeforeChunk?: boolean;
  /** Chunks are dropped and their space is collected. */
  readonly collects?: boolean;
  /** Seeded bug: chunks are dropped that somebody needs. */
  readonly dropsNeeded?: boolean;
  /** Seeded bug: small records go that somebody needs. */
  readonly dropsNeededSmall?: boolean;
}

const journals = ['a1', 'b2'].map((byte) => byte.repeat(24) as JournalId);

/** Runs steps one after the other, some left running; ends when all have ended, well or not. */
export async function runWorkload(
  store: Store,
  history: StoreHistory,
  options: WorkloadOptions,
): Promise<void> {
  const running: Promise<void>[] = [];
  for (let step = 0; step < options.steps; step++) {
    const one = randomStep(store, history, options).catch(onlyExpected);
    running.push(one);
    if (options.fraction() < 0.5) await one;
  }
  await Promise.all(running);
}

function randomStep(store: Store, history: StoreHistory, options: WorkloadOptions): Promise<void> {
  const choice = options.fraction();
  if (options.collects === true && options.fraction() < 0.3) {
    const which = options.fraction();
    if (which < 0.5) return collect(store, history, options);
    return which < 0.8 ? collectSmall(store, history, options) : readAll(store, options);
  }
  if (choice < 0.5) return putChunks(store, history, options.fraction);
  if (choice < 0.9) return putWithBatch(store, history, options);
  return putStatement(store, history);
}

async function putChunks(
  store: Store,
  history: StoreHistory,
  fraction: () => number,
): Promise<void> {
  const chunks = Array.from({ length: 1 + Math.floor(fraction() * 4) }, () => {
    const fresh = fraction() < 0.8 || history.counter === 0;
    const number = fresh ? (history.counter += 1) : Math.floor(fraction() * history.counter) + 1;
    return makeChunk(history, number);
  });
  for (const { id } of chunks) {
    history.dead.delete(id);
    history.busy.set(id, (history.busy.get(id) ?? 0) + 1);
  }
  try {
    await store.chunks.write(chunks);
    await store.chunks.commit();
    for (const { id } of chunks) history.ackedChunks.add(id);
  } finally {
    for (const { id } of chunks) history.busy.set(id, (history.busy.get(id) ?? 1) - 1);
  }
}

/** Some chunks that no batch names go, and files that hold little else are emptied and removed. */
async function collect(
  { chunks }: Store,
  history: StoreHistory,
  { fraction, dropsNeeded = false }: WorkloadOptions,
): Promise<void> {
  const { ackedChunks, named, busy, dead } = history;
  const goes = [...ackedChunks].filter((id) => {
    const isNeeded = named.has(id) || (busy.get(id) ?? 0) > 0;
    return fraction() < 0.6 && (dropsNeeded || !isNeeded);
  });
  for (const id of goes) {
    if (!dropsNeeded) ackedChunks.delete(id);
    dead.add(id);
  }
  chunks.drop(goes);
  for (let pass = Math.floor(fraction() * 4); pass > 0; pass--) {
    const options = { isDead: (id: ChunkId) => dead.has(id), deadFractionMin: fraction() };
    await chunks.collect({ ...options, pace: () => Promise.resolve() });
  }
}

/** Some small records go, and files of journals are written anew without them. */
async function collectSmall(
  { journals: all }: Store,
  { ackedBatches, batches, deadSmall }: StoreHistory,
  { fraction, dropsNeededSmall = false }: WorkloadOptions,
): Promise<void> {
  const hashes = [...ackedBatches.values()].flatMap((acked) => [...acked.values()]);
  const ids = hashes.flatMap((hash) => batches.get(hash)?.small.map(({ id }) => id) ?? []);
  const goes = new Set(ids.filter((id) => deadSmall.has(id) || fraction() < 0.4));
  if (!dropsNeededSmall) for (const id of goes) deadSmall.add(id);
  await all.collectSmall({
    ids: [...goes],
    isDead: (id) => goes.has(id),
    deadFractionMin: fraction() * 0.3,
    pace: () => Promise.resolve(),
  });
}

/** Reads a journal with pauses; whatever is done to its files meanwhile, each batch comes once. */
async function readAll({ journals: all }: Store, { fraction }: WorkloadOptions): Promise<void> {
  for (const journal of journals) {
    const last = all.tip(journal)?.sequence ?? 0;
    let expected = 1;
    for await (const { sequence } of all.read(journal, 0)) {
      if (sequence !== expected)
        throw new Error(`${String(sequence)} came for ${String(expected)}`);
      expected += 1;
      for (let turn = Math.floor(fraction() * 20); turn > 0; turn--) await Promise.resolve();
    }
    if (expected <= last) throw new Error(`${journal} ended at ${String(expected)}`);
  }
}

function makeChunk(history: StoreHistory, number: number): { id: ChunkId; body: Buffer } {
  const seed = blake3(Buffer.from(`chunk ${String(number)}`));
  const body = Buffer.alloc(4 + (seed.readUInt16LE(0) % 4000), seed);
  const id = blake3(body).toString('hex') as ChunkId;
  history.given.set(id, body);
  return { id, body };
}

/** A batch that names a new chunk in its bytes, with small records, as the vault would make one. */
async function putWithBatch(
  store: Store,
  history: StoreHistory,
  { fraction, opBeforeChunk = false }: WorkloadOptions,
): Promise<void> {
  const journal = journals[Math.floor(fraction() * journals.length)] ?? journals[0]!;
  const chunk = makeChunk(history, (history.counter += 1));
  history.named.add(chunk.id);
  await store.chunks.write([chunk]);
  if (!opBeforeChunk) await store.chunks.commit();
  const batch = nextBatch(store, history, { journal, chunk: chunk.id });
  await store.journals.append([batch]);
  const acked = history.ackedBatches.get(journal) ?? new Map<number, BatchHash>();
  acked.set(batch.sequence, batch.hash);
  history.ackedBatches.set(journal, acked);
  if (opBeforeChunk) await store.chunks.commit();
  history.ackedChunks.add(chunk.id);
}

function nextBatch(
  store: Store,
  history: StoreHistory,
  { journal, chunk }: { journal: JournalId; chunk: ChunkId },
): StoredBatch {
  const tip = store.journals.tip(journal);
  history.counter += 1;
  const text = `${chunk} ${String(history.counter)}`;
  const hash = blake3(Buffer.from(`batch ${text}`)).toString('hex') as BatchHash;
  const small: SmallRecord[] = Array.from({ length: history.counter % 3 }, (_, at) => {
    const body = Buffer.from(`small ${String(at)} of ${text}`);
    return { id: blake3(body).toString('hex') as ChunkId, body };
  });
  const batch: StoredBatch = {
    journal,
    sequence: (tip?.sequence ?? 0) + 1,
    hash,
    previous: tip?.hash,
    bytes: Buffer.from(text),
    small,
  };
  history.batches.set(hash, batch);
  return batch;
}

async function putStatement(store: Store, history: StoreHistory): Promise<void> {
  const text = `statement ${String((history.counter += 1))}`;
  history.statements.add(text);
  await store.statements.append([Buffer.from(text)]);
  history.ackedStatements.add(text);
}

function onlyExpected(error: unknown): undefined {
  // A fault was injected, or two steps raced for one sequence number.
  if (isVaultError(error, 'io', 'disk-full', 'conflict', 'closed')) return undefined;
  throw error;
}

/** What is wrong with a store, given what was acknowledged; empty when nothing is. */
export async function findLosses(store: Store, history: StoreHistory): Promise<string[]> {
  return [
    ...(await chunkLosses(store, history)),
    ...(await journalLosses(store, history)),
    ...statementLosses(store, history),
  ];
}

async function chunkLosses({ chunks }: Store, history: StoreHistory): Promise<string[]> {
  const losses: string[] = [];
  for (const id of history.ackedChunks) {
    if (!chunks.has(id)) losses.push(`chunk ${id} was acknowledged and is not here`);
  }
  const listed = new Set<ChunkId>();
  for await (const { id } of chunks.list()) listed.add(id);
  for (const id of history.ackedChunks)
    if (!listed.has(id)) losses.push(`chunk ${id} is not listed`);
  for (const id of new Set([...listed, ...history.ackedChunks])) {
    const body = await chunks.read(id).catch((error: unknown) => String(error));
    const given = history.given.get(id);
    if (typeof body === 'string') losses.push(`chunk ${id} does not read: ${body}`);
    else if (given === undefined || !body.equals(given)) losses.push(`chunk ${id} is wrong`);
  }
  return losses;
}

async function journalLosses(
  { journals: all, chunks }: Store,
  history: StoreHistory,
): Promise<string[]> {
  const losses: string[] = [];
  for (const journal of journals) {
    const here = new Map<number, BatchHash>();
    for await (const batch of all.read(journal, 0)) {
      here.set(batch.sequence, batch.hash);
      losses.push(...(await batchFaults(all, history, batch)));
      const chunk = Buffer.from(batch.bytes).toString().split(' ')[0] as ChunkId;
      if (!chunks.has(chunk)) losses.push(`batch ${batch.hash} names a chunk that is not here`);
    }
    if (here.size !== (all.tip(journal)?.sequence ?? 0)) losses.push(`${journal}: tip and batches`);
    for (const [sequence, hash] of history.ackedBatches.get(journal) ?? []) {
      if (here.get(sequence) !== hash) losses.push(`${journal} ${String(sequence)} is lost`);
    }
  }
  return losses;
}

async function batchFaults(
  all: Store['journals'],
  history: StoreHistory,
  batch: StoredBatch,
): Promise<string[]> {
  const given = history.batches.get(batch.hash);
  if (given === undefined) return [`batch ${batch.hash} was never given`];
  const faults: string[] = [];
  if (!Buffer.from(given.bytes).equals(batch.bytes)) faults.push(`batch ${batch.hash} is wrong`);
  if (given.previous !== batch.previous) faults.push(`batch ${batch.hash} has another predecessor`);
  const { deadSmall } = history;
  const here = new Set(batch.small.map(({ id }) => id));
  if (given.small.some(({ id }) => !here.has(id) && !deadSmall.has(id)))
    faults.push(`${batch.hash} lost a small record`);
  if (batch.small.some(({ id }) => !given.small.some((each) => each.id === id)))
    faults.push(`${batch.hash} has a strange small record`);
  for (const { id, body } of given.small.filter(({ id: each }) => !deadSmall.has(each))) {
    const read = await all.readSmall(id).catch((error: unknown) => Buffer.from(String(error)));
    if (!read.equals(body)) faults.push(`small record ${id}: ${read.toString()}`);
  }
  return faults;
}

function statementLosses({ statements }: Store, history: StoreHistory): string[] {
  const here = statements.all().map((bytes) => Buffer.from(bytes).toString());
  const strange = here.filter((text) => !history.statements.has(text));
  const lost = [...history.ackedStatements].filter((text) => !here.includes(text));
  return [...strange.map((text) => `strange ${text}`), ...lost.map((text) => `lost ${text}`)];
}
