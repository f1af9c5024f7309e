/**
 * Chunks that no batch names: what uploads left that were given up, or that a killed agent did not
 * finish. They go when nothing has named them, or was about to, from a look at everything on until
 * all that ran when it began is over, and the time of grace as well. So an upload never loses what it
 * counts on: one that had begun by then is waited for, and a later one says of each chunk that it is
 * about to use it (`use`), whether it stores it or finds it here.
 *
 * Headers of all batches that are here count, also of those that are hidden or cut off. A journal that
 * cannot be read ends the look, and nothing is looked for when one lost something since the agent
 * started: what is lost may have named something, and come back.
 */
import { VaultError } from '../../../protocol/errors.ts';
import type { ChunkId } from '../../../protocol/ids.ts';
import { decodeBatch, decodeBatchHeader } from '../../../protocol/messages/batch-wire.ts';
import type { Clock } from '../../ports.ts';
import type { Store } from '../../store/store.ts';
import { IdFilter } from './id-filter.ts';

export interface UnnamedChunksParts {
  readonly store: Pick<Store, 'chunks' | 'journals' | 'report'>;
  readonly clock: Clock;
  /** How long nothing may have named them; 0: they stay. */
  readonly graceMs: number;
  /** Everything that clients and the mount do at the moment is over, and in the journal. */
  readonly settled: () => Promise<void>;
}

/** A look at everything that is here, and what came after it. */
interface Look {
  readonly startMs: number;
  readonly found: Map<ChunkId, number>;
  /** Named, or about to be, since it began; undefined: it is over. */
  touched: Set<ChunkId> | undefined;
  /** Whether all is over that ran when it began. */
  isSettled: boolean;
}

/** More than this, and more than half of all, are a sign of journals that lost something. */
const plausibleMax = 20_000;

export class UnnamedChunks {
  readonly #parts: UnnamedChunksParts;
  readonly #dropped = new Set<ChunkId>();
  #look: Look | undefined;
  #looks = 0;

  constructor(parts: UnnamedChunksParts) {
    this.#parts = parts;
  }

  /** Somebody names it, or is about to. What was dropped is not here: it is written, or fetched, again. */
  use(id: ChunkId): void {
    this.#look?.touched?.add(id);
    this.#look?.found.delete(id);
    this.#dropped.delete(id);
  }

  /** Whether it was dropped here, and nothing has named it since. */
  isDead(id: ChunkId): boolean {
    return this.#dropped.has(id);
  }

  get hasDropped(): boolean {
    return this.#dropped.size > 0;
  }

  /** What the last look found and has not gone yet. */
  get found(): { readonly chunks: number; readonly bytes: number } {
    const lengths = [...(this.#look?.found.values() ?? [])];
    return { chunks: lengths.length, bytes: lengths.reduce((sum, bytes) => sum + bytes, 0) };
  }

  /** How long until what was found may go; undefined: nothing was found. */
  get leftMs(): number | undefined {
    const { graceMs, clock } = this.#parts;
    if (this.#look === undefined || this.#look.found.size === 0) return undefined;
    return Math.max(0, this.#look.startMs + graceMs - clock.monotonicMs());
  }

  /** Whether what was found may go now. */
  get isRipe(): boolean {
    return this.leftMs === 0 && this.#look?.isSettled === true;
  }

  /**
   * Looks at everything, unless what was found before has not gone yet.
   * @param pace called between two short steps
   * @throws VaultError `damaged`, `io` when a journal cannot be read
   */
  async look(pace: () => Promise<void>): Promise<void> {
    const { graceMs, store } = this.#parts;
    if (graceMs === 0 || this.leftMs !== undefined || !this.#isWhole()) return;
    // Before anything is read: what runs now may have used what it has not named yet.
    const look = this.#begin();
    const touched = (look.touched = new Set());
    try {
      const named = await this.#named(pace);
      const found = new Map<ChunkId, number>();
      for await (const { id, length } of this.#inSteps(store.chunks.list(), pace)) {
        if (!named.has(id)) found.set(id, length);
      }
      checkPlausible(found.size, store.report().chunks);
      for (const [id, length] of found) if (!touched.has(id)) look.found.set(id, length);
    } finally {
      look.touched = undefined;
    }
  }

  /**
   * Drops what is ripe, after one more look through the journals. @returns what went
   * @throws VaultError `damaged`, `io`: then nothing goes
   */
  async drop(pace: () => Promise<void>): Promise<{ chunks: number; bytes: number }> {
    const gone = { chunks: 0, bytes: 0 };
    const look = this.#look;
    if (look === undefined || !this.isRipe || !this.#isWhole()) return gone;
    const named = await this.#named(pace);
    for (const id of [...look.found.keys()]) if (named.has(id)) look.found.delete(id);
    const { chunks } = this.#parts.store;
    for await (const id of this.#inSteps([...look.found.keys()], pace)) {
      // Somebody may have come to use it between two steps.
      if (!look.found.delete(id)) continue;
      const { chunks: count, bytes } = chunks.drop([id]);
      if (count > 0) this.#dropped.add(id);
      gone.chunks += count;
      gone.bytes += bytes;
    }
    return gone;
  }

  #begin(): Look {
    const { clock, settled } = this.#parts;
    const startMs = clock.monotonicMs();
    const look: Look = { startMs, found: new Map(), touched: undefined, isSettled: false };
    this.#look = look;
    settled().then(
      () => {
        look.isSettled = true;
      },
      () => {
        // It will never be known what that was about to name.
        if (this.#look === look) this.#look = undefined;
      },
    );
    return look;
  }

  /** Every id that a header names; a few others may seem to be among them. */
  async #named(pace: () => Promise<void>): Promise<IdFilter> {
    this.#looks += 1;
    let expected = 2 * this.#parts.store.report().chunks;
    for (;;) {
      const filter = new IdFilter(expected, this.#looks);
      let count = 0;
      for await (const id of this.#names(pace)) {
        filter.add(id);
        count += 1;
      }
      if (count <= 2 * expected) return filter;
      expected = count;
    }
  }

  async *#names(pace: () => Promise<void>): AsyncGenerator<ChunkId> {
    const { journals } = this.#parts.store;
    for (const { journal } of [...journals.tips(), ...journals.branches()]) {
      for await (const { bytes } of this.#inSteps(journals.read(journal, 0), pace)) {
        const { header } = decodeBatchHeader(decodeBatch(bytes).header);
        for (const named of [header.chunksAdded, header.chunksReused, header.smallRecords])
          for (const { id } of named) yield id;
      }
    }
  }

  async *#inSteps<Item>(
    items: AsyncIterable<Item> | Iterable<Item>,
    pace: () => Promise<void>,
  ): AsyncGenerator<Item> {
    const { clock } = this.#parts;
    let startMs = clock.monotonicMs();
    for await (const item of items) {
      yield item;
      if (clock.monotonicMs() - startMs < sliceMs) continue;
      await pace();
      startMs = clock.monotonicMs();
    }
  }

  /** Whether no journal lost something since the agent started. */
  #isWhole(): boolean {
    return this.#parts.store.report().events.every(({ file }) => !file.startsWith('journals/'));
  }
}

/** So long the loop may be held. */
const sliceMs = 1;

function checkPlausible(found: number, all: number): void {
  if (found <= plausibleMax || found * 2 <= all) return;
  throw new VaultError('damaged', {
    op: 'vault.findUnnamed',
    subject: 'the journals',
    detail: `they name less than half of the ${String(all)} chunks that are here, so they may have lost something`,
    next: 'connect other devices; what they name is found then',
  });
}
