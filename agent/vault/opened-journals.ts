/**
 * The journals of the store, opened batch by batch, for those who look at the past. Each journal ends
 * before the first batch that this device has no key for.
 */
import type { JournalId } from '../../protocol/ids.ts';
import type { BatchSource, JournalEnd } from '../history/history.types.ts';
import type { OpenedBatch, OpKeyLookup } from '../journal/batch.ts';
import type { JournalStore } from '../store/store.ts';
import { openStored } from './load-tree.ts';

export class OpenedJournals implements BatchSource {
  readonly #journals: Pick<JournalStore, 'tips' | 'read'>;
  readonly #opKeyOf: OpKeyLookup;

  constructor(journals: Pick<JournalStore, 'tips' | 'read'>, opKeyOf: OpKeyLookup) {
    this.#journals = journals;
    this.#opKeyOf = opKeyOf;
  }

  tips(): readonly JournalEnd[] {
    return this.#journals.tips();
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
