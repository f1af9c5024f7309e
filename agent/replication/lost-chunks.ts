/**
 * Chunks that were here and turned out to be damaged: wanted again from that moment on, until a good
 * copy has come. The store's notes of what it set aside outlive a restart, so this is derived anew at
 * each start, like the want list. Which batches name a chunk is looked up in the journals, afterwards
 * and in small steps: meanwhile it is fetched already.
 */
import { toVaultError } from '../../protocol/errors.ts';
import type { ChunkId, DeviceId } from '../../protocol/ids.ts';
import { decodeBatch, decodeBatchHeader } from '../../protocol/messages/batch-wire.ts';
import type { NamedChunk } from '../../protocol/messages/op.ts';
import type { Clock, Log } from '../ports.ts';
import type { Store } from '../store/store.ts';
import type { Fetcher } from './fetcher.ts';
import type { ChunkKnowledge } from './knowledge.ts';
import { namingBatch } from './load-wants.ts';
import type { Planner } from './planner.ts';
import type { WantList } from './want-list.ts';

/** One step takes well below a millisecond. */
const batchesPerStep = 32;
/** Damage seldom comes alone: one walk through the journals serves all that is found meanwhile. */
const lookAfterMs = 100;
/** Of so many at most a report says who would have them. */
const describedMax = 256;

export interface LostChunksParts {
  readonly store: Store;
  readonly wants: WantList;
  readonly clock: Clock;
  readonly log: Log;
  readonly planner: Planner;
  readonly fetcher: Pick<Fetcher, 'pump'>;
  readonly knowledge: ChunkKnowledge;
  /** The want list is complete. */
  readonly ready: () => Promise<void>;
  /** Connected now. */
  devices(): Iterable<DeviceId>;
  /** What is complete here is less than before. */
  onShrunk(): void;
  /** Good copies of so many came. */
  onMended(chunks: number): void;
}

/** What is damaged at the moment. */
export interface DamagedChunks {
  readonly chunks: number;
  readonly bytes: number;
  /** Devices online that have some of them. */
  readonly from: readonly DeviceId[];
  /** So many nobody has who is online; of the first few hundred. */
  readonly nowhere: number;
}

export class LostChunks {
  readonly #parts: LostChunksParts;
  readonly #lost = new Set<ChunkId>();
  readonly #unnamed = new Set<ChunkId>();
  #looking = false;
  #closed = false;

  constructor(parts: LostChunksParts) {
    this.#parts = parts;
  }

  /** At start: wanted, and known to have been damaged here. */
  load(): void {
    const { store, wants } = this.#parts;
    for (const { id } of wants.all()) if (store.chunks.wasDamaged(id)) this.#lost.add(id);
  }

  /** A chunk was set aside now. */
  lose(chunk: NamedChunk): void {
    if (this.#closed) return;
    this.#lost.add(chunk.id);
    this.#unnamed.add(chunk.id);
    const want = this.#parts.wants.addLost(chunk);
    if (want !== undefined) this.#parts.planner.want([want]);
    this.#lookSoon();
    this.#parts.fetcher.pump();
  }

  /** These are durable here. */
  arrived(ids: readonly ChunkId[]): void {
    if (this.#lost.size === 0) return;
    const mended = ids.filter((id) => this.#lost.delete(id)).length;
    if (mended > 0) this.#parts.onMended(mended);
  }

  close(): void {
    this.#closed = true;
  }

  describe(): DamagedChunks {
    const { planner, knowledge } = this.#parts;
    const online = this.#lost.size === 0 ? [] : [...this.#parts.devices()];
    const from = new Set<DeviceId>();
    let bytes = 0;
    let nowhere = 0;
    let described = 0;
    for (const id of this.#lost) {
      bytes += this.#parts.wants.get(id)?.length ?? 0;
      if (described === describedMax) continue;
      described += 1;
      const devices = online.filter((device) => knowledge.has(planner, device, id) === true);
      if (devices.length === 0) nowhere += 1;
      for (const device of devices) from.add(device);
    }
    return { chunks: this.#lost.size, bytes, from: [...from], nowhere };
  }

  #lookSoon(): void {
    if (this.#looking) return;
    this.#looking = true;
    void this.#parts.ready().then(() => this.#lookForAll());
  }

  async #lookForAll(): Promise<void> {
    while (this.#unnamed.size > 0 && !this.#closed) {
      await this.#pause(lookAfterMs);
      const looked = new Set(this.#unnamed);
      this.#unnamed.clear();
      const whole = await this.#look(looked);
      if (this.#closed) return;
      this.#named();
      // A journal that could not be read may name them.
      if (whole) this.#dropUnnamed(looked);
    }
    this.#looking = false;
  }

  /** It is known by now which batches they belong to, and so who must have them. */
  #named(): void {
    this.#parts.onShrunk();
    for (const device of this.#parts.devices()) this.#parts.planner.refresh(device);
    this.#parts.fetcher.pump();
  }

  /** Walks through all journals. @returns whether each could be read to its end */
  async #look(looked: ReadonlySet<ChunkId>): Promise<boolean> {
    const { store, wants, log } = this.#parts;
    let whole = true;
    let batches = 0;
    for (const { journal } of [...store.journals.tips(), ...store.journals.branches()]) {
      try {
        for await (const batch of store.journals.read(journal, 0)) {
          if (this.#closed) return false;
          const { header } = decodeBatchHeader(decodeBatch(batch.bytes).header);
          wants.nameLost(namingBatch(header, journal, batch.small), looked);
          batches += 1;
          if (batches % batchesPerStep === 0) await this.#pause(0);
        }
      } catch (error) {
        whole = false;
        const { code, message } = toVaultError(error, 'replication.lookForLost', journal);
        log.warn({ journal, code, message }, 'a journal was not read to its end');
      }
    }
    return whole;
  }

  /** What no journal names nobody needs. */
  #dropUnnamed(looked: ReadonlySet<ChunkId>): void {
    for (const id of looked) {
      const { wants, planner } = this.#parts;
      const want = wants.get(id);
      if (want === undefined || want.namedBy.length > 0) continue;
      this.#lost.delete(id);
      planner.settle(id);
      wants.arrived(id);
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.clock.after(delayMs, resolve);
    });
  }
}
