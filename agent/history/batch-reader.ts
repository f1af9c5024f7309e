/**
 * Operations by their names, read from the journals. A few batches stay open, because the operations
 * of one question mostly stand beside each other.
 */
import type { JournalId } from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import { checkOp } from '../journal/check-op.ts';
import type { BatchSource, Change } from './history.types.ts';

const batchesKeptMax = 32;

export class BatchReader {
  readonly #source: BatchSource;
  readonly #counts: (journal: JournalId, sequence: number) => boolean;
  readonly #kept = new Map<string, Promise<OpenedBatch | undefined>>();

  /** @param counts whether a batch counts: one that is kept for evidence only has no past */
  constructor(source: BatchSource, counts: (journal: JournalId, sequence: number) => boolean) {
    this.#source = source;
    this.#counts = counts;
  }

  /** undefined when it is not here, was folded, does not count, or breaks a rule and had no effect. */
  async change(op: OpId): Promise<Change | undefined> {
    const { journal, sequence, index } = op;
    if (!this.#counts(journal, sequence)) return undefined;
    // It may be open still, and what the state says about it is the answer.
    if (sequence <= (this.#source.beginningOf?.(journal)?.sequence ?? 0)) return undefined;
    const batch = await this.#batch(journal, sequence);
    const body = batch?.body.ops[index];
    if (batch === undefined || body === undefined || checkOp(body) !== undefined) return undefined;
    const { wallMs, counter } = batch.body.stamp;
    return { op, author: batch.author, stamp: { wallMs, counter: counter + index }, body };
  }

  /** The journals say something else than before. */
  forget(): void {
    this.#kept.clear();
  }

  #batch(journal: JournalId, sequence: number): Promise<OpenedBatch | undefined> {
    const name = `${journal}/${String(sequence)}`;
    const kept = this.#kept.get(name) ?? this.#read(journal, sequence);
    // Taken out and put back: the one that was not asked for longest stands first.
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    kept.catch(() => this.#kept.delete(name));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= batchesKeptMax) break;
      this.#kept.delete(oldest);
    }
    return kept;
  }

  async #read(journal: JournalId, sequence: number): Promise<OpenedBatch | undefined> {
    for await (const batch of this.#source.read(journal, sequence - 1)) {
      return batch.header.sequence === sequence ? batch : undefined;
    }
    return undefined;
  }
}
