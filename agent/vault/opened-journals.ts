/**
 * The journals of the store, opened batch by batch, for those who look at the past. Each journal ends
 * before the first batch that this device has no key for.
 */
import type { JournalId } from '../../protocol/ids.ts';
import type { BatchSource, JournalEnd } from '../history/history.types.ts';
import type { OpenedBatch, OpKeyLookup } from '../journal/batch.ts';
import type { JournalStore } from '../store/store.ts';
import { openStored } from './load-tree.ts';

type OpenableJournals = Pick<JournalStore, 'tips' | 'read'> & Pick<BatchSource, 'beginningOf'>;

export class OpenedJournals implements BatchSource {
  readonly #journals: OpenableJournals;
  readonly #opKeyOf: OpKeyLookup;

  constructor(journals: OpenableJournals, opKeyOf: OpKeyLookup) {
    this.#journals = journals;
    this.#opKeyOf = opKeyOf;
  }

  tips(): readonly JournalEnd[] {
    return this.#journals.tips();
  }

  beginningOf(journal: JournalId): Omit<JournalEnd, 'journal'> | undefined {
    return this.#journals.beginningOf?.(journal);
  }

  /** @throws VaultError `damaged`, `io` */
  async *read(journal: JournalId, afterSequence: number): AsyncGenerator<OpenedBatch> {
    for await (const stored of this.#journals.read(journal, afterSequence)) {
      const batch = openStored(stored, this.#opKeyOf);
      if (batch === undefined) return;
      yield batch;
    }
  }
}
