/** A vector as statements name it: journal by journal, each with the hash of its last batch. */
import { VaultError } from '../../../protocol/errors.ts';
import { splitJournalId, type BatchHash, type JournalId } from '../../../protocol/ids.ts';
import { members as limits } from '../../../protocol/limits.ts';
import type { JournalPosition } from '../../../protocol/messages/statement.ts';
import type { Vector } from '../batch-times.ts';
import { unreadableJournal } from '../unreadable.ts';

export interface PositionParts {
  readonly hashAt: (journal: JournalId, sequence: number) => Promise<BatchHash | undefined>;
}

/**
 * @param what the statement, for the message: `a release`
 * @throws VaultError `damaged`, `too-large`
 */
export async function statementPositions(
  { hashAt }: PositionParts,
  vector: Vector,
  what: string,
): Promise<readonly JournalPosition[]> {
  const positions: JournalPosition[] = [];
  for (const [journal, sequence] of [...vector].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (sequence === 0) continue;
    const hash = await hashAt(journal, sequence);
    if (hash === undefined) throw unreadableJournal('vault.statementPositions', journal);
    positions.push({ ...splitJournalId(journal), sequence, hash });
  }
  if (positions.length <= limits.positionsPerStatementMax) return positions;
  throw new VaultError('too-large', {
    op: 'vault.statementPositions',
    subject: 'the vault',
    detail: `it has ${String(positions.length)} journals, ${what} names at most ${String(limits.positionsPerStatementMax)}`,
  });
}
