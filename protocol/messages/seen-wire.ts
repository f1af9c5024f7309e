/** How far journals have been seen, between journal.proto and the domain. */
import { idToBytes, journalId, splitJournalId } from '../ids.ts';
import type { peervault } from '../proto/journal.js';
import { wireId } from './exact-bytes.ts';
import type { Seen } from './op.ts';
import { countFromWire } from './wire-number.ts';

type WireSeen = peervault.journal.Seen.$Properties;

export function seenToWire(seen: Seen): WireSeen {
  const { device, incarnation } = splitJournalId(seen.journal);
  return {
    device: idToBytes(device),
    incarnation: idToBytes(incarnation),
    sequence: seen.sequence,
  };
}

/** @throws VaultError `malformed` */
export function seenFromWire(wire: WireSeen): Seen {
  return {
    journal: journalId(wireId('device', wire.device), wireId('incarnation', wire.incarnation)),
    sequence: countFromWire(wire.sequence, 'messages.seen'),
  };
}
