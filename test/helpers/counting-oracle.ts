/** Which batches of one journal count, by looking at the whole set of them: the twin of agent/validity. */
import type { JournalFacts } from '../../agent/validity/counting.ts';
import type { BatchHash } from '../../protocol/ids.ts';

/** A batch of a tree of batches: its hash says nothing about its place. */
export interface ChainedBatch {
  readonly hash: BatchHash;
  readonly sequence: number;
  readonly previous: BatchHash | undefined;
}

/** The rule once more, over a plain set of batches. */
export function countingOf(
  batches: readonly ChainedBatch[],
  { forks, choices, right }: Omit<JournalFacts, 'lines' | 'hashAt'>,
): BatchHash[] {
  if (right.type === 'none' || (right.type === 'cut' && right.last === undefined)) return [];
  const byHash = new Map(batches.map((each) => [each.hash, each]));
  const wanted = new Set<BatchHash>();
  const last = right.type === 'cut' ? right.last : undefined;
  const end = last === undefined ? undefined : byHash.get(last.hash);
  for (let at = end; at !== undefined && at.sequence <= last!.sequence;) {
    wanted.add(at.hash);
    at = at.previous === undefined ? undefined : byHash.get(at.previous);
  }
  const counting: BatchHash[] = [];
  for (;;) {
    const sequence = counting.length + 1;
    const previous = counting.at(-1);
    const known = new Set(
      batches.filter((each) => each.previous === previous).map(({ hash }) => hash),
    );
    for (const fork of forks) {
      if (fork.sequence !== sequence || fork.previous !== previous) continue;
      for (const hash of fork.hashes) known.add(hash);
    }
    const isAside = (hash: BatchHash): boolean =>
      batches.some((each) => each.sequence === sequence && each.hash === hash) ||
      forks.some((fork) => fork.sequence === sequence && fork.hashes.includes(hash));
    const chosen = choices.get(sequence);
    const choice =
      [...known].find((hash) => wanted.has(hash)) ??
      (chosen !== undefined && (known.has(chosen) || !isAside(chosen)) ? chosen : undefined);
    const next = choice ?? (known.size === 1 ? [...known][0] : undefined);
    if (next === undefined || !byHash.has(next)) break;
    if (last !== undefined && sequence === last.sequence && next !== last.hash) break;
    counting.push(next);
    if (last !== undefined && sequence === last.sequence) break;
  }
  return counting;
}
