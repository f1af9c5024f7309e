/**
 * Names of branches: stretches of a forked journal that stand beside the one that was here first. They
 * are names that no journal can have, because a journal's begin with the hash of a signing key.
 */
import { blake3Of } from './hash.ts';
import { idBytes, idToBytes, type BatchHash, type JournalId } from './ids.ts';

const mark = 'ff'.repeat(8);
const domain = 'peervault v1 branch name';

/** The branch of `journal` whose first batch is `first`. */
export function branchName(journal: JournalId, first: BatchHash): JournalId {
  const nameBytes = idBytes.device + idBytes.incarnation - mark.length / 2;
  const name = blake3Of(domain, idToBytes(journal), idToBytes(first)).subarray(0, nameBytes);
  return (mark + name.toString('hex')) as JournalId;
}

export function isBranchName(journal: JournalId): boolean {
  return journal.startsWith(mark);
}
