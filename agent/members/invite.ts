/** Making a ticket: a fresh secret, remembered by this device before the text is handed out. */
import type { StatementId, VaultId } from '../../protocol/ids.ts';
import { members } from '../../protocol/limits.ts';
import type { JournalPosition } from '../../protocol/messages/statement.ts';
import { ticketToText, type Ticket } from '../../protocol/messages/ticket.ts';
import type { Random } from '../ports.ts';
import type { Role } from './membership.ts';
import { Secret } from './secret.ts';
import type { IssuedTicket, IssuedTickets } from './tickets-issued.ts';

export interface InviteTerms {
  readonly role: Role;
  /** Seconds of Unix time. */
  readonly expiresS: number;
  readonly approve: boolean;
}

/** What the issuer is and knows. */
export interface InviteFrom {
  readonly vault: VaultId;
  /** X25519 public key, 32 bytes. */
  readonly noiseKey: Buffer;
  /** `host:port` each, best first. */
  readonly addresses: readonly string[];
  readonly heads: readonly StatementId[];
  readonly vector: readonly JournalPosition[];
}

/**
 * Issues a ticket. What does not fit into one (heads, positions, addresses) is left out from the end:
 * the joiner checks less, and is told nothing wrong.
 * @throws VaultError `overload`, `ticket-invalid` when an address is malformed, `io`
 */
export async function makeInvite(
  { random, tickets }: { readonly random: Random; readonly tickets: IssuedTickets },
  terms: InviteTerms,
  { from, nowMs }: { readonly from: InviteFrom; readonly nowMs: number },
): Promise<{ readonly text: string; readonly issued: IssuedTicket }> {
  const ticket: Ticket = {
    vault: from.vault,
    issuerNoiseKey: from.noiseKey,
    addresses: from.addresses.slice(0, members.addressesPerDeviceMax),
    secret: random.bytes(32),
    expiresS: terms.expiresS,
    heads: from.heads.slice(0, members.ticketHeadsMax),
    vector: from.vector.slice(0, members.ticketPositionsMax),
  };
  const text = ticketToText(ticket);
  const issued = await tickets.add({ ...terms, secret: new Secret(ticket.secret) }, nowMs);
  return { text, issued };
}
