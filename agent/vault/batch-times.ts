/**
 * When each batch was written and what its author had seen: enough to say which batches make the tree
 * as it was at a time. Read from the journals at the first question, kept from then on, and followed by
 * what came since at the next one.
 */
import type { JournalId } from '../../protocol/ids.ts';
import type { Seen } from '../../protocol/messages/op.ts';
import type { BatchSource } from '../history/history.types.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import type { Slices } from './slices.ts';

export type Vector = ReadonlyMap<JournalId, number>;

/** Of one journal; batch `n` stands at `n - 1`. */
export interface JournalTimes {
  /** Unix time by its author's clock; 0 for a batch that says nothing. */
  readonly wallMs: readonly number[];
  /** Other journals, where that changed with the batch. */
  readonly seen: ReadonlyMap<number, readonly Seen[]>;
}

interface GrowingTimes extends JournalTimes {
  readonly wallMs: number[];
  readonly seen: Map<number, readonly Seen[]>;
}

export class BatchTimes {
  readonly #source: BatchSource;
  readonly #base: () => Vector;
  readonly #journals = new Map<JournalId, GrowingTimes>();

  /** @param base up to where journals were folded: that counts as older than everything */
  constructor(source: BatchSource, base: () => Vector = () => new Map()) {
    this.#source = source;
    this.#base = base;
  }

  /** How many batches up to `bound` are not known yet. */
  missing(bound: Vector): number {
    let count = 0;
    for (const [journal, sequence] of bound) {
      count += Math.max(0, sequence - this.#of(journal).wallMs.length);
    }
    return count;
  }

  /** Journals that are not known up to `bound`. */
  missingFrom(bound: Vector): readonly JournalId[] {
    return [...bound]
      .filter(([journal, sequence]) => this.#of(journal).wallMs.length < sequence)
      .map(([journal]) => journal);
  }

  /**
   * Reads what is not known yet.
   * @param onBatch hears of each one
   * @throws VaultError `cancelled`, and what the journals cannot be read with
   */
  async read(bound: Vector, slices: Slices, onBatch: () => void): Promise<void> {
    for (const [journal, sequence] of bound) {
      const times = this.#of(journal);
      if (times.wallMs.length >= sequence) continue;
      for await (const batch of this.#source.read(journal, times.wallMs.length)) {
        // Somebody else may have asked meanwhile.
        if (batch.header.sequence === times.wallMs.length + 1) add(times, batch);
        onBatch();
        await slices.step();
        if (batch.header.sequence >= sequence) break;
      }
    }
  }

  /** The journals say something else than before. */
  forget(): void {
    this.#journals.clear();
  }

  /** What was not later than `timeMs`, of what is within `bound`. */
  cutAt(timeMs: number, bound: Vector): Vector {
    return cutAt(this.#journals, timeMs, bound);
  }

  #of(journal: JournalId): GrowingTimes {
    let times = this.#journals.get(journal);
    if (times === undefined) {
      times = { wallMs: Array<number>(this.#base().get(journal) ?? 0).fill(0), seen: new Map() };
      this.#journals.set(journal, times);
    }
    return times;
  }
}

function add(times: GrowingTimes, { header, body }: OpenedBatch): void {
  times.wallMs.push(body.stamp.wallMs);
  if (body.seen.length > 0) times.seen.set(header.sequence, body.seen);
}

/**
 * The largest set of batches that were written not later than `timeMs`, of each journal a beginning,
 * and with each batch all that its author had seen, as far as that is here. Pure.
 */
export function cutAt(
  journals: ReadonlyMap<JournalId, JournalTimes>,
  timeMs: number,
  bound: Vector,
): Vector {
  const cut = new Map<JournalId, number>();
  for (const [journal, sequence] of bound) {
    const wallMs = journals.get(journal)?.wallMs ?? [];
    const first = wallMs.findIndex((each, at) => at < sequence && each > timeMs);
    cut.set(journal, first === -1 ? Math.min(sequence, wallMs.length) : first);
  }
  // Clocks that stood far apart: what somebody saw may carry a later time than what he then wrote.
  for (let again = true; again;) {
    again = false;
    for (const [journal, sequence] of cut) {
      const first = firstBeyond(journals.get(journal), sequence, { cut, bound });
      if (first === undefined) continue;
      cut.set(journal, first - 1);
      again = true;
    }
  }
  return cut;
}

/** The first batch, up to `sequence`, whose author had seen one that was cut off. */
function firstBeyond(
  times: JournalTimes | undefined,
  sequence: number,
  { cut, bound }: { readonly cut: Vector; readonly bound: Vector },
): number | undefined {
  for (const [at, seen] of times?.seen ?? []) {
    if (at > sequence) return undefined;
    const beyond = seen.some((each) => {
      const kept = cut.get(each.journal) ?? 0;
      return each.sequence > kept && kept < (bound.get(each.journal) ?? 0);
    });
    if (beyond) return at;
  }
  return undefined;
}
