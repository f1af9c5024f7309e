/**
 * The tickets that this device has issued, in `identity/tickets.json`. A ticket is used once: that it is
 * used is on the disk before anything that it buys leaves this device. Used and expired ones stay for a
 * while, so that somebody who comes late hears why.
 */
import { VaultError } from '../../protocol/errors.ts';
import { idFromBytes, type DeviceId, type TicketId } from '../../protocol/ids.ts';
import { members } from '../../protocol/limits.ts';
import { invitePrefaceKey, ticketIdOf } from '../../protocol/messages/ticket.ts';
import type { Disk } from '../ports.ts';
import { readJson, writeJson, type JsonFields } from './json-file.ts';
import { roleCapabilities, type Role } from './membership.ts';
import { Secret } from './secret.ts';

export const ticketsFile = 'identity/tickets.json';
const format = 1;
const roles = Object.keys(roleCapabilities) as Role[];

export interface IssuedTicket {
  readonly id: TicketId;
  readonly secret: Secret;
  readonly role: Role;
  /** Seconds of Unix time. */
  readonly expiresS: number;
  /** An admin has to confirm the newcomer. */
  readonly approve: boolean;
  /** Who used it. */
  readonly usedBy: DeviceId | undefined;
  /** Whom an admin has confirmed; nobody else may use it then. */
  readonly approvedFor: DeviceId | undefined;
}

export type TicketState = 'open' | 'used' | 'expired';

export class IssuedTickets {
  readonly #disk: Disk;
  /** In the order of issue. */
  readonly #tickets: Map<TicketId, IssuedTicket>;
  #saving: Promise<void> = Promise.resolve();

  private constructor(disk: Disk, tickets: readonly IssuedTicket[]) {
    this.#disk = disk;
    this.#tickets = new Map(tickets.map((ticket) => [ticket.id, ticket]));
  }

  /** @throws VaultError `damaged`, `home-newer`, `io`; each names the file */
  static async open(disk: Disk): Promise<IssuedTickets> {
    const fields = await readJson(disk, ticketsFile);
    fields?.checkFormat(format);
    return new IssuedTickets(disk, (fields?.list('tickets') ?? []).map(ticketFrom));
  }

  /**
   * Remembers a ticket. Durable when it resolves.
   * @throws VaultError `overload` when too many are open
   */
  async add(
    ticket: Pick<IssuedTicket, 'secret' | 'role' | 'expiresS' | 'approve'>,
    nowMs: number,
  ): Promise<IssuedTicket> {
    this.#makeRoom(nowMs);
    const id = ticketIdOf(ticket.secret.reveal());
    const issued: IssuedTicket = { ...ticket, id, usedBy: undefined, approvedFor: undefined };
    this.#tickets.set(id, issued);
    await this.#save();
    return issued;
  }

