/** Journals that are here and cannot be read: this device has no key for a batch, or one is damaged. */
import { VaultError } from '../../protocol/errors.ts';
import type { EpochId, JournalId } from '../../protocol/ids.ts';
import { decodeBatch, decodeBatchHeader } from '../../protocol/messages/batch-wire.ts';
import type { JournalStore } from '../store/store.ts';
import type { Vector } from './batch-times.ts';

export interface UnreadableParts {
  readonly journals: JournalStore;
  /** Whether this device has the key of an epoch. */
  readonly hasKey: (epoch: EpochId) => boolean;
}

/**
 * @param applied what is in the tree
 * @param wanted up to where each journal is looked at
 * @throws VaultError `damaged`, `io`
 */
export async function unreadableJournals(
  { journals, hasKey }: UnreadableParts,
  applied: Vector,
  wanted: Iterable<readonly [JournalId, number]>,
): Promise<ReadonlySet<JournalId>> {
  const found = new Set<JournalId>();
  for (const [journal, sequence] of wanted) {
    const next = applied.get(journal) ?? 0;
    if (next >= sequence) continue;
    for await (const { bytes } of journals.read(journal, next)) {
      const { header } = decodeBatchHeader(decodeBatch(bytes).header);
      if (!hasKey(header.epoch)) found.add(journal);
      break;
    }
  }
  return found;
}

/** A journal that ends before what the tree has of it. */
export function unreadableJournal(op: string, journal: JournalId): VaultError {
  return new VaultError('damaged', {
    op,
    subject: `journal ${journal}`,
    detail: 'it cannot be read as far as the tree knows it',
    next: 'run the command again; if that does not help, vault doctor says more',
  });
}
