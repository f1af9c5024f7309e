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
import type { NamedBytes } from './named-bytes.ts';
import type { NamingBatch, WantList } from './want-list.ts';

/** Fills an empty want list, and the sums of what was named, from the journals of a store. */
export async function loadWants(
  store: Store,
  { wants, named }: { readonly wants: WantList; readonly named: NamedBytes },
  log: Log,
): Promise<void> {
  for (const { journal } of [...store.journals.tips(), ...store.journals.branches()]) {
    try {
      await loadJournal(store, { wants, named, journal });
    } catch (error) {
      const { code, message } = toVaultError(error, 'replication.loadWants', journal);
      log.warn({ journal, code, message }, 'a journal was not read to its end');
    }
  }
}

async function loadJournal(
  store: Store,
  {
    wants,
    named,
    journal,
  }: { readonly wants: WantList; readonly named: NamedBytes; readonly journal: JournalId },
): Promise<void> {
  const has = store.chunks.has.bind(store.chunks);
  for await (const batch of store.journals.read(journal, 0)) {
    const { header } = decodeBatchHeader(decodeBatch(batch.bytes).header);
    wants.addBatch(namingBatch(header, journal), has);
    named.note(journal, header);
  }
}

/** What a header says about chunks. @param line the journal, or the branch of it that it stands on */
export function namingBatch(header: BatchHeader, line: JournalId): NamingBatch {
  return {
    journal: line,
    sequence: header.sequence,
    chunks: [...header.chunksAdded, ...header.chunksReused],
  };
}
