/** What a batch says again of another journal of its device, between journal.proto and the domain. */
import { idToBytes, journalId, splitJournalId, type JournalId } from '../ids.ts';
import type { peervault } from '../proto/journal.js';
import { wireId } from './exact-bytes.ts';
import type { Reissued } from './op.ts';
import { countFromWire } from './wire-number.ts';

type WireReissued = peervault.journal.Reissued.$Properties;

export function reissuedToWire(row: Reissued): WireReissued {
  const { incarnation } = splitJournalId(row.journal);
  const { sequence, first, count, at } = row;
  return {
    incarnation: idToBytes(incarnation),
    sequence,
    hash: idToBytes(row.hash),
    first,
    count,
    at,
  };
}

/**
 * @param own the journal that the batch stands in: the other one is of the same device
 * @throws VaultError `malformed`
 */
export function reissuedFromWire(wire: WireReissued, own: JournalId): Reissued {
  const { device } = splitJournalId(own);
  return {
    journal: journalId(device, wireId('incarnation', wire.incarnation)),
    sequence: countFromWire(wire.sequence, 'messages.reissued'),
    hash: wireId('batch', wire.hash),
    first: wire.first ?? 0,
    count: wire.count ?? 0,
    at: wire.at ?? 0,
  };
}
