/**
 * Newcomers that wait for an admin: each is shown with its words until somebody decides, its ticket
 * expires, or a newer one takes its place. A decision outlives the connection: who is away at that moment
 * hears it when it asks again.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { ApprovalRow, ApprovedReport } from '../../protocol/control/member-reports.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import { connections, members as limits } from '../../protocol/limits.ts';
import type { ApproveRequest } from '../../protocol/messages/control-members.ts';
import type { JoinCandidate } from '../members/join-issuer.ts';
import type { IssuedTickets } from '../members/tickets-issued.ts';
import type { Clock } from '../ports.ts';
import { formatTime } from './format-time.ts';

type Decision = 'approved' | 'rejected';

interface Waiting {
  readonly candidate: JoinCandidate;
  readonly address: string;
  readonly sinceMs: number;
  decision: Decision | undefined;
  /** Calls that wait for the decision. */
  readonly wake: Set<() => void>;
}

export interface ApprovalParts {
  readonly tickets: IssuedTickets;
  readonly clock: Clock;
  /** Somebody new waits. */
  readonly onWaiting: (row: ApprovalRow) => void;
  readonly onDecided: (row: ApprovalRow, decision: Decision) => void;
  /** @throws VaultError `denied` when this device may not decide */
  readonly checkMayDecide: (role: ApprovalRow['role']) => void;
}

export class Approvals {
  readonly #parts: ApprovalParts;
  readonly #waiting = new Map<DeviceId, Waiting>();

  constructor(parts: ApprovalParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when an admin has confirmed the newcomer.
   * @throws VaultError `denied` when it was turned down, `cancelled` when the caller has gone
   */
  async wait(candidate: JoinCandidate, address: string, signal: AbortSignal): Promise<void> {
    const waiting = this.#enter(candidate, address);
    while (waiting.decision === undefined) {
      if (signal.aborted) throw new VaultError('cancelled', { op: 'vault.approval' });
      await woken(waiting, signal);
    }
    if (waiting.decision === 'approved') return;
    throw new VaultError('denied', {
      op: 'vault.approval',
      subject: candidate.name,
      detail: 'an admin turned this device down',
      next: 'ask for a new ticket: vault invite',
    });
  }

  /** Those that wait, the longest first. */
  rows(): readonly ApprovalRow[] {
    this.#forgetExpired();
    return [...this.#waiting.values()].filter(({ decision }) => decision === undefined).map(rowOf);
  }

  /**
   * Confirms one that waits, or turns it down. Durable when it resolves.
   * @throws VaultError `not-found`, `conflict`, `denied`, `ticket-used`, `ticket-expired`, `io`
   */
  async decide({ device, reject }: ApproveRequest): Promise<ApprovedReport> {
    const waiting = this.#find(device);
    const { candidate } = waiting;
    this.#parts.checkMayDecide(candidate.ticket.role);
    const decision = reject ? 'rejected' : 'approved';
    const { tickets, clock } = this.#parts;
    if (reject) await tickets.withdraw(candidate.ticket.id);
    else await tickets.approve(candidate.ticket.id, candidate.newcomer.device, clock.nowMs());
    waiting.decision = decision;
    const row = rowOf(waiting);
    this.#parts.onDecided(row, decision);
    for (const wake of waiting.wake) wake();
    this.#waiting.delete(candidate.newcomer.device);
    return { ...row, decision };
  }

  #enter(candidate: JoinCandidate, address: string): Waiting {
    const { device } = candidate.newcomer;
    const known = this.#waiting.get(device);
    if (known !== undefined) return known;
    this.#makeRoom(candidate);
    const sinceMs = this.#parts.clock.nowMs();
    const waiting = {
      candidate,
      address,
      sinceMs,
      decision: undefined,
      wake: new Set<() => void>(),
    };
    this.#waiting.set(device, waiting);
    this.#parts.onWaiting(rowOf(waiting));
    return waiting;
  }

  /** Whoever has a ticket may come with new keys each time: the oldest of one ticket make way. */
  #makeRoom({ ticket }: JoinCandidate): void {
    this.#forgetExpired();
    const same = [...this.#waiting].filter(([, one]) => one.candidate.ticket.id === ticket.id);
    const [oldest] = same;
    if (oldest !== undefined && same.length >= connections.guestsPerTicketMax) {
      this.#waiting.delete(oldest[0]);
    }
    if (this.#waiting.size < limits.ticketsKeptMax) return;
    throw new VaultError('overload', { op: 'vault.approval', detail: 'too many newcomers wait' });
  }

  #forgetExpired(): void {
    const nowS = this.#parts.clock.nowMs() / 1000;
    for (const [device, { candidate }] of this.#waiting) {
      if (candidate.ticket.expiresS <= nowS) this.#waiting.delete(device);
    }
  }

  #find(text: string): Waiting {
    this.#forgetExpired();
    const all = [...this.#waiting.values()];
    const found = all.filter(
      ({ candidate }) =>
        candidate.newcomer.device.startsWith(text.toLowerCase()) || candidate.name === text,
    );
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    throw new VaultError(found.length === 0 ? 'not-found' : 'conflict', {
      op: 'vault.approve',
      subject: text,
      detail:
        found.length === 0
          ? 'no such device waits here'
          : 'several of those that wait match: give more of the id',
      next: 'vault approve --list shows who waits; newcomers wait on the device that made their ticket',
    });
  }
}

function rowOf({ candidate, address, sinceMs }: Waiting): ApprovalRow {
  return {
    deviceId: candidate.newcomer.device,
    name: candidate.name,
    role: candidate.ticket.role,
    fingerprint: candidate.fingerprint.join(' '),
    address,
    since: formatTime(sinceMs),
    expires: formatTime(candidate.ticket.expiresS * 1000),
  };
}

/** Resolves at the decision, or when the caller goes. */
function woken({ wake }: Waiting, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      wake.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    wake.add(done);
    signal.addEventListener('abort', done);
  });
}
