/**
 * The journals as far as they count: what the tree is made of and what every look at the past reads.
 * A journal that nothing is known against counts to its end and costs nothing here; of the others the
 * answer is made by `refresh`, and stands until the next one.
 */
import { splitJournalId, type BatchHash, type JournalId } from '../../protocol/ids.ts';
import type { ProvenFork } from '../journal/fork-proof.ts';
import type { Membership } from '../members/membership.ts';
import type { JournalStore, JournalTip, StoredBatch } from '../store/store.ts';
import {
  countingPrefix,
  placesToKnow,
  type CountingPrefix,
  type JournalFacts,
  type Line,
} from '../validity/counting.ts';
import { rightOf } from '../validity/right.ts';

/** What this needs to know of the lines of journals; `replication` knows it. */
export interface LineBook {
  journals(): readonly JournalId[];
  isForked(journal: JournalId): boolean;
  linesOf(journal: JournalId): readonly Line[];
  forksOf(journal: JournalId): readonly ProvenFork[];
  hashAt(line: JournalId, sequence: number): Promise<BatchHash | undefined>;
}

/** Where reading begins, when what is before was folded. */
export interface JournalsBase {
  readonly places: ReadonlyMap<JournalId, number>;
  hashAt(journal: JournalId): BatchHash | undefined;
}

/** What readers of journals use of a store. */
export type JournalSource = Pick<JournalStore, 'tips' | 'tip' | 'read'>;

interface Known {
  readonly prefix: CountingPrefix;
  /** Of the last batch that counts. */
  readonly hash: BatchHash | undefined;
}

export class CountingJournals implements JournalSource {
  readonly #journals: JournalSource;
  readonly #lines: LineBook;
  readonly #membership: () => Membership;
  #known = new Map<JournalId, Known>();
  #base: JournalsBase | undefined;

  /** Call `refresh` before anything else. */
  constructor(journals: JournalSource, lines: LineBook, membership: () => Membership) {
    this.#journals = journals;
    this.#lines = lines;
    this.#membership = membership;
  }

  /** From now on nothing is read that was folded. */
  beginAt(base: JournalsBase): void {
    this.#base = base;
  }

  /** The last batch of a journal that was folded; undefined: none was. */
  beginningOf(journal: JournalId): Omit<JournalTip, 'journal'> | undefined {
    const sequence = this.#base?.places.get(journal);
    const hash = this.#base?.hashAt(journal);
    return sequence === undefined || hash === undefined ? undefined : { sequence, hash };
  }

  /**
   * The last batch of a journal that was folded: it counts, and all before it, whatever is said of them later.
   * What went here counts also when the word of who folded it does not any more.
   */
  foldedOf(journal: JournalId): JournalFacts['folded'] {
    const said = this.#membership().fold?.vector.find((place) => place.journal === journal);
    const own = this.beginningOf(journal);
    return (own?.sequence ?? 0) > (said?.sequence ?? 0) ? own : said;
  }

  /** Whether all that is here of a journal counts, as far as is known now, and all that follows will. */
  countsWhole(journal: JournalId): boolean {
    const membership = this.#membership();
    return (
      !this.#lines.isForked(journal) &&
      !membership.choices.has(journal) &&
      rightOf(membership, journal).type === 'all'
    );
  }

  /** Looks again at every journal that does not simply count. */
  async refresh(): Promise<void> {
    const known = new Map<JournalId, Known>();
    for (const journal of this.#lines.journals()) {
      if (!this.countsWhole(journal)) known.set(journal, await this.#evaluate(journal));
    }
    this.#known = known;
  }

  /** How far a journal counts and why no further; undefined for one that counts to its end. */
  prefixOf(journal: JournalId): CountingPrefix | undefined {
    return this.#known.get(journal)?.prefix;
  }

  /** See `JournalStore.tips`: the last batches that count. */
  tips(): readonly JournalTip[] {
    const plain = this.#journals.tips().filter(({ journal }) => !this.#known.has(journal));
    const others = [...this.#known.keys()].flatMap((journal) => this.tip(journal) ?? []);
    return [...plain, ...others];
  }

  /** See `JournalStore.tip`. */
  tip(journal: JournalId): JournalTip | undefined {
    const known = this.#known.get(journal);
    if (known === undefined) return this.#journals.tip(journal);
    if (known.hash === undefined) return undefined;
    return { journal, sequence: known.prefix.sequence, hash: known.hash };
  }

  /** Of a batch that counts. */
  async hashAt(journal: JournalId, sequence: number): Promise<BatchHash | undefined> {
    const tip = this.tip(journal);
    if (tip === undefined || sequence > tip.sequence) return undefined;
    const route = this.prefixOf(journal)?.route;
    const on = route?.find(({ upTo }) => upTo >= sequence)?.line.name ?? journal;
    return this.#lines.hashAt(on, sequence);
  }

  /** See `JournalStore.read`; batches that do not count, or were folded, are not among them. */
  async *read(journal: JournalId, afterSequence: number): AsyncGenerator<StoredBatch> {
    const prefix = this.prefixOf(journal);
    let after = Math.max(0, afterSequence, this.#base?.places.get(journal) ?? 0);
    if (prefix === undefined) {
      yield* this.#journals.read(journal, after);
      return;
    }
    for (const { line, upTo } of prefix.route) {
      if (upTo <= after) continue;
      for await (const batch of this.#journals.read(line.name, after)) {
        if (batch.sequence > upTo) break;
        yield batch;
        after = batch.sequence;
      }
      if (after < upTo) return;
    }
  }

  async #evaluate(journal: JournalId): Promise<Known> {
    const membership = this.#membership();
    const facts = {
      lines: this.#lines.linesOf(journal),
      forks: this.#lines.forksOf(journal),
      choices: membership.choices.get(journal) ?? new Map<number, BatchHash>(),
      right: rightOf(membership, journal),
      folded: this.foldedOf(journal),
    };
    const hashAt = await this.#hashesOf(facts);
    const prefix = countingPrefix({ ...facts, hashAt });
    const last = prefix.route.at(-1);
    const hash =
      last === undefined ? undefined : await this.#lines.hashAt(last.line.name, last.upTo);
    return { prefix, hash };
  }

  async #hashesOf(facts: Omit<JournalFacts, 'hashAt'>): Promise<JournalFacts['hashAt']> {
    const hashes = new Map<JournalId, Map<number, BatchHash>>();
    const places = placesToKnow(facts);
    for (const { name, first, tip } of facts.lines) {
      const ofLine = new Map<number, BatchHash>();
      for (const sequence of places) {
        if (sequence < first || sequence > tip) continue;
        const hash = await this.#lines.hashAt(name, sequence);
        if (hash !== undefined) ofLine.set(sequence, hash);
      }
      hashes.set(name, ofLine);
    }
    return ({ name }, sequence) => hashes.get(name)?.get(sequence);
  }
}

/** Whether the journal is one of `device`. */
export function isOf(journal: JournalId, device: string): boolean {
  return splitJournalId(journal).device === device;
}
