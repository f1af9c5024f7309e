/**
 * How much of a journal's lines a subscriber has, from the places of it that it named. A place that is
 * known here stands for everything before it.
 */
import type { JournalId } from '../../protocol/ids.ts';
import type { Position } from '../../protocol/messages/peer.ts';
import type { JournalLines } from './journal-lines.ts';

export interface Coverage {
  /** By line, up to where. */
  readonly upTo: ReadonlyMap<JournalId, number>;
  /** Whether every place that it named is known here. */
  readonly isSure: boolean;
}

/**
 * @param positions all of one journal
 * @returns `diverged` when the subscriber stands on a branch that is not here, and named too few places
 *   to find where it parts
 */
export async function coverageOf(
  lines: JournalLines,
  positions: readonly Position[],
): Promise<Coverage | 'diverged'> {
  const covered = new Map<JournalId, number>();
  const note = (line: JournalId, sequence: number): void => {
    covered.set(line, Math.max(sequence, covered.get(line) ?? 0));
  };
  let ahead: Position | undefined;
  let isAside = false;
  const coverage = (): Coverage => ({ upTo: covered, isSure: ahead === undefined && !isAside });
  for (const { journal, sequence, hash } of positions) {
    if (sequence === 0) continue;
    const longest = Math.max(0, ...lines.linesOf(journal).map(({ tip }) => tip));
    if (hash === undefined) note(journal, sequence);
    else if (await follow(lines, { journal, sequence, hash }, note)) continue;
    else if (sequence > longest) ahead = { journal, sequence, hash };
    else isAside = true;
  }
  if (covered.size > 0) return coverage();
  if (ahead !== undefined && lines.isForked(ahead.journal)) isAside = true;
  if (isAside && positions.length === 1) return 'diverged';
  // It knows more than we do; if that is another branch, it will find so when we ask.
  if (ahead !== undefined && !isAside) note(ahead.journal, ahead.sequence);
  return coverage();
}

/** Notes the line that has this batch, and all that it came from. */
async function follow(
  lines: JournalLines,
  place: Required<Position>,
  note: (line: JournalId, sequence: number) => void,
): Promise<boolean> {
  let { sequence, hash } = place;
  let found = false;
  while (hash !== undefined) {
    const line = await lines.holderOf(place.journal, sequence, hash);
    if (line === undefined) break;
    found = true;
    note(line.name, sequence);
    sequence = line.first - 1;
    hash = line.previous;
  }
  return found;
}
