/**
 * Inviting and admitting: tickets of this device, and guests who come with one. The rules are those of
 * `agent/members`; here they meet the network, the clock and the log.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { InviteReport } from '../../protocol/control/reports.ts';
import { splitJournalId, type TicketId } from '../../protocol/ids.ts';
import type { InviteRequest } from '../../protocol/messages/control.ts';
import { decodeJoinRequest, encodeJoinReply } from '../../protocol/messages/peer.ts';
import { peerMethods } from '../../protocol/methods.ts';
import type { CallHandler, CallStream } from '../../protocol/rpc/rpc.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { makeInvite } from '../members/invite.ts';
import {
  admit,
  checkJoin,
  joinAnswers,
  waitingAnswer,
  type JoinCandidate,
} from '../members/join-issuer.ts';
import { roleCapabilities, type Role } from '../members/membership.ts';
import type { SignKey } from '../members/sign-key.ts';
import type { IssuedTickets } from '../members/tickets-issued.ts';
import type { Guest } from '../peer/peer.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { JournalStore } from '../store/store.ts';
import type { Approvals } from './approvals.ts';
import { formatTime } from './format-time.ts';
import type { Issuing } from './issuing.ts';
import type { MembersService } from './members-service.ts';

export interface InvitationParts {
  readonly members: MembersService;
  readonly tickets: IssuedTickets;
  readonly identity: DeviceIdentity;
  readonly issuing: Issuing;
  readonly approvals: Approvals;
  readonly journals: JournalStore;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
  /** `host:port` each that others can reach this device at, best first. */
  readonly addresses: () => readonly string[];
  /** Signed, of all members that say where they are: whoever joins may find this device gone. */
  readonly addressRecords: () => readonly Buffer[];
}

const expiresMaxS = 365 * 24 * 3600;

export class Invitations {
  readonly #parts: InvitationParts;

  constructor(parts: InvitationParts) {
    this.#parts = parts;
  }

  /** Key of a guest's preface; undefined when the ticket is not ours. */
  prefaceKey(ticket: TicketId): Buffer | undefined {
    return this.#parts.tickets.inviteKey(ticket);
  }

  /**
   * Makes a ticket.
   * @throws VaultError `usage`, `denied`, `overload`
   */
  async invite(request: InviteRequest): Promise<InviteReport> {
    const role = this.#checkedRole(request);
    const { approve } = request;
    const { members, tickets, identity, journals, random, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const expiresS = Math.floor(nowMs / 1000) + request.expiresS;
    const addresses = request.addresses.length > 0 ? request.addresses : this.#parts.addresses();
    const { vault, heads } = members.current();
    const { text } = await makeInvite(
      { random, tickets },
      { role, expiresS, approve },
      {
        from: {
          vault,
          noiseKey: identity.noisePublicKey,
          addresses,
          heads,
          vector: journals.tips().map((tip) => ({ ...splitJournalId(tip.journal), ...tip })),
        },
        nowMs,
      },
    );
    return { ticket: text, expires: formatTime(expiresS * 1000), role, addresses, approve };
  }

  /** @throws VaultError `denied` when a ticket for this role is not this device's to give */
  checkMayInvite(role: Role): void {
    this.#issuerFor(role);
  }

  /** Answers a guest: joining is all that one can do. */
  handler(guest: Guest): CallHandler {
    return async ({ method, request, stream }) => {
      if (method !== peerMethods.join) throw denied('a guest can only join');
      const { members, tickets, clock } = this.#parts;
      const ask = decodeJoinRequest(request);
      const vault = members.current().vault;
      const candidate = checkJoin({ tickets, vault }, ask, { guest, nowMs: clock.nowMs() });
      await this.#confirm(candidate, { guest, stream });
      await this.#admit(candidate);
      const statements = members.log().all();
      const told = { statements, addresses: this.#parts.addressRecords() };
      for (const answer of joinAnswers(candidate.ticket, guest.handshakeHash, told)) {
        await stream.sendMessage(encodeJoinReply(answer));
      }
    };
  }

  /** Waits for an admin, when the ticket asks for that and none has confirmed this very device. */
  async #confirm(
    candidate: JoinCandidate,
    { guest, stream }: { readonly guest: Guest; readonly stream: CallStream },
  ): Promise<void> {
    const { ticket, newcomer } = candidate;
    if (!ticket.approve || ticket.usedBy === newcomer.device) return;
    if (ticket.approvedFor === newcomer.device) return;
    if (ticket.approvedFor !== undefined)
      throw denied('another device was confirmed for this ticket');
    await stream.sendMessage(encodeJoinReply(waitingAnswer(ticket, guest.handshakeHash)));
    await this.#parts.approvals.wait(candidate, guest.address, stream.signal);
  }

  async #admit(candidate: JoinCandidate): Promise<void> {
    const { members, tickets, random, clock, log } = this.#parts;
    await admit(
      {
        random,
        tickets,
        issuer: this.#issuerFor(candidate.ticket.role),
        keyring: members.keyring(),
        issue: (make) => members.issue(make),
      },
      candidate,
      clock.nowMs(),
    );
    log.info({ device: candidate.newcomer.device, role: candidate.ticket.role }, 'a device joined');
  }

  #checkedRole({ role, expiresS }: InviteRequest): Role {
    if (!isRole(role)) {
      throw usage(`role ${role}`, `choose one of ${Object.keys(roleCapabilities).join(', ')}`);
    }
    if (expiresS < 1 || expiresS > expiresMaxS) {
      throw usage(
        `expiry of ${String(expiresS)} s`,
        'a ticket lasts between one second and a year',
      );
    }
    this.#issuerFor(role);
    return role;
  }

  /** Only the owner makes admins; admins make the others. */
  #issuerFor(role: Role): SignKey {
    const { issuing } = this.#parts;
    const key = issuing.key('invite');
    if (role === 'admin' && !issuing.isOwner()) throw denied('only the owner invites admins');
    return key;
  }
}

function isRole(text: string): text is Role {
  return Object.hasOwn(roleCapabilities, text);
}

function usage(subject: string, next: string): VaultError {
  return new VaultError('usage', { op: 'invitations.invite', subject, next });
}

function denied(detail: string): VaultError {
  return new VaultError('denied', {
    op: 'invitations.invite',
    subject: 'invitation',
    detail,
    next: 'run it on the device that opened the vault, or ask an admin',
  });
}
