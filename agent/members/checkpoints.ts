/**
 * Which checkpoint stands, of all that owner and admins issued. Of each issuer the last one counts. One
 * that contains another one stands before it; among those that no other contains, the lowest id does. A
 * pure function of the statements, so that two admins who fold at once end at the same one everywhere.
 */
import { journalId, type JournalId } from '../../protocol/ids.ts';
import type { Checkpoint, Statement } from '../../protocol/messages/statement.ts';
import type { CountedCheckpoint, CountedFold } from './membership.ts';

type Issued = Statement & { readonly kind: Checkpoint };

/**
 * The one that is to be agreed to.
 * @param counted statements that count
 */
export function standingCheckpoint(counted: readonly Statement[]): CountedCheckpoint | undefined {
  const issued = counted.filter(isCheckpoint).filter(({ kind }) => kind.fold === undefined);
  return standing(issued.filter(isLastWord).flatMap(checkpointOf));
}

/**
 * What all have agreed to, by the word of who issued it: bodies of what it folds may be gone.
 * All count and not only an issuer's last, since none can be taken back.
 */
export function foldsOf(counted: readonly Statement[]): readonly CountedFold[] {
  return counted.filter(isCheckpoint).flatMap((statement) => {
    const { fold } = statement.kind;
    return fold === undefined ? [] : checkpointOf(statement).map((each) => ({ ...each, ...fold }));
  });
}

/** The one to begin at. @param folds all that count */
export function standingFold(folds: readonly CountedFold[]): CountedFold | undefined {
  return standing(folds);
}

function standing<Each extends CountedCheckpoint>(all: readonly Each[]): Each | undefined {
  const highest = all.filter(
    (each) => !all.some((other) => contains(other, each) && !contains(each, other)),
  );
  return highest.sort((a, b) => (a.id < b.id ? -1 : 1))[0];
}

function isCheckpoint(statement: Statement): statement is Issued {
  return statement.kind.type === 'checkpoint';
}

/** Each statement comes after what it names, so an issuer's later one comes later. */
function isLastWord(statement: Issued, at: number, all: readonly Issued[]): boolean {
  return all.findLastIndex(({ issuer }) => issuer === statement.issuer) === at;
}

/** One that names a journal twice means nothing. */
function checkpointOf({ id, kind }: Issued): readonly CountedCheckpoint[] {
  const vector = kind.vector.map(({ device, incarnation, sequence, hash }) => ({
    journal: journalId(device, incarnation),
    sequence,
    hash,
  }));
  const places = new Map(vector.map(({ journal, sequence }) => [journal, sequence]));
  if (vector.length === 0 || places.size < vector.length) return [];
  return [{ id, vector, places, stateRoot: kind.stateRoot, leavesOut: kind.excluded.length > 0 }];
}

/** Whether everything that `lesser` folds is folded by `greater` too. */
function contains(greater: CountedCheckpoint, lesser: CountedCheckpoint): boolean {
  const upTo = (journal: JournalId): number => greater.places.get(journal) ?? 0;
  return lesser.vector.every(({ journal, sequence }) => upTo(journal) >= sequence);
}
