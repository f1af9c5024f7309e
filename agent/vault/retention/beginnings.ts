/**
 * Where the journals begin for somebody who reads all of them, and what stands before that: asked together,
 * since what came to be folded between the one and the other would be in neither.
 */
import type { JournalId } from '../../../protocol/ids.ts';
import type { BatchSource } from '../../history/history.types.ts';
import type { Vector } from '../batch-times.ts';
import { unreadableJournal } from '../unreadable.ts';

type Beginning = Pick<BatchSource, 'beginningOf'>;

/** A journal that did not go on where it was to. */
export interface Cut {
  readonly cutAt: JournalId;
}

/**
 * Does it once more when something was folded meanwhile.
 * @param read with the last batch of each journal that is folded
 * @param op for the error
 * @throws VaultError `damaged` when a journal is not what it was to be for another reason
 */
export async function readFromBeginnings<Read extends object>(
  source: Beginning,
  journals: Iterable<JournalId>,
  { op, read }: { op: string; read: (begins: Vector) => Promise<Read | Cut> },
): Promise<Read> {
  const all = [...journals];
  for (;;) {
    const begins = beginningsOf(source, all);
    const done = await read(begins);
    if (!('cutAt' in done)) return done;
    const isSame = [...beginningsOf(source, all)].every(([each, at]) => begins.get(each) === at);
    if (isSame) throw unreadableJournal(op, done.cutAt);
  }
}

function beginningsOf(source: Beginning, journals: readonly JournalId[]): Vector {
  return new Map(
    journals.map((journal) => [journal, source.beginningOf?.(journal)?.sequence ?? 0]),
  );
}
