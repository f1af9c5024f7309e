/**
 * What this device announces about itself: which batches it has applied and up to where it holds
 * every chunk. Each change gets a version, so that every subscriber is sent only what it has not seen.
 */
import type { BatchHash, JournalId } from '../../protocol/ids.ts';
import { store as storeLimits } from '../../protocol/limits.ts';
import type { Position } from '../../protocol/messages/peer.ts';
import type { JournalStore } from '../store/store.ts';
import type { WantList } from './want-list.ts';

interface Row {
  applied: number;
  appliedHash: BatchHash;
  complete: number;
  version: number;
}

export class OwnHoldings {
  readonly #journals: JournalStore;
  readonly #wants: WantList;
  readonly #freeBytes: () => number;
  readonly #rows = new Map<JournalId, Row>();
  #version = 0;
  #isLow = false;

  constructor(journals: JournalStore, wants: WantList, freeBytes: () => number) {
    this.#journals = journals;
    this.#wants = wants;
    this.#freeBytes = freeBytes;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** Looks at store, want list and disk again. @returns whether there is anything to announce */
  update(): boolean {
    const before = this.#version;
    // Others want to know why this device does not take more, and when it does again.
    const isLow = this.#freeBytes() < storeLimits.freeBytesMin;
    if (isLow !== this.#isLow) this.#version += 1;
    this.#isLow = isLow;
    for (const { journal, sequence, hash } of this.#journals.tips()) {
      const complete = this.#wants.completeUpTo(journal, sequence);
      const row = this.#rows.get(journal);
      if (row?.applied === sequence && row.complete === complete) continue;
      this.#version += 1;
      this.#rows.set(journal, {
        applied: sequence,
        appliedHash: hash,
        complete,
        version: this.#version,
      });
    }
    return this.#version > before;
  }

  /** What changed after `version`. */
  since(version: number): {
    readonly version: number;
    readonly applied: Position[];
    readonly complete: Position[];
    readonly freeBytes: number;
  } {
    const changed = [...this.#rows].filter(([, row]) => row.version > version);
    return {
      version: this.#version,
      applied: changed.map(([journal, row]) => ({
        journal,
        sequence: row.applied,
        hash: row.appliedHash,
      })),
      complete: changed.map(([journal, row]) => ({
        journal,
        sequence: row.complete,
        hash: row.complete === row.applied ? row.appliedHash : undefined,
      })),
      freeBytes: this.#freeBytes(),
    };
  }

  all(): {
    readonly applied: ReadonlyMap<JournalId, number>;
    readonly complete: ReadonlyMap<JournalId, number>;
    readonly freeBytes: number;
  } {
    return {
      applied: new Map([...this.#rows].map(([journal, row]) => [journal, row.applied])),
      complete: new Map([...this.#rows].map(([journal, row]) => [journal, row.complete])),
      freeBytes: this.#freeBytes(),
    };
  }
}
