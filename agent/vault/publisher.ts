/**
 * The one writer of this device's journal. Use cases hand in publications; the publisher puts as
 * many as are waiting into batches, makes them durable with one sync, shows them in the tree, and
 * only then answers.
 *
 * Order of writes (agent/DESIGN.md): chunks first, then the batch that names them, then the tree, then
 * the answer. One flush runs at a time; what arrives meanwhile is the next one, so that a thousand
 * small files cost a handful of syncs.
 */
import { isVaultError } from '../../protocol/errors.ts';
import { journalId, type IncarnationId, type JournalId } from '../../protocol/ids.ts';
import { journal as journalLimits } from '../../protocol/limits.ts';
import type { BatchBody, OpId, Seen } from '../../protocol/messages/op.ts';
import { authorBatch } from '../journal/author.ts';
import type { BatchAuthor, OpenedBatch } from '../journal/batch.ts';
import type { EpochKeys } from '../members/membership.ts';
import type { HybridClock } from '../namespace/clock.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { Clock, Random } from '../ports.ts';
import type { Store } from '../store/store.ts';
import {
  add,
  answer,
  checkSize,
  emptyDraft,
  fits,
  opsAt,
  saysSomething,
  toStored,
  type Contribution,
  type Draft,
  type Publication,
  type Waiting,
} from './draft.ts';

export type { Contribution, Publication, Waiting } from './draft.ts';

const patienceMs = 10;
/** So many at once gain nothing by waiting. */
const patientMax = 512;

export interface PublisherParts {
  readonly store: Store;
  readonly tree: Tree;
  readonly random: Random;
  readonly clock: HybridClock;
  readonly timer: Pick<Clock, 'after'>;
  readonly author: BatchAuthor;
  /** Keys to write with, as of now. @throws VaultError `read-only`, `no-key` */
  readonly epoch: () => EpochKeys;
  readonly membershipHeads: () => readonly string[];
  /** Durable and in the tree. */
  readonly onPublished: (batches: readonly OpenedBatch[]) => void;
  /** About to be durable: what they name is needed from now on. */
  readonly onAuthored?: (batches: readonly OpenedBatch[]) => void;
}

/** What operations were made upon. */
interface Sight {
  readonly lamport: number;
  readonly vector: ReadonlyMap<JournalId, number>;
}

export class Publisher {
  readonly #parts: PublisherParts;
  #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  /** The flush that runs, or ran last. */
  #current: Promise<void> | undefined;
  #incarnation: IncarnationId | undefined;
  /** Of those in the queue. */
  #impatient = 0;
  /** Ends the wait of patient publications. */
  #wake: (() => void) | undefined;
  #seen = new Map<JournalId, number>();

  /**
   * @param incarnation the journal to go on with; undefined opens a new one at the first publication
   */
  constructor(parts: PublisherParts, incarnation: IncarnationId | undefined) {
    this.#parts = parts;
    this.#incarnation = incarnation;
  }

  /**
   * Says `publication` in the journal. Resolves with the ids of its operations when they are durable
   * and shown; when there is nothing to say, no batch is made for it.
   * @throws what `build` throws; VaultError `disk-full`, `io`, `read-only`, `no-key`
   */
  publish(publication: Publication): Promise<readonly OpId[]> {
    return new Promise((resolve, reject) => {
      this.publishAll([{ publication, resolve, reject }]);
    });
  }

  /** The same for many; each is answered by itself. */
  publishAll(entries: readonly Waiting[]): void {
    for (const entry of entries) {
      this.#queue.push(entry);
      if (entry.publication.patient !== true) this.#impatient += 1;
    }
    if (!this.#mayWait()) this.#wake?.();
    this.#flushing ??= this.#flushAll();
  }

  /** Nothing more follows: what waits for more need not. */
  hurry(): void {
    this.#wake?.();
  }

  /** The journal that is being written; undefined before the first publication of a new one. */
  writing(): JournalId | undefined {
    const incarnation = this.#incarnation;
    return incarnation === undefined
      ? undefined
      : journalId(this.#parts.author.device, incarnation);
  }

  /** The next batch opens a new journal: the old one is not ours alone any more, or not whole. */
  openNewJournal(): void {
    this.#incarnation = undefined;
    this.#seen.clear();
  }

  /** Resolves when all operations that were made before this was asked are in the journal, or have failed. */
  async flushed(): Promise<void> {
    await this.#current;
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
  }

  async #flushAll(): Promise<void> {
    // One turn of the microtask queue, so that callers of the same moment share the first sync.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      if (this.#mayWait()) await this.#waitForMore();
      await (this.#current = this.#flush(this.#take()));
    }
    this.#flushing = undefined;
  }

  #mayWait(): boolean {
    return this.#impatient === 0 && this.#queue.length < patientMax;
  }

