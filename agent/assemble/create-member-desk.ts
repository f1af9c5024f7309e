/**
 * Everything about members that a client may ask for, put together: inviting and confirming, sending away
 * and roles, keys and their age, the recovery words.
 */
import type { MemberDesk } from '../control/context.ts';
import { saveOwnerKey } from '../members/identity-file.ts';
import { KeyAges } from '../members/key-ages.ts';
import type { SignKey } from '../members/sign-key.ts';
import { IssuedTickets } from '../members/tickets-issued.ts';
import type { StartOptions } from '../agent.types.ts';
import type { Store } from '../store/store.ts';
import { Approvals } from '../vault/approvals.ts';
import { Invitations } from '../vault/invitations.ts';
import { Issuing, OwnerKey } from '../vault/issuing.ts';
import { KeyCare } from '../vault/key-care.ts';
import { MemberChanges } from '../vault/member-changes.ts';
import { Recovery } from '../vault/recovery.ts';
import type { JournalParts } from './own-journal.ts';

export interface MemberDeskParts extends JournalParts {
  readonly options: StartOptions;
  /** The owner's key, on the device that has it. */
  readonly ownerKey: SignKey | undefined;
  readonly addresses: () => readonly string[];
  readonly addressRecords: () => readonly Buffer[];
}

export async function createMemberDesk(
  { journals }: Store,
  parts: MemberDeskParts,
): Promise<MemberDesk> {
  const { ports, options, identity, members, counting, lines, kept, tell } = parts;
  const { random, clock, disk } = ports;
  const log = ports.log.child('members');
  const owner = new OwnerKey(parts.ownerKey);
  const issuing = new Issuing({ members, identity, owner, random });
  const tickets = await IssuedTickets.open(disk);
  const keyAges = await KeyAges.open(disk);
  const approvals = new Approvals({
    tickets,
    clock,
    onWaiting: (row) => {
      tell.approval(row, 'wanted');
    },
    onDecided: (row, decision) => {
      tell.approval(row, decision);
    },
    checkMayDecide: (role) => {
      invitations.checkMayInvite(role);
    },
  });
  const invitations = new Invitations({
    ...{ members, tickets, identity, issuing, approvals, journals, random, clock, log },
    addresses: parts.addresses,
    addressRecords: parts.addressRecords,
  });
  const keyCare = new KeyCare({
    ...{ members, issuing, identity, clock, log },
    ages: keyAges,
    rotateAfterMs: options.config.value('keys.rotate-after') * 1_000,
  });
  return {
    ...{ issuing, invitations, approvals, keyCare, keyAges },
    changes: new MemberChanges({
      ...{ members, issuing, identity, counting, lines },
      settled: () => kept.refresh(),
    }),
    recovery: new Recovery({
      ...{ members, issuing, owner, identity, random },
      name: options.config.value('name'),
      saveOwnerKey: (seed) => saveOwnerKey(disk, seed, { identity, random }),
    }),
  };
}
