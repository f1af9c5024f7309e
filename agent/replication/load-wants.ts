/**
 * At start: reads every journal once and derives what is missing. Nothing of it is saved, so nothing
 * of it can be wrong after a crash. A journal that cannot be read is reported by the store; what could
 * be read of it counts.
 */
import { toVaultError } from '../../protocol/errors.ts';
import type { JournalId } from '../../protocol/ids.ts';
import { decodeBatch, decodeBatchHeader } from '../../protocol/messages/batch-wire.ts';
import type { BatchHeader } from '../../protocol/messages/op.ts';
import type { Log } from '../ports.ts';
import type { Store } from '../store/store.ts';
import type { NamingBatch, WantList } from './want-list.ts';

/** Fills an empty want list from the journals of a store. */
export async function loadWants(store: Store, wants: WantList, log: Log): Promise<void> {
  for (const { journal } of store.journals.tips()) {
    try {
      await loadJournal(store, wants, journal);
    } catch (error) {
      const { code, message } = toVaultError(error, 'replication.loadWants', journal);
      log.warn({ journal, code, message }, 'a journal was not read to its end');
    }
  }
}

async function loadJournal(store: Store, wants: WantList, journal: JournalId): Promise<void> {
  const has = store.chunks.has.bind(store.chunks);
  for await (const batch of store.journals.read(journal, 0)) {
    const { header } = decodeBatchHeader(decodeBatch(batch.bytes).header);
    wants.addBatch(namingBatch(header), has);
  }
}

/** What a header says about chunks. */
export function namingBatch(header: BatchHeader): NamingBatch {
  return {
    journal: header.journal,
    sequence: header.sequence,
    chunks: [...header.chunksAdded, ...header.chunksReused],
  };
}
