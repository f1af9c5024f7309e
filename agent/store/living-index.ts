/**
 * An index that may fail while it is in use. LevelDB keeps refusing writes once something in the
 * background has failed, until it is opened again; so after a failed write this closes it and opens
 * it again, and when that does not help or it lost something, makes it anew from the files. All of it
 * happens in the background, later and later when it does not work.
 *
 * Meanwhile the store goes on: its entries are remembered in memory, its newest changes wait in
 * `buffered-index.ts`. The parts of other layers wait for the end of an attempt; after an index was
 * made anew theirs are gone, and they get none until the next start, so that none of them takes
 * half of what it wrote for the whole.
 */
import { isVaultError, toVaultError, VaultError } from '../../protocol/errors.ts';
import type {
  Clock,
  Index,
  IndexChange,
  IndexHost,
  Log,
  Timer,
  IndexWriteOptions,
} from '../ports.ts';
import { encodeMeta, metaKey, ownerName, prefixes } from './keyspace.ts';
import { PlaceTable } from './place-table.ts';
import type { StoreNews } from './store-news.ts';

const retryMinMs = 1_000;
const retryMaxMs = 60_000;
/** Between two of these the event loop goes on: about a millisecond. */
const entriesPerStep = 1_000;
const aliveKey = metaKey('alive');
const ownerKey = metaKey(ownerName);
const ownPrefixes = [prefixes.chunk, prefixes.small, prefixes.journal, prefixes.meta];

export interface LivingIndexParts {
  readonly host: IndexHost;
  readonly clock: Clock;
  readonly log: Log;
  readonly news: StoreNews;
  /** Whether a new attempt makes sense: on a full disk it does not. */
  mayMend(): boolean;
  /** All entries that the store needs, from its files. */
  rows(): AsyncIterable<IndexChange>;
  /** It takes writes again. */
  onMended(): void;
}

export interface LivingIndex {
  /** For the store: answers always; a write is refused while the index is away. */
  readonly own: Index;
  /** For other layers. */
  readonly others: Index;
  close(): Promise<void>;
}

/** @param index just opened, believed and filled */
export function createLivingIndex(index: Index, parts: LivingIndexParts): LivingIndex {
  const living = new Living(index, parts);
  return {
    own: {
      get: (key) => living.get(key),
      getMany: (keys) => living.getMany(keys),
      write: (changes, options) => living.write(changes, options),
      range: (from, to) => living.range(from, to),
      close: () => Promise.resolve(),
    },
    others: {
      get: (key) => (living.othersAreGone ? undefined : living.current?.get(key)),
      getMany: async (keys) => (await living.forOthers()).getMany(keys),
      write: async (changes, options) => {
        await living.forOthers();
        await living.write(changes, options);
      },
      async *range(from, to) {
        yield* (await living.forOthers()).range(from, to);
      },
      close: () => Promise.resolve(),
    },
    close: () => living.close(),
  };
}

class Living {
  readonly #parts: LivingIndexParts;
  /** undefined while it is away. */
  current: Index | undefined;
  othersAreGone = false;
  /** What the store knew, while the index is away. */
  #table: PlaceTable | undefined;
  /** Of that, what says how far the files go; undefined when it was read from the files. */
  #meta: readonly (readonly [Buffer, Buffer])[] | undefined;
  readonly #owner: Buffer | undefined;
  readonly #writing = new Set<Promise<unknown>>();
  #timer: Timer | undefined;
  #attempt: Promise<void> | undefined;
  #attempts = 0;
  #closed = false;

  constructor(index: Index, parts: LivingIndexParts) {
    this.current = index;
    this.#owner = index.get(ownerKey);
    this.#parts = parts;
  }

  get(key: Uint8Array): Buffer | undefined {
    return this.current === undefined ? this.#table?.get(key) : this.current.get(key);
  }

