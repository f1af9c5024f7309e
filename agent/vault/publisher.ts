/**
 * The one writer of this device's journal. Use cases hand in publications; the publisher puts as
 * many as are waiting into batches, makes them durable with one sync, shows them in the tree, and
 * only then answers.
 *
 * Order of writes (agent/DESIGN.md): chunks first, then the batch that names them, then the tree, then
 * the answer. One flush runs at a time; what arrives meanwhile is the next one, so that a thousand
 * small files cost a handful of syncs.
 */
import { VaultError } from '../../protocol/errors.ts';
import { journalId, type IncarnationId, type JournalId } from '../../protocol/ids.ts';
import { journal as journalLimits } from '../../protocol/limits.ts';
import type { BatchBody, NamedChunk, Op, OpId, Seen } from '../../protocol/messages/op.ts';
import { authorBatch } from '../journal/author.ts';
import type { BatchAuthor, OpenedBatch } from '../journal/batch.ts';
import type { EpochKeys } from '../members/membership.ts';
import type { HybridClock } from '../namespace/clock.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { Random } from '../ports.ts';
import type { SmallRecord, Store, StoredBatch } from '../store/store.ts';

/** What one use case wants to say in the journal. */
export interface Publication {
  /**
   * Names that it decides about: two publications that share one never stand in the same batch,
   * because the second has to see the first.
   */
  readonly keys: readonly string[];
  /** Makes the operations, against the tree as it is when its turn comes. Runs once. */
  readonly build: (tree: Tree) => Contribution;
}

/** Operations, and the chunks and small records that they name. */
export interface Contribution {
  readonly ops: readonly Op[];
  readonly chunksAdded?: readonly NamedChunk[];
  readonly chunksReused?: readonly NamedChunk[];
  readonly small?: readonly SmallRecord[];
}

export interface PublisherParts {
  readonly store: Store;
  readonly tree: Tree;
  readonly random: Random;
  readonly clock: HybridClock;
  readonly author: BatchAuthor;
  /** Keys to write with, as of now. @throws VaultError `read-only`, `no-key` */
  readonly epoch: () => EpochKeys;
  readonly membershipHeads: () => readonly string[];
  /** Durable and in the tree. */
  readonly onPublished: (batches: readonly OpenedBatch[]) => void;
}

interface Waiting {
  readonly publication: Publication;
  readonly resolve: (ids: readonly OpId[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A batch being filled, and who waits for it. */
interface Draft {
  readonly ops: Op[];
  readonly chunksAdded: NamedChunk[];
  readonly chunksReused: NamedChunk[];
  readonly small: SmallRecord[];
  readonly waiting: { readonly entry: Waiting; readonly first: number; readonly count: number }[];
  bytes: number;
}

export class Publisher {
  readonly #parts: PublisherParts;
  #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #incarnation: IncarnationId | undefined;
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
   * and shown.
   * @throws what `build` throws; VaultError `disk-full`, `io`, `read-only`, `no-key`
   */
  publish(publication: Publication): Promise<readonly OpId[]> {
    const done = new Promise<readonly OpId[]>((resolve, reject) => {
      this.#queue.push({ publication, resolve, reject });
    });
    this.#flushing ??= this.#flushAll();
    return done;
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

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
  }

  async #flushAll(): Promise<void> {
    // One turn of the microtask queue, so that callers of the same moment share the first sync.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#flush(this.#take());
    this.#flushing = undefined;
  }

  /** Takes from the queue, in order, up to the first publication that has to see an earlier one. */
  #take(): readonly Waiting[] {
    const keys = new Set<string>();
    let count = 0;
    for (const { publication } of this.#queue) {
      if (publication.keys.some((key) => keys.has(key))) break;
      for (const key of publication.keys) keys.add(key);
      count++;
    }
    return this.#queue.splice(0, count);
  }

  async #flush(entries: readonly Waiting[]): Promise<void> {
    const drafts = this.#draft(entries);
    if (drafts.length === 0) return;
    try {
      const batches = this.#author(drafts);
      await this.#parts.store.chunks.commit();
      await this.#parts.store.journals.append(batches.map(toStored(drafts)));
      for (const batch of batches) this.#parts.tree.apply(batch);
      this.#parts.onPublished(batches);
      drafts.forEach((draft, index) => {
        const batch = batches[index];
        if (batch !== undefined) answer(draft, batch);
      });
    } catch (error) {
      // Whether the batches reached the disk is unknown: their numbers must not be used again.
      this.openNewJournal();
      for (const draft of drafts) for (const { entry } of draft.waiting) entry.reject(error);
    }
  }

