/** Makes the proof of a fork from the two batches that stand behind one here. */
import type { JournalId } from '../../protocol/ids.ts';
import { makeForkProof } from '../journal/fork-proof.ts';
import type { JournalStore } from '../store/store.ts';
import type { Branch, JournalLines } from './journal-lines.ts';

/**
 * The proof that a branch and the line which it leaves are two; undefined when it would be too large.
 * @throws VaultError `damaged`, `io` when a batch cannot be read
 */
export async function proofOf(
  journals: JournalStore,
  lines: JournalLines,
  branch: Branch,
): Promise<Buffer | undefined> {
  const { journal, first, previous } = branch;
  const before =
    previous === undefined ? undefined : await lines.holderOf(journal, first - 1, previous);
  const other = before?.name ?? journal;
  const one = await batchAt(journals, other, first);
  const two = await batchAt(journals, branch.name, first);
  return one === undefined || two === undefined ? undefined : makeForkProof(one, two);
}

async function batchAt(
  journals: JournalStore,
  line: JournalId,
  sequence: number,
): Promise<Uint8Array | undefined> {
  for await (const batch of journals.read(line, sequence - 1)) {
    return batch.sequence === sequence ? batch.bytes : undefined;
  }
  return undefined;
}
