/**
 * Which Lamport counter of a batch counts for the order of directory moves. A batch declares one, as
 * 1 + the greatest among what it has seen; a faulty device could declare anything, win every move and
 * use the counter up. So (protocol/SPEC.md, "Order of batches"):
 *
 *   claimed(b) = declared(b), raised to claimed(previous) + 1, lowered to claimed(previous) + 2^32
 *   counts(b)  = claimed(b) while a batch that `b` has seen is unknown, else the lower of claimed(b)
 *                and 1 + the greatest of counts(previous) and claimed(s) of all s that `b` has seen
 *
 * `claimed` depends on the own journal only, so nothing goes round in circles, and the result depends
 * on the set of batches alone. For devices that keep the rule both are what they declared.
 */
import type { JournalId } from '../../protocol/ids.ts';
import type { Seen } from '../../protocol/messages/op.ts';
import type { ByteSink } from './frozen/byte-sink.ts';
import type { ByteSource } from './frozen/byte-source.ts';
import type { BatchOrder } from './records.ts';

/** A journal may leap over everything that others did meanwhile, but not to the end of the numbers. */
export const lamportLeapMax = 2 ** 32;
/** Batches that are saved together. */
const blockBatches = 512;

/** Of one journal, to look at. */
export interface JournalCounters {
  readonly claimed: readonly number[];
  readonly orders: readonly BatchOrder[];
  readonly seen: ReadonlyMap<number, readonly Seen[]>;
}

/** What is known of a batch that was taken in elsewhere. */
export interface KnownCounter {
  readonly claimed: number;
  readonly lamport: number;
  /** Where more that comes may lower it. */
  readonly seen: readonly Seen[] | undefined;
}

interface JournalLamports {
  /** Entry `sequence - 1` belongs to that batch. */
  readonly claimed: number[];
  readonly orders: BatchOrder[];
  /** What a batch has seen; kept only where its cap lowered it or it still waits. */
  readonly seen: Map<number, readonly Seen[]>;
}

interface LamportInput {
  readonly declared: number;
  readonly seen: readonly Seen[];
}

export class Lamports {
  readonly #journals = new Map<JournalId, JournalLamports>();
  /** Batches that wait for a batch of the key's journal, by its sequence. */
  readonly #waiting = new Map<JournalId, Map<number, BatchOrder[]>>();
  /** Blocks of batches that differ from what was saved. */
  #unsaved = new Map<JournalId, Set<number>>();
  #greatest = 0;

  /** Greatest counter that counts among all batches. */
  greatest(): number {
    return this.#greatest;
  }

  /**
   * Takes in the next batch of a journal.
   * @returns its order, and whether orders that were given before have changed
   */
  add(journal: JournalId, input: LamportInput): { order: BatchOrder; changed: boolean } {
    const own = this.#journalOf(journal);
    const sequence = own.claimed.length + 1;
    const before = own.claimed.at(-1) ?? 0;
    const claimed = Math.min(Math.max(input.declared, before + 1), before + lamportLeapMax);
    const order: BatchOrder = { journal, sequence, lamport: claimed };
    own.claimed.push(claimed);
    own.orders.push(order);
    this.#settle(own, order, input.seen);
    const changed = this.#wake(journal, sequence);
    if (changed) this.#recount();
    else this.#greatest = Math.max(this.#greatest, order.lamport);
    return { order, changed };
  }

  /** The order of a batch that was added. */
  orderOf(journal: JournalId, sequence: number): BatchOrder | undefined {
    return this.#journals.get(journal)?.orders[sequence - 1];
  }

  /** Batches known of a journal. */
  countOf(journal: JournalId): number {
    return this.#journals.get(journal)?.claimed.length ?? 0;
  }

  /** Blocks to save; they are the caller's business now. */
  takeUnsaved(): readonly { readonly journal: JournalId; readonly block: number }[] {
    const unsaved = [...this.#unsaved].flatMap(([journal, blocks]) =>
      [...blocks].map((block) => ({ journal, block })),
    );
    this.#unsaved = new Map();
    return unsaved;
  }

  /** Nothing of it is saved any more. */
  forgetSaved(): void {
    for (const [journal, { orders }] of this.#journals) {
      for (let at = 0; at < orders.length; at += blockBatches) this.#markUnsaved(journal, at + 1);
    }
  }

  countersOf(journal: JournalId): JournalCounters {
    return this.#journalOf(journal);
  }

  /** Puts the next batch of a journal back; `finishRestore` comes after the last one. */
  restore(journal: JournalId, { claimed, lamport, seen }: KnownCounter): void {
    const own = this.#journalOf(journal);
    const sequence = own.claimed.push(claimed);
    own.orders.push({ journal, sequence, lamport });
    if (seen !== undefined) own.seen.set(sequence, seen);
    this.#markUnsaved(journal, sequence);
  }

  packBlock(sink: ByteSink, journal: JournalId, block: number): void {
    const { claimed, orders, seen } = this.#journalOf(journal);
    const start = block * blockBatches;
    const batches = orders.slice(start, start + blockBatches);
    sink.count(batches.length);
    for (const { sequence, lamport } of batches) {
      sink.count(claimed[sequence - 1] ?? 0);
      sink.count(lamport);
      const names = seen.get(sequence);
      sink.count(names === undefined ? 0 : names.length + 1);
      for (const name of names ?? []) {
        sink.hex(name.journal);
        sink.count(name.sequence);
      }
    }
  }

