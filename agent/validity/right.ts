/** What the author of a journal may, as the membership says it now. Pure. */
import { splitJournalId, type JournalId } from '../../protocol/ids.ts';
import { capabilities, type Membership } from '../members/membership.ts';
import type { Right } from './counting.ts';

/** The right behind the batches of `journal`. */
export function rightOf(membership: Membership, journal: JournalId): Right {
  const { device, incarnation } = splitJournalId(journal);
  const author = membership.members.get(device);
  if (author === undefined) return { type: 'none' };
  const writes = (author.capabilities & capabilities.write) !== 0;
  if (writes && author.active) return { type: 'all' };
  const cutoff = membership.cutoffs.get(device);
  // It never wrote, or its Noise key is another device's.
  if (cutoff === undefined) return { type: 'none' };
  if (!writes && cutoff.lastBatches.length === 0) return { type: 'none' };
  const last = cutoff.lastBatches.find((each) => each.incarnation === incarnation);
  return { type: 'cut', last: last?.sequence === 0 ? undefined : last };
}
