/**
 * Which batches of an append are new, and whether they continue their journals. Both stores ask here,
 * so that they cannot disagree about what a fork or a gap is. Nothing is written before all passed.
 */
import { isBranchName } from '../../protocol/branch-name.ts';
import type { BatchHash, JournalId } from '../../protocol/ids.ts';
import { VaultError } from '../../protocol/errors.ts';
import type { JournalTip, StoredBatch } from './store.ts';

export interface JournalView {
  tip(journal: JournalId): JournalTip | undefined;
  /** Hash of a batch that is here: `sequence` is at most the tip's. */
  hashAt(journal: JournalId, sequence: number): Promise<BatchHash | undefined>;
}

/**
 * Splits batches into those to append, in order, and those that are here already.
 * @throws VaultError `conflict` for a fork or a gap; `malformed` for a sequence that is none
 */
export async function planAppend(
  view: JournalView,
  batches: readonly StoredBatch[],
): Promise<{ fresh: StoredBatch[]; known: StoredBatch[] }> {
  const fresh: StoredBatch[] = [];
  const known: StoredBatch[] = [];
  const planned = new Map<JournalId, JournalTip>();
  const plannedHashes = new Map<string, BatchHash>();
  for (const batch of batches) {
    checkSequence(batch);
    const tip = planned.get(batch.journal) ?? view.tip(batch.journal);
    if (batch.sequence <= (tip?.sequence ?? 0)) {
      const here =
        plannedHashes.get(placeOf(batch)) ?? (await view.hashAt(batch.journal, batch.sequence));
      if (here !== batch.hash) throw conflict(batch, 'another batch has this sequence number');
      known.push(batch);
      continue;
    }
    // A branch begins where it leaves another one.
    const begins = tip === undefined && isBranchName(batch.journal);
    if (!begins && batch.sequence !== (tip?.sequence ?? 0) + 1)
      throw conflict(batch, 'batches before it lack');
    if (!begins && batch.previous !== tip?.hash)
      throw conflict(batch, 'it continues another batch');
    planned.set(batch.journal, batch);
    plannedHashes.set(placeOf(batch), batch.hash);
    fresh.push(batch);
  }
  return { fresh, known };
}

function checkSequence(batch: StoredBatch): void {
  if (Number.isSafeInteger(batch.sequence) && batch.sequence >= 1) return;
  throw new VaultError('malformed', {
    op: 'journals.append',
    subject: batch.journal,
    detail: `sequence ${String(batch.sequence)}`,
  });
}

function placeOf(batch: StoredBatch): string {
  return `${batch.journal}/${String(batch.sequence)}`;
}

function conflict(batch: StoredBatch, detail: string): VaultError {
  return new VaultError('conflict', {
    op: 'journals.append',
    subject: `batch ${String(batch.sequence)} of journal ${batch.journal}`,
    detail,
  });
}