  getMany(keys: readonly Uint8Array[]): Promise<(Buffer | undefined)[]> {
    if (this.current !== undefined) return this.current.getMany(keys);
    return Promise.resolve(keys.map((key) => this.#table?.get(key)));
  }

  async write(changes: readonly IndexChange[], options?: IndexWriteOptions): Promise<void> {
    const { current } = this;
    if (current === undefined || this.#attempt !== undefined) throw away();
    const writing = current.write(changes, options);
    this.#writing.add(writing);
    try {
      await writing;
    } catch (error) {
      this.#failed(toVaultError(error, 'index.write'));
      throw error;
    } finally {
      this.#writing.delete(writing);
    }
  }

  async *range(from: Uint8Array, to: Uint8Array): AsyncGenerator<readonly [Buffer, Buffer]> {
    await this.#attempt;
    if (this.current === undefined) throw away();
    yield* this.current.range(from, to);
  }

  /** The index for a layer above, once no attempt runs. */
  async forOthers(): Promise<Index> {
    await this.#attempt;
    if (this.current === undefined) throw away();
    if (!this.othersAreGone) return this.current;
    throw new VaultError('io', {
      op: 'index.use',
      subject: 'index',
      detail: 'it was made anew while the agent ran',
      next: 'restart the agent: what was kept in it is then made again',
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#attempt;
    await this.current?.close();
  }

  #failed(error: VaultError): void {
    if (this.#closed || this.#timer !== undefined || this.#attempt !== undefined) return;
    if (this.#attempts === 0) {
      this.#parts.news.tell({ type: 'index-failed', file: 'index', reason: error.message });
    }
    this.#tryLater();
  }

  #tryLater(): void {
    if (this.#closed) return;
    const delayMs = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(this.#attempts, 10));
    this.#timer = this.#parts.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#attempt = this.#try().finally(() => {
        this.#attempt = undefined;
      });
      void this.#attempt.then(() => {
        if (this.#attempts === 0) this.#parts.onMended();
      });
    });
  }

  /** One attempt; never rejects. `#attempts` is 0 after one that worked. */
  async #try(): Promise<void> {
    this.#attempts += 1;
    try {
      if (this.#parts.mayMend() && (await this.#mend())) this.#attempts = 0;
    } catch (error) {
      const { code, message } = toVaultError(error, 'index.mend');
      this.#parts.log.warn({ code, message }, 'store: the index could not be mended yet');
    }
    if (this.#attempts > 0) this.#tryLater();
  }

  async #mend(): Promise<boolean> {
    await Promise.allSettled(this.#writing);
    // The cause may have passed: a disk that was full, for example.
    if (this.current !== undefined && (await takesWrites(this.current))) {
      const reason = 'what kept it from it has passed';
      this.#use(this.current, { type: 'index-reopened', reason });
      return true;
    }
    await this.#putAway();
    return (await this.#openAgain()) || (await this.#makeAnew());
  }

  /** From here on the store answers from memory. */
  async #putAway(): Promise<void> {
    const { current } = this;
    if (current === undefined) return;
    this.#table = await this.#remember(current);
    this.current = undefined;
    await current.close().catch((error: unknown) => {
      this.#parts.log.warn({ error }, 'store: the index did not close');
    });
  }

  async #remember(index: Index): Promise<PlaceTable> {
    try {
      const table = new PlaceTable();
      const meta: (readonly [Buffer, Buffer])[] = [];
      for (const prefix of ownPrefixes) {
        for await (const [key, value] of index.range(Buffer.of(prefix), Buffer.of(prefix + 1))) {
          table.add(key, value);
          if (prefix === prefixes.meta && !key.equals(aliveKey)) meta.push([key, value]);
          await this.#breathe(table.size);
        }
      }
      this.#meta = meta;
      return table;
    } catch (error) {
      this.#parts.log.warn({ error }, 'store: the index cannot be read; the files are');
      this.#meta = undefined;
      return this.#fromFiles();
    }
  }

  async #fromFiles(): Promise<PlaceTable> {
    const table = new PlaceTable();
    for await (const { key, value } of this.#parts.rows()) {
      if (value !== undefined) table.add(key, value);
      await this.#breathe(table.size);
    }
    return table;
  }

  /** Lets the others go on now and then. */
  #breathe(count: number): Promise<void> | undefined {
    if (count % entriesPerStep !== 0) return undefined;
    return new Promise((resolve) => {
      this.#parts.clock.after(0, resolve);
    });
  }

  async #openAgain(): Promise<boolean> {
    const opened = await this.#parts.host.open().catch(onlyDamaged);
    if (opened === undefined) return false;
    if (this.#isWhole(opened) && (await takesWrites(opened))) {
      const reason = 'it was closed and opened again';
      this.#use(opened, { type: 'index-reopened', reason });
      return true;
    }
    await opened.close();
    return false;
  }

  /** It loses the newest writes first, so it has all when it has what says how far the files go. */
  #isWhole(opened: Index): boolean {
    const meta = this.#meta;
    return meta?.every(([key, value]) => opened.get(key)?.equals(value)) ?? false;
  }

  async #makeAnew(): Promise<boolean> {
    const { host } = this.#parts;
    const table = await this.#fromFiles();
    if (this.#owner !== undefined) table.add(ownerKey, this.#owner);
    await host.destroy();
    const fresh = await host.open();
    try {
      await fill(fresh, table);
    } catch (error) {
      // Half an index must not be believed at the next start.
      await fresh.close().catch(() => undefined);
      await host.destroy();
      throw error;
    }
    this.othersAreGone = true;
    const reason = 'it did not take writes any more; history and saved trees return with a restart';
    this.#use(fresh, { type: 'index-rebuilt', reason });
    return true;
  }

  #use(index: Index, news: { type: 'index-reopened' | 'index-rebuilt'; reason: string }): void {
    this.current = index;
    this.#table = undefined;
    this.#meta = undefined;
    this.#parts.news.tell({ ...news, file: 'index' });
  }
}

/** The owner's entry comes last: without it the index is not believed. */
async function fill(index: Index, table: PlaceTable): Promise<void> {
  let changes: IndexChange[] = [];
  for (const [key, value] of table.entries()) {
    changes.push({ key, value });
    if (changes.length < entriesPerStep) continue;
    await index.write(changes);
    changes = [];
  }
  await index.write(changes);
}

async function takesWrites(index: Index): Promise<boolean> {
  try {
    await index.write([{ key: aliveKey, value: encodeMeta(aliveKey, {}) }]);
    return true;
  } catch {
    return false;
  }
}

function onlyDamaged(error: unknown): undefined {
  if (isVaultError(error, 'damaged')) return undefined;
  throw error;
}

function away(): VaultError {
  return new VaultError('io', {
    op: 'index.write',
    subject: 'index',
    detail: 'it failed and is being opened again',
    next: 'it mends by itself; vault events says when',
  });
}
