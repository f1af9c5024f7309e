/**
 * What this device lacks: chunks that a journal here names and the store does not hold. Derived from
 * the headers of batches, so it is never saved; at start the journals are read again. It also knows,
 * for each journal, up to which batch every chunk is here. Pure.
 */
import type { ChunkId, JournalId } from '../../protocol/ids.ts';
import type { NamedChunk } from '../../protocol/messages/op.ts';

/** A chunk that is missing, and the batches that wait for it. */
export interface Want {
  readonly id: ChunkId;
  /** Sealed length as the first batch named it; the hash decides, this is for planning. */
  readonly length: number;
  readonly namedBy: readonly NamedBy[];
}

export interface NamedBy {
  readonly journal: JournalId;
  readonly sequence: number;
}

/** The chunks of one batch, from its header. */
export interface NamingBatch {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly chunks: readonly NamedChunk[];
}

/** Of one journal: how many chunks each incomplete batch lacks. */
interface JournalGaps {
  readonly lacking: Map<number, number>;
  /** Ascending; entries that are complete by now are dropped from the front when somebody looks. */
  readonly incomplete: number[];
}

interface MutableWant extends Want {
  readonly namedBy: NamedBy[];
}

export class WantList {
  readonly #wants = new Map<ChunkId, MutableWant>();
  readonly #journals = new Map<JournalId, JournalGaps>();
  /** Wanted again, after it was here. */
  readonly #lost = new Set<ChunkId>();
  #bytes = 0;

  /** How many chunks are missing. */
  get size(): number {
    return this.#wants.size;
  }

  /** Their sealed bytes, as named. */
  get bytes(): number {
    return this.#bytes;
  }

  get(id: ChunkId): Want | undefined {
    return this.#wants.get(id);
  }

  /** In the order in which batches named them. */
  all(): IterableIterator<Want> {
    return this.#wants.values();
  }

  /**
   * Takes in one batch; batches of one journal come in order.
   * @param has whether a chunk is in the store
   * @returns chunks that were not wanted before
   */
  addBatch(batch: NamingBatch, has: (id: ChunkId) => boolean): Want[] {
    const fresh: Want[] = [];
    const seen = new Set<ChunkId>();
    for (const chunk of batch.chunks) {
      if (seen.has(chunk.id) || has(chunk.id)) continue;
      seen.add(chunk.id);
      let want = this.#wants.get(chunk.id);
      if (want === undefined) {
        want = { id: chunk.id, length: chunk.length, namedBy: [] };
        this.#wants.set(chunk.id, want);
        this.#bytes += chunk.length;
        fresh.push(want);
      }
      // Whoever looked for what was lost may have come here first.
      if (this.#lost.has(chunk.id) && isNamedBy(want, batch)) {
        seen.delete(chunk.id);
        continue;
      }
      want.namedBy.push({ journal: batch.journal, sequence: batch.sequence });
    }
    if (seen.size > 0) this.#openGap(batch, seen.size);
    return fresh;
  }

  /** A chunk that was here is not any more; which batches name it is not known yet. */
  addLost({ id, length }: NamedChunk): Want | undefined {
    if (this.#wants.has(id)) return undefined;
    const want: MutableWant = { id, length, namedBy: [] };
    this.#wants.set(id, want);
    this.#lost.add(id);
    this.#bytes += length;
    return want;
  }

  /** A batch that was here before names some of the lost chunks. Those that have come since are not lost. */
  nameLost(batch: NamingBatch, lost: ReadonlySet<ChunkId>): void {
    const { journal, sequence } = batch;
    const named = new Set(batch.chunks.map(({ id }) => id));
    for (const id of named) {
      const want = lost.has(id) ? this.#wants.get(id) : undefined;
      if (want === undefined) continue;
      if (isNamedBy(want, batch)) continue;
      want.namedBy.push({ journal, sequence });
      this.#widenGap(journal, sequence);
    }
  }

  /** The chunk is durable here now. @returns whether a batch became complete by it */
  arrived(id: ChunkId): boolean {
    const want = this.#wants.get(id);
    if (want === undefined) return false;
    this.#wants.delete(id);
    this.#lost.delete(id);
    this.#bytes -= want.length;
    let completed = false;
    for (const { journal, sequence } of want.namedBy) {
      const gaps = this.#journals.get(journal);
      const left = (gaps?.lacking.get(sequence) ?? 1) - 1;
      if (left > 0) gaps?.lacking.set(sequence, left);
      else completed = (gaps?.lacking.delete(sequence) ?? false) || completed;
    }
    return completed;
  }

  /** Up to which batch of a journal every chunk is here, given the newest batch that is here. */
  completeUpTo(journal: JournalId, tip: number): number {
    const gaps = this.#journals.get(journal);
    if (gaps === undefined) return tip;
    let first = gaps.incomplete[0];
    while (first !== undefined && !gaps.lacking.has(first)) {
      gaps.incomplete.shift();
      first = gaps.incomplete[0];
    }
    if (first !== undefined) return first - 1;
    this.#journals.delete(journal);
    return tip;
  }

  /** One more chunk of a batch is missing, wherever in the journal it stands. */
  #widenGap(journal: JournalId, sequence: number): void {
    const gaps = this.#gapsOf(journal);
    const lacking = gaps.lacking.get(sequence);
    gaps.lacking.set(sequence, (lacking ?? 0) + 1);
    if (lacking !== undefined) return;
    const after = gaps.incomplete.findIndex((other) => other >= sequence);
    const at = after === -1 ? gaps.incomplete.length : after;
    // One that was complete for a while may still stand there.
    if (gaps.incomplete[at] !== sequence) gaps.incomplete.splice(at, 0, sequence);
  }

  #openGap(batch: NamingBatch, count: number): void {
    const gaps = this.#gapsOf(batch.journal);
    const lacking = gaps.lacking.get(batch.sequence);
    gaps.lacking.set(batch.sequence, (lacking ?? 0) + count);
    if (lacking === undefined) gaps.incomplete.push(batch.sequence);
  }

  #gapsOf(journal: JournalId): JournalGaps {
    let gaps = this.#journals.get(journal);
    if (gaps === undefined) {
      gaps = { lacking: new Map(), incomplete: [] };
      this.#journals.set(journal, gaps);
    }
    return gaps;
  }
}

function isNamedBy({ namedBy }: Want, { journal, sequence }: NamingBatch): boolean {
  return namedBy.some((by) => by.journal === journal && by.sequence === sequence);
}