  #draft(entries: readonly Waiting[]): readonly Draft[] {
    const drafts: Draft[] = [];
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
      if (draft === undefined || !fits(draft, contribution)) {
        draft = emptyDraft();
        drafts.push(draft);
      }
      add(draft, entry, contribution);
    }
    return drafts;
  }

  #author(drafts: readonly Draft[]): readonly OpenedBatch[] {
    const { author, clock, random, store, tree } = this.#parts;
    const epoch = this.#parts.epoch();
    const incarnation = (this.#incarnation ??= random.bytes(8).toString('hex') as IncarnationId);
    const id = journalId(author.device, incarnation);
    let tip = store.journals.tip(id);
    let lamport = tree.lamport();
    return drafts.map((draft) => {
      // A batch that only names chunks has no body: it must not move any clock either.
      const body =
        draft.ops.length === 0
          ? emptyBody
          : {
              stamp: clock.next(draft.ops.length),
              lamport: ++lamport,
              seen: this.#newlySeen(id),
              ops: draft.ops,
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
        },
        body,
      });
      tip = { journal: id, sequence: batch.header.sequence, hash: batch.hash };
      return batch;
    });
  }

  /** What other journals brought since this journal's batch before. */
  #newlySeen(own: JournalId): readonly Seen[] {
    const news: Seen[] = [];
    for (const [journal, sequence] of this.#parts.tree.vector()) {
      if (journal === own || this.#seen.get(journal) === sequence) continue;
      if (news.length === journalLimits.seenMax) break;
      this.#seen.set(journal, sequence);
      news.push({ journal, sequence });
    }
    return news;
  }
}

const emptyBody: BatchBody = { stamp: { wallMs: 0, counter: 0 }, lamport: 0, seen: [], ops: [] };

function emptyDraft(): Draft {
  return { ops: [], chunksAdded: [], chunksReused: [], small: [], waiting: [], bytes: 0 };
}

function fits(draft: Draft, contribution: Contribution): boolean {
  const ids = idCount(draft) + idCount(contribution);
  return (
    draft.bytes + sizeOf(contribution) <= journalLimits.batchOpsBytes &&
    draft.ops.length + contribution.ops.length <= journalLimits.opsPerBatchMax &&
    ids <= journalLimits.idsPerBatchMax
  );
}

function add(draft: Draft, entry: Waiting, contribution: Contribution): void {
  draft.waiting.push({ entry, first: draft.ops.length, count: contribution.ops.length });
  draft.ops.push(...contribution.ops);
  draft.chunksAdded.push(...(contribution.chunksAdded ?? []));
  draft.chunksReused.push(...(contribution.chunksReused ?? []));
  draft.small.push(...(contribution.small ?? []));
  draft.bytes += sizeOf(contribution);
}

function checkSize(contribution: Contribution): void {
  if (
    idCount(contribution) > journalLimits.idsPerBatchMax ||
    contribution.ops.length > journalLimits.opsPerBatchMax
  ) {
    throw new VaultError('too-large', {
      op: 'publisher.publish',
      detail: 'one change does not fit into a batch',
    });
  }
}

function idCount(part: Contribution | Draft): number {
  return (
    (part.chunksAdded?.length ?? 0) + (part.chunksReused?.length ?? 0) + (part.small?.length ?? 0)
  );
}

/** A close guess at the encoded size: the parts of an operation that are not small and fixed. */
function sizeOf(contribution: Contribution): number {
  let bytes = 0;
  for (const op of contribution.ops) {
    bytes += 256;
    if ('name' in op) bytes += op.name.length;
    if (op.type === 'make') bytes += op.target?.length ?? 0;
    if ('attributes' in op)
      for (const value of op.attributes.xattrs?.values() ?? []) bytes += 64 + (value?.length ?? 0);
  }
  return bytes;
}

function toStored(drafts: readonly Draft[]): (batch: OpenedBatch, index: number) => StoredBatch {
  return (batch, index) => ({
    journal: batch.header.journal,
    sequence: batch.header.sequence,
    hash: batch.hash,
    previous: batch.header.previous,
    bytes: batch.bytes,
    small: drafts[index]?.small ?? [],
  });
}

function answer(draft: Draft, batch: OpenedBatch): void {
  const { journal, sequence } = batch.header;
  for (const { entry, first, count } of draft.waiting) {
    entry.resolve(
      Array.from({ length: count }, (_, index) => ({ journal, sequence, index: first + index })),
    );
  }
}
