/**
 * What arrives on subscriptions, peer by peer: statements go to the members, batches through their
 * checks to the batch door, holdings into the table. It decides what is misbehaviour and what is not.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId, JournalId } from '../../protocol/ids.ts';
import type { Update } from '../../protocol/messages/peer.ts';
import type { Clock, Log } from '../ports.ts';
import type { HoldingsTable } from './holdings.ts';
import { HeldBatches } from './held-batches.ts';
import type { BatchDoor } from './receive-batch.ts';
import { admitBatch, type ReceivedBatch } from './received-batch.ts';
import type { MembershipPort } from './replication.ts';
import type { Session } from './session.ts';

export interface IncomingParts {
  readonly membership: MembershipPort;
  readonly door: BatchDoor;
  readonly holdings: HoldingsTable;
  readonly clock: Clock;
  readonly log: Log;
  /** The journal that this device writes now: its batches never come from elsewhere. */
  writing(): JournalId | undefined;
  learnAddresses(records: readonly Uint8Array[]): boolean;
}

export interface IncomingEvents {
  onStatements(from: Session, signed: readonly Uint8Array[]): void;
  onHoldings(device: DeviceId): void;
  /** A peer has more of the journal that we write than we do: this device lost its tail. */
  onOwnJournalAhead(journal: JournalId, sequence: number): void;
  onMisbehaviour(device: DeviceId, error: VaultError): void;
}

export class Incoming {
  readonly #parts: IncomingParts;
  readonly #events: IncomingEvents;
  readonly #held: HeldBatches;
  readonly #sessions = new Map<DeviceId, Session>();

  constructor(parts: IncomingParts, events: IncomingEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#held = new HeldBatches(parts.clock, (from) => {
      events.onMisbehaviour(from, misbehaved('sent a batch of somebody who is no member'));
    });
  }

  attach(session: Session): void {
    this.#sessions.set(session.peer.device, session);
  }

  detach(device: DeviceId): void {
    this.#sessions.delete(device);
    this.#held.forget(device);
  }

  close(): void {
    this.#held.release();
  }

  async takeStatements(session: Session, signed: readonly Buffer[]): Promise<void> {
    const fresh = await this.#parts.membership.learn(signed);
    this.#events.onStatements(session, fresh > 0 ? signed : []);
    if (fresh === 0) return;
    for (const batch of this.#held.release()) {
      const sender = this.#sessions.get(batch.from);
      if (sender !== undefined) await this.takeBatch(sender, batch);
    }
  }

  async takeBatch(session: Session, received: ReceivedBatch): Promise<void> {
    const admission = admitBatch(received, this.#parts.membership.current());
    if (admission.type === 'unknown-author') {
      if (this.#held.hold(received)) return;
      throw misbehaved('sent too many batches of somebody who is no member');
    }
    if (admission.type === 'refused') {
      this.#parts.log.warn(
        { device: received.from, reason: admission.reason },
        'a batch was not taken in',
      );
      return;
    }
    const { header } = admission.batch.verified;
    this.#parts.holdings.sawBatch(received.from, header.journal, header.sequence);
    if (session.refusedJournals.has(header.journal)) return;
    if (this.#isOurs(header.journal, header.sequence)) return;
    const entry = await this.#parts.door.enter(admission.batch);
    if (entry !== 'gap') return;
    // A batch before it was not taken in, or this peer skips: another peer may have them all.
    session.refusedJournals.add(header.journal);
  }

  takeHoldings(session: Session, holdings: Extract<Update, { type: 'holdings' }>): void {
    const vectorOf = (positions: typeof holdings.applied): Map<JournalId, number> =>
      new Map(positions.map(({ journal, sequence }) => [journal, sequence]));
    this.#parts.holdings.merge(session.peer.device, {
      applied: vectorOf(holdings.applied),
      complete: vectorOf(holdings.complete),
      freeBytes: holdings.freeBytes,
    });
    this.#events.onHoldings(session.peer.device);
    const own = this.#parts.writing();
    if (own === undefined) return;
    const ahead = holdings.applied.find(({ journal }) => journal === own);
    if (ahead !== undefined) this.#isOurs(own, ahead.sequence);
  }

  takeAddresses(records: readonly Uint8Array[]): void {
    if (!this.#parts.learnAddresses(records)) throw misbehaved('sent a forged address record');
  }

  #isOurs(journal: JournalId, sequence: number): boolean {
    if (journal !== this.#parts.writing()) return false;
    const tip = this.#parts.door.tip(journal)?.sequence ?? 0;
    if (sequence > tip) this.#events.onOwnJournalAhead(journal, sequence);
    return true;
  }
}

function misbehaved(detail: string): VaultError {
  return new VaultError('peer-misbehaved', { op: 'replication.incoming', detail });
}
