/**
 * What this device says that it has when it subscribes: the newest batch of each journal, and of those
 * that forked, or seem to, enough places that the other side finds where its branch parts from ours.
 */
import type { JournalId } from '../../protocol/ids.ts';
import type { Position } from '../../protocol/messages/peer.ts';
import type { JournalStore } from '../store/store.ts';
import type { Line } from '../validity/counting.ts';
import type { JournalLines } from './journal-lines.ts';

/** The tip of a journal comes before its other places: some only read the first. */
export async function positionsToSay(
  journals: JournalStore,
  lines: JournalLines,
  suspects: ReadonlySet<JournalId>,
): Promise<readonly Position[]> {
  const tips = journals.tips();
  const closer: Position[] = [];
  for (const journal of new Set([...suspects, ...lines.forked()])) {
    for (const line of lines.linesOf(journal))
      closer.push(...(await placesOn(lines, journal, line)));
  }
  return [...tips, ...closer];
}

/** Its end, and places at growing distances before it. */
async function placesOn(
  lines: JournalLines,
  journal: JournalId,
  line: Line,
): Promise<readonly Position[]> {
  const numbers = line.firstHash === undefined ? [] : [line.tip];
  for (let distance = 1; line.tip - distance >= line.first; distance *= 2) {
    numbers.push(line.tip - distance);
  }
  if (line.firstHash === undefined && line.tip > 1) numbers.push(1);
  const places: Position[] = [];
  for (const sequence of new Set(numbers)) {
    const hash = await lines.hashAt(line.name, sequence);
    if (hash !== undefined) places.push({ journal, sequence, hash });
  }
  if (line.previous !== undefined) {
    places.push({ journal, sequence: line.first - 1, hash: line.previous });
  }
  return places;
}