  /** Blocks of one journal come in order. @throws RangeError when the bytes are not ours */
  restoreBlock(source: ByteSource, journal: JournalId, block: number): void {
    const { claimed, orders, seen } = this.#journalOf(journal);
    if (claimed.length !== block * blockBatches) throw new RangeError('a block is missing');
    for (let left = source.count(); left > 0; left -= 1) {
      claimed.push(source.count());
      const sequence = claimed.length;
      orders.push({ journal, sequence, lamport: source.count() });
      const names = source.count();
      if (names === 0) continue;
      const list: Seen[] = [];
      for (let at = 1; at < names; at += 1) {
        list.push({ journal: source.hex(24) as JournalId, sequence: source.count() });
      }
      seen.set(sequence, list);
    }
  }

  /** After the last block: what waits, and the greatest of all. */
  finishRestore(): void {
    this.#recount();
    for (const { orders, seen } of this.#journals.values()) {
      for (const [sequence, names] of seen) {
        const missing = this.#firstMissing(names);
        const order = orders[sequence - 1];
        if (missing !== undefined && order !== undefined) this.#wait(missing, order);
      }
    }
  }

  #markUnsaved(journal: JournalId, sequence: number): void {
    const block = Math.floor((sequence - 1) / blockBatches);
    const blocks = this.#unsaved.get(journal);
    if (blocks === undefined) this.#unsaved.set(journal, new Set([block]));
    else blocks.add(block);
  }

  #journalOf(journal: JournalId): JournalLamports {
    let found = this.#journals.get(journal);
    if (found === undefined) {
      found = { claimed: [], orders: [], seen: new Map() };
      this.#journals.set(journal, found);
    }
    return found;
  }

  /**
   * Gives a batch the counter that counts; true when that changed it. What it has seen is kept as
   * long as knowing more may lower it: while it waits, is lowered, or follows such a batch.
   */
  #settle(own: JournalLamports, order: BatchOrder, seen: readonly Seen[]): boolean {
    const claimed = own.claimed[order.sequence - 1] ?? 0;
    const missing = this.#firstMissing(seen);
    const lamport =
      missing === undefined ? Math.min(claimed, this.#cap(own, order, seen)) : claimed;
    if (missing !== undefined) this.#wait(missing, order);
    if (missing !== undefined || lamport < claimed || own.seen.has(order.sequence - 1)) {
      own.seen.set(order.sequence, seen);
    } else {
      own.seen.delete(order.sequence);
    }
    this.#markUnsaved(order.journal, order.sequence);
    const changed = lamport !== order.lamport;
    order.lamport = lamport;
    return changed;
  }

  #cap(own: JournalLamports, order: BatchOrder, seen: readonly Seen[]): number {
    let greatest = own.orders[order.sequence - 2]?.lamport ?? 0;
    for (const { journal, sequence } of seen) {
      const claimed = this.#journals.get(journal)?.claimed[sequence - 1] ?? 0;
      greatest = Math.max(greatest, claimed);
    }
    return greatest + 1;
  }

  #firstMissing(seen: readonly Seen[]): Seen | undefined {
    return seen.find(({ journal, sequence }) => {
      const known = this.#journals.get(journal)?.claimed.length ?? 0;
      return sequence > known;
    });
  }

  #wait(missing: Seen, order: BatchOrder): void {
    let bySequence = this.#waiting.get(missing.journal);
    if (bySequence === undefined) {
      bySequence = new Map();
      this.#waiting.set(missing.journal, bySequence);
    }
    const waiting = bySequence.get(missing.sequence);
    if (waiting === undefined) bySequence.set(missing.sequence, [order]);
    else if (!waiting.includes(order)) waiting.push(order);
  }

  /** Looks again at the batches that waited for this one, and at what follows them in their journals. */
  #wake(journal: JournalId, sequence: number): boolean {
    const waiting = this.#waiting.get(journal)?.get(sequence);
    if (waiting === undefined) return false;
    this.#waiting.get(journal)?.delete(sequence);
    let changed = false;
    for (const order of waiting) changed = this.#settleFrom(order) || changed;
    return changed;
  }

  /** Settles a batch again, and those after it that this can reach. */
  #settleFrom(first: BatchOrder): boolean {
    const own = this.#journalOf(first.journal);
    let anyChanged = false;
    let lastChanged = false;
    for (let at = first.sequence - 1; at < own.orders.length; at += 1) {
      const order = own.orders[at];
      const seen = order === undefined ? undefined : own.seen.get(order.sequence);
      if (order === undefined || seen === undefined) break;
      const waits = this.#firstMissing(seen) !== undefined;
      if (order !== first && !lastChanged && waits) break;
      lastChanged = this.#settle(own, order, seen);
      anyChanged ||= lastChanged;
    }
    return anyChanged;
  }

  #recount(): void {
    this.#greatest = 0;
    for (const { orders } of this.#journals.values()) {
      for (const { lamport } of orders) this.#greatest = Math.max(this.#greatest, lamport);
    }
  }
}
