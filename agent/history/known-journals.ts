/**
 * How far each journal is in the rows, and the short number that it has there. In memory while the
 * agent runs; written together with the rows that it vouches for.
 */
import type { BatchHash, JournalId } from '../../protocol/ids.ts';
import type { Index, IndexChange } from '../ports.ts';
import {
  decodeKnown,
  encodeKnown,
  journalKey,
  journalOfKey,
  journalRange,
  type KnownJournal,
} from './rows.ts';

export class KnownJournals {
  readonly #byId = new Map<JournalId, KnownJournal>();
  readonly #byNumber = new Map<number, JournalId>();
  readonly #changed = new Set<JournalId>();
  #nextNumber = 0;

  /** What the index says. */
  static async load(index: Index): Promise<KnownJournals> {
    const known = new KnownJournals();
    for await (const [key, value] of index.range(...journalRange)) {
      const journal = decodeKnown(value);
      if (journal !== undefined) known.#keep(journalOfKey(key), journal);
    }
    return known;
  }

  /** 0 when nothing of it is known. */
  sequenceOf(journal: JournalId): number {
    return this.#byId.get(journal)?.sequence ?? 0;
  }

  hashOf(journal: JournalId): BatchHash | undefined {
    return this.#byId.get(journal)?.hash;
  }

  numberOf(journal: JournalId): number {
    return this.#byId.get(journal)?.number ?? this.#nextNumber;
  }

  journalOf(number: number): JournalId | undefined {
    return this.#byNumber.get(number);
  }

  journals(): Iterable<JournalId> {
    return this.#byId.keys();
  }

  /** The rows of a journal reach up to this batch now. */
  advance(journal: JournalId, sequence: number, hash: BatchHash): void {
    this.#keep(journal, { number: this.numberOf(journal), sequence, hash });
    this.#changed.add(journal);
  }

  /** What has to be written with the rows that were collected until now. */
  takeChanges(): IndexChange[] {
    const changes = [...this.#changed].flatMap((journal) => {
      const known = this.#byId.get(journal);
      return known === undefined ? [] : { key: journalKey(journal), value: encodeKnown(known) };
    });
    this.#changed.clear();
    return changes;
  }

  #keep(journal: JournalId, known: KnownJournal): void {
    this.#byId.set(journal, known);
    this.#byNumber.set(known.number, journal);
    this.#nextNumber = Math.max(this.#nextNumber, known.number + 1);
  }
}
