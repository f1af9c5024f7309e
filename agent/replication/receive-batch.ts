/**
 * The one door through which batches of other devices enter the journals. It keeps every journal in
 * order whichever peer a batch comes from, lets many batches share one sync, and freezes a journal
 * that forked. What a batch is by itself was settled in `received-batch.ts`.
 */
import { isVaultError, toVaultError, type VaultError } from '../../protocol/errors.ts';
import type { BatchHash, JournalId } from '../../protocol/ids.ts';
import { MiB } from '../../protocol/limits.ts';
import type { VerifiedBatch } from '../journal/batch.ts';
import { checkSuccessor } from '../journal/successor.ts';
import type { JournalStore } from '../store/store.ts';
import { toStoredBatch, type AdmittedBatch } from './received-batch.ts';

const appendGroupMax = 512;
const queueBytesMax = 8 * MiB;

export interface BatchDoorEvents {
  /** Durable now, in the order of their journals. */
  onAppended(batches: readonly AdmittedBatch[]): void;
  /** Two batches claim one sequence number: the journal takes nothing more. */
  onFork(fork: Fork): void;
  /** The store refused; what was queued and is not durable is forgotten and has to be sent again. */
  onFailure(error: VaultError): void;
}

export interface Fork {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly batch: VerifiedBatch;
}

/** What became of a batch. */
export type Entry = 'queued' | 'known' | 'gap' | 'frozen';

interface Tip {
  readonly sequence: number;
  readonly hash: BatchHash;
}

export class BatchDoor {
  readonly #store: JournalStore;
  readonly #events: BatchDoorEvents;
  readonly #frozen = new Set<JournalId>();
  /** Tips as they will be when the queue is appended. */
  readonly #queuedTips = new Map<JournalId, Tip>();
  #queue: AdmittedBatch[] = [];
  #queueBytes = 0;
  #appending: Promise<void> | undefined;
  #room: (() => void)[] = [];

  constructor(store: JournalStore, events: BatchDoorEvents) {
    this.#store = store;
    this.#events = events;
  }

  /** Journals with two batches of one sequence number. */
  get frozen(): ReadonlySet<JournalId> {
    return this.#frozen;
  }

  /** The newest batch of a journal that is here or about to be. */
  tip(journal: JournalId): Tip | undefined {
    return this.#queuedTips.get(journal) ?? this.#store.tip(journal);
  }

  /**
   * Takes one batch in; waits while too much is queued. Durable only at `onAppended`.
   */
  async enter(batch: AdmittedBatch): Promise<Entry> {
    while (this.#queueBytes > queueBytesMax) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
    const { header, hash } = batch.verified;
    if (this.#frozen.has(header.journal)) return 'frozen';
    const place = checkSuccessor(this.tip(header.journal), batch.verified);
    if (place === 'known' || place === 'gap') return place;
    if (place === 'past') return this.#compareWithOurs(batch);
    if (place === 'fork') return this.#freeze(batch);
    this.#queuedTips.set(header.journal, { sequence: header.sequence, hash });
    this.#queue.push(batch);
    this.#queueBytes += sizeOf(batch);
    this.#appending ??= this.#appendQueued();
    return 'queued';
  }

  /** A journal that is known to differ elsewhere: our batches of it stay, nothing follows. */
  freeze(journal: JournalId): void {
    this.#frozen.add(journal);
  }

  /** Resolves when nothing is being appended. */
  async idle(): Promise<void> {
    await this.#appending;
  }

  async #compareWithOurs(batch: AdmittedBatch): Promise<Entry> {
    const { journal, sequence } = batch.verified.header;
    const ours = await this.#hashAt(journal, sequence);
    return ours === undefined || ours === batch.verified.hash ? 'known' : this.#freeze(batch);
  }

  async #hashAt(journal: JournalId, sequence: number): Promise<BatchHash | undefined> {
    const tip = this.tip(journal);
    if (tip?.sequence === sequence) return tip.hash;
    const queued = this.#queue.find(
      ({ verified: { header } }) => header.journal === journal && header.sequence === sequence,
    );
    if (queued !== undefined) return queued.verified.hash;
    for await (const batch of this.#store.read(journal, sequence - 1)) return batch.hash;
    return undefined;
  }

  #freeze(batch: AdmittedBatch): Entry {
    const { journal, sequence } = batch.verified.header;
    const first = !this.#frozen.has(journal);
    this.#frozen.add(journal);
    if (first) this.#events.onFork({ journal, sequence, batch: batch.verified });
    return 'frozen';
  }

  async #appendQueued(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue.slice(0, appendGroupMax);
      const failure = await this.#append(group);
      if (failure === undefined) this.#finish(group);
      else this.#forgetQueue(this.#durable(group), failure);
    }
    this.#appending = undefined;
  }

  async #append(group: readonly AdmittedBatch[]): Promise<VaultError | undefined> {
    try {
      await this.#store.append(group.map(toStoredBatch));
      return undefined;
    } catch (error) {
      if (isVaultError(error, 'conflict')) this.#freezeConflicts(group);
      return toVaultError(error, 'replication.append');
    }
  }

  /** The store knows a batch that we did not: somebody else appended to a journal in between. */
  #freezeConflicts(group: readonly AdmittedBatch[]): void {
    for (const batch of group) {
      const { journal, sequence } = batch.verified.header;
      const tip = this.#store.tip(journal);
      if (tip?.sequence === sequence && tip.hash !== batch.verified.hash) this.#freeze(batch);
    }
  }

  #finish(group: readonly AdmittedBatch[]): void {
    this.#queue.splice(0, group.length);
    for (const batch of group) {
      const { journal, sequence } = batch.verified.header;
      this.#queueBytes -= sizeOf(batch);
      if (this.#queuedTips.get(journal)?.sequence === sequence) this.#queuedTips.delete(journal);
    }
    this.#events.onAppended(group);
    this.#letIn();
  }

  /** One journal's file may fail while another one's takes its batches: nobody sends those again. */
  #durable(group: readonly AdmittedBatch[]): readonly AdmittedBatch[] {
    return group.filter(({ verified: { header } }) => {
      const sequence = this.#store.tip(header.journal)?.sequence ?? 0;
      return sequence >= header.sequence && !this.#frozen.has(header.journal);
    });
  }

  #forgetQueue(durable: readonly AdmittedBatch[], error: VaultError): void {
    this.#queue = [];
    this.#queueBytes = 0;
    this.#queuedTips.clear();
    if (durable.length > 0) this.#events.onAppended(durable);
    this.#letIn();
    this.#events.onFailure(error);
  }

  #letIn(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const enter of waiting) enter();
  }
}

function sizeOf({ verified, small }: AdmittedBatch): number {
  return small.reduce((bytes, record) => bytes + record.body.length, verified.bytes.length);
}
