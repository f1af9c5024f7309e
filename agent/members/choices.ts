/**
 * Which branch of a forked journal counts, number by number, of all that owner and admins named. The
 * owner's last word stands over every admin's; among admins a later word over those that it had seen,
 * then that of the lowest id.
 */
import { journalId, type BatchHash, type JournalId } from '../../protocol/ids.ts';
import type { ChooseBranch, Statement } from '../../protocol/messages/statement.ts';
import type { Ancestry } from './ancestry.ts';
import type { Authority } from './authority.ts';

/** By journal and number: the batch that counts. */
export type BranchChoices = ReadonlyMap<JournalId, ReadonlyMap<number, BatchHash>>;

type Choice = Statement & { readonly kind: ChooseBranch };

export function chosenBranches(
  { byOwner, byAdmins }: Pick<Authority, 'byOwner' | 'byAdmins'>,
  ancestry: Ancestry,
): BranchChoices {
  const chosen = new Map<JournalId, Map<number, BatchHash>>();
  const choose = (kind: ChooseBranch): void => {
    const name = journalId(kind.device, kind.incarnation);
    const ofJournal = chosen.get(name) ?? new Map<number, BatchHash>();
    chosen.set(name, ofJournal.set(kind.sequence, kind.hash));
  };
  for (const choices of Map.groupBy(byAdmins.filter(isChoice), placeOf).values()) {
    const newest = choices.filter(
      (each) => !choices.some((other) => ancestry.hasSeen(other, each)),
    );
    const [first] = newest.sort((a, b) => (a.id < b.id ? -1 : 1));
    if (first !== undefined) choose(first.kind);
  }
  for (const { kind } of byOwner.filter(isChoice)) choose(kind);
  return chosen;
}

function isChoice(statement: Statement): statement is Choice {
  return statement.kind.type === 'choose-branch';
}

function placeOf({ kind }: Choice): string {
  return `${journalId(kind.device, kind.incarnation)}/${String(kind.sequence)}`;
}