  list(): readonly IssuedTicket[] {
    return [...this.#tickets.values()];
  }

  stateOf(ticket: IssuedTicket, nowMs: number): TicketState {
    if (ticket.usedBy !== undefined) return 'used';
    return nowMs >= ticket.expiresS * 1000 ? 'expired' : 'open';
  }

  /**
   * The key that a guest's preface is made with, also of a ticket that is used or expired: its holder
   * gets through to be told so.
   */
  inviteKey(id: TicketId): Buffer | undefined {
    const ticket = this.#tickets.get(id);
    return ticket === undefined ? undefined : invitePrefaceKey(ticket.secret.reveal());
  }

  /** @throws VaultError `ticket-invalid` when it is not one of ours */
  get(id: TicketId): IssuedTicket {
    const ticket = this.#tickets.get(id);
    if (ticket === undefined) {
      throw refuse('ticket-invalid', id, 'this device did not issue it, or took it back');
    }
    return ticket;
  }

  /**
   * A ticket that `device` may use now. The device that used it may come again: its answer may have
   * been lost on the way.
   * @throws VaultError `ticket-invalid`, `ticket-used`, `ticket-expired`
   */
  usable(id: TicketId, device: DeviceId, nowMs: number): IssuedTicket {
    const ticket = this.get(id);
    if (ticket.usedBy === device) return ticket;
    const state = this.stateOf(ticket, nowMs);
    if (state === 'used') throw refuse('ticket-used', id, 'by another device');
    if (state === 'expired') throw refuse('ticket-expired', id);
    return ticket;
  }

  /**
   * Uses a ticket. Of two calls at once one wins; when it resolves, it is used for ever.
   * @throws VaultError `ticket-invalid`, `ticket-used`, `ticket-expired`, `io`, `disk-full`
   */
  async redeem(id: TicketId, device: DeviceId, nowMs: number): Promise<IssuedTicket> {
    const used = { ...this.usable(id, device, nowMs), usedBy: device };
    this.#tickets.set(id, used);
    await this.#save();
    return used;
  }

  /**
   * Confirms the newcomer that may use a ticket. Durable when it resolves.
   * @throws VaultError `ticket-invalid`, `ticket-used`, `ticket-expired`, `io`, `disk-full`
   */
  async approve(id: TicketId, device: DeviceId, nowMs: number): Promise<void> {
    this.#tickets.set(id, { ...this.usable(id, device, nowMs), approvedFor: device });
    await this.#save();
  }

  /** Forgets a ticket, so that nobody can use it. Durable when it resolves. */
  async withdraw(id: TicketId): Promise<void> {
    if (this.#tickets.delete(id)) await this.#save();
  }

  #makeRoom(nowMs: number): void {
    for (const ticket of this.#tickets.values()) {
      if (this.#tickets.size < members.ticketsKeptMax) return;
      if (this.stateOf(ticket, nowMs) !== 'open') this.#tickets.delete(ticket.id);
    }
    if (this.#tickets.size < members.ticketsKeptMax) return;
    throw new VaultError('overload', {
      op: 'members.addTicket',
      subject: 'tickets',
      detail: `${String(members.ticketsKeptMax)} are open`,
      next: 'wait until some have expired',
    });
  }

  /** One write after the other; each writes what is true when its turn comes. */
  async #save(): Promise<void> {
    const saved = this.#saving.then(() =>
      writeJson(this.#disk, ticketsFile, { format, tickets: this.list().map(ticketToJson) }),
    );
    this.#saving = saved.catch(() => undefined);
    await saved;
  }
}

function ticketToJson(ticket: IssuedTicket): object {
  return {
    secret: ticket.secret.reveal().toString('hex'),
    role: ticket.role,
    expiresS: ticket.expiresS,
    approve: ticket.approve,
    ...(ticket.usedBy === undefined ? {} : { usedBy: ticket.usedBy }),
    ...(ticket.approvedFor === undefined ? {} : { approvedFor: ticket.approvedFor }),
  };
}

function ticketFrom(fields: JsonFields): IssuedTicket {
  const secret = fields.hex('secret', 32);
  return {
    id: ticketIdOf(secret),
    secret: new Secret(secret),
    role: fields.oneOf('role', roles),
    expiresS: fields.count('expiresS'),
    approve: fields.flag('approve'),
    usedBy: deviceIn(fields, 'usedBy'),
    approvedFor: deviceIn(fields, 'approvedFor'),
  };
}

function deviceIn(fields: JsonFields, field: string): DeviceId | undefined {
  return fields.has(field) ? idFromBytes('device', fields.hex(field, 16)) : undefined;
}

function refuse(
  code: 'ticket-invalid' | 'ticket-used' | 'ticket-expired',
  id: TicketId,
  detail?: string,
): VaultError {
  return new VaultError(code, {
    op: 'members.ticket',
    subject: `ticket ${id.slice(0, 8)}`,
    detail,
    next: 'ask for a new one: vault invite',
  });
}