  /** A sync for every few small files would cost more than all the rest of storing them. */
  async #waitForMore(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = this.#parts.timer.after(patienceMs, () => {
      resolve(undefined);
    });
    this.#wake = () => {
      resolve(undefined);
    };
    await promise;
    timer.cancel();
    this.#wake = undefined;
  }

  /** Takes from the queue, in order, up to the first publication that has to see an earlier one. */
  #take(): readonly Waiting[] {
    const keys = new Set<string>();
    let count = 0;
    for (const { publication } of this.#queue) {
      if (publication.keys.some((key) => keys.has(key))) break;
      for (const key of publication.keys) keys.add(key);
      if (publication.patient !== true) this.#impatient -= 1;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  async #flush(entries: readonly Waiting[]): Promise<void> {
    // What came after the operations were made, they have not seen, though it may be here when they are signed.
    const sight = {
      lamport: this.#parts.tree.lamport(),
      vector: new Map(this.#parts.tree.vector()),
    };
    const { drafts, silent } = this.#draft(entries);
    if (drafts.length + silent.length === 0) return;
    try {
      // Of what is said already, too: a chunk that was missing here has been written again for it.
      await this.#parts.store.chunks.commit();
      if (drafts.length > 0) await this.#say(drafts, sight);
      for (const entry of silent) entry.resolve([]);
    } catch (error) {
      // Whether the batches reached the disk is unknown: their numbers must not be used again.
      this.openNewJournal();
      for (const draft of drafts) for (const { entry } of draft.waiting) entry.reject(error);
      for (const entry of silent) entry.reject(error);
    }
  }

  /** Their chunks are durable. */
  async #say(drafts: readonly Draft[], sight: Sight): Promise<void> {
    const batches = await this.#append(drafts, sight);
    this.#show(batches);
    this.#parts.onPublished(batches);
    drafts.forEach((draft, index) => {
      const batch = batches[index];
      if (batch !== undefined) answer(draft, batch);
    });
  }

  async #append(drafts: readonly Draft[], sight: Sight): Promise<readonly OpenedBatch[]> {
    const { journals } = this.#parts.store;
    const batches = this.#author(drafts, sight);
    this.#parts.onAuthored?.(batches);
    try {
      await journals.append(batches.map(toStored(drafts)));
      return batches;
    } catch (error) {
      if (!isVaultError(error, 'conflict')) throw error;
    }
    // Another device had more of our journal, and it came first: what we say stands in a new one.
    this.openNewJournal();
    const anew = this.#author(drafts, sight);
    this.#parts.onAuthored?.(anew);
    await journals.append(anew.map(toStored(drafts)));
    return anew;
  }

  /** While a journal of ours is hidden, what is said in it is shown when it has been said again. */
  #show(batches: readonly OpenedBatch[]): void {
    const { tree } = this.#parts;
    const [first] = batches;
    if (first === undefined) return;
    const { journal, sequence } = first.header;
    if ((tree.vector().get(journal) ?? 0) === sequence - 1) tree.applyAll(batches);
  }

  /** Makes the operations. @returns what is to be said, and who turned out to have nothing to say */
  #draft(entries: readonly Waiting[]): {
    readonly drafts: readonly Draft[];
    readonly silent: readonly Waiting[];
  } {
    const drafts: Draft[] = [];
    const silent: Waiting[] = [];
    let draft: Draft | undefined;
    for (const entry of entries) {
      let contribution: Contribution;
      try {
        contribution = entry.publication.build(this.#parts.tree);
        checkSize(contribution);
      } catch (error) {
        entry.reject(error);
        continue;
      }
      if (!saysSomething(contribution)) {
        silent.push(entry);
        continue;
      }
      if (draft === undefined || !fits(draft, contribution)) {
        draft = emptyDraft();
        drafts.push(draft);
      }
      add(draft, entry, contribution);
    }
    return { drafts, silent };
  }

  #author(drafts: readonly Draft[], sight: Sight): readonly OpenedBatch[] {
    const { author, clock, random, store } = this.#parts;
    const epoch = this.#parts.epoch();
    const incarnation = (this.#incarnation ??= random.bytes(8).toString('hex') as IncarnationId);
    const id = journalId(author.device, incarnation);
    let tip = store.journals.tip(id);
    let { lamport } = sight;
    return drafts.map((draft) => {
      // A batch that only names chunks has no body: it must not move any clock either.
      const reissued = draft.reissued.length > 0 ? { reissued: draft.reissued } : undefined;
      const body =
        draft.ops.length === 0
          ? { ...emptyBody, ...reissued }
          : {
              stamp: clock.next(draft.ops.length),
              lamport: ++lamport,
              seen: this.#newlySeen(id, sight),
              ops: opsAt(draft, { journal: id, sequence: (tip?.sequence ?? 0) + 1 }),
              ...reissued,
            };
      const batch = authorBatch({
        author,
        opKey: epoch.opKey,
        header: {
          journal: id,
          sequence: (tip?.sequence ?? 0) + 1,
          previous: tip?.hash,
          membershipHeads: this.#parts.membershipHeads().slice(0, journalLimits.membershipHeadsMax),
          epoch: epoch.id,
          salt: random.bytes(32),
          chunksAdded: draft.chunksAdded,
          chunksReused: draft.chunksReused,
          smallRecords: draft.small.map(({ id: record, body }) => ({
            id: record,
            length: body.length,
          })),
          ...(draft.acknowledges.length > 0 && { acknowledges: draft.acknowledges }),
        },
        body,
      });
      tip = { journal: id, sequence: batch.header.sequence, hash: batch.hash };
      return batch;
    });
  }

  /** What other journals brought since this journal's batch before. */
  #newlySeen(own: JournalId, { vector }: Sight): readonly Seen[] {
    const news: Seen[] = [];
    for (const [journal, sequence] of vector) {
      if (journal === own || this.#seen.get(journal) === sequence) continue;
      if (news.length === journalLimits.seenMax) break;
      this.#seen.set(journal, sequence);
      news.push({ journal, sequence });
    }
    return news;
  }
}

const emptyBody: BatchBody = { stamp: { wallMs: 0, counter: 0 }, lamport: 0, seen: [], ops: [] };
