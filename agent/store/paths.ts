/** Names of the store's files, in one place. A file that has none of these names is left alone. */
import type { JournalId } from '../../protocol/ids.ts';

export const directories = { segments: 'segments', journals: 'journals', quarantine: 'quarantine' };
export const statementLogPath = 'journals/members.log';
/** The same statements once more. */
export const statementLogCopyPath = 'journals/members.copy';
/** Proofs of forks. */
export const forkLogPath = 'journals/forks.log';
export const quarantineListPath = 'quarantine/list.log';
export const storeIdPath = 'segments/store.id';
export const ballastPath = 'ballast';

export function segmentPath(number: number): string {
  return `segments/${String(number).padStart(8, '0')}.seg`;
}

/** The number in a segment's name, or undefined. */
export function segmentNumber(name: string): number | undefined {
  const match = /^(\d{8})\.seg$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export function journalPath(journal: JournalId, number: number): string {
  return `journals/${journal}-${String(number).padStart(4, '0')}.jnl`;
}

/** Where a file of a journal is written anew; a crash may leave it, and nothing in it counts. */
export function rewrittenPath(path: string): string {
  return `${path}.new`;
}

export function isRewritten(name: string): boolean {
  return name.endsWith('.jnl.new');
}

/** Journal and number in a journal file's name, or undefined. */
export function parseJournalName(name: string): { journal: JournalId; number: number } | undefined {
  const match = /^([0-9a-f]{48})-(\d{4,9})\.jnl$/.exec(name);
  if (match === null) return undefined;
  return { journal: match[1] as JournalId, number: Number(match[2]) };
}
