/**
 * What arrives on subscriptions, peer by peer: statements go to the members, batches through their
 * checks to the batch door, holdings into the table. It decides what is misbehaviour and what is not.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId, JournalId } from '../../protocol/ids.ts';
import type { Update } from '../../protocol/messages/peer.ts';
import type { ProvenFork } from '../journal/fork-proof.ts';
import type { Clock, Log } from '../ports.ts';
import { readNews } from './received-forks.ts';
import type { HoldingsTable } from './holdings.ts';
import { HeldBatches } from './held-batches.ts';
import type { JournalLines } from './journal-lines.ts';
import type { BatchDoor } from './receive-batch.ts';
import { admitBatch, type ReceivedBatch } from './received-batch.ts';
import type { MembershipPort } from './replication.ts';
import type { Session } from './session.ts';

export interface IncomingParts {
  readonly membership: MembershipPort;
  readonly door: BatchDoor;
  readonly lines: JournalLines;
  readonly holdings: HoldingsTable;
  readonly clock: Clock;
  readonly log: Log;
  /** The journal that this device writes now. */
  writing(): JournalId | undefined;
  learnAddresses(records: readonly Uint8Array[]): boolean;
}

export interface IncomingEvents {
  onStatements(from: Session, signed: readonly Uint8Array[]): void;
  onHoldings(device: DeviceId): void;
  /** A peer has more of the journal that we write than we do: this device lost its tail. */
  onOwnJournalAhead(journal: JournalId, sequence: number): void;
  /** Proofs of forks came that are news; they are durable. */
  onForks(forks: readonly ProvenFork[]): void;
  /** This peer has to be asked again: about its suspects, or for what may be taken in now. */
  onAskAgain(session: Session): void;
  /** A batch was not taken in, for a reason that is nobody's fault, such as a revocation. */
  onRefusedBatch(from: DeviceId, reason: string): void;
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
    for (const each of this.#sessions.values()) {
      if (each.hasRefused) this.#events.onAskAgain(each);
      each.hasRefused = false;
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
      session.hasRefused = true;
      this.#events.onRefusedBatch(received.from, admission.reason);
      return;
    }
    const { header } = admission.batch.verified;
    this.#parts.holdings.sawBatch(received.from, header.journal, header.sequence);
    if (session.refusedJournals.has(header.journal)) return;
    if (this.#isOursAhead(header.journal, header.sequence)) return;
    const entry = await this.#parts.door.enter(admission.batch);
    if (entry === 'diverged') this.#diverged(session, header.journal);
    // A batch before it was not taken in, or this peer skips: another peer may have them all.
    if (entry === 'gap' || entry === 'refused') session.refusedJournals.add(header.journal);
  }

  /** The peer found that our branch of a journal is not one that it knows. */
  takeDiverged(session: Session, journal: JournalId): void {
    this.#diverged(session, journal);
  }

  async takeForks(proofs: readonly Buffer[]): Promise<void> {
    const news = readNews(proofs, this.#parts.lines, this.#parts.membership.current());
    if (news.length === 0) return;
    await this.#parts.lines.keepProofs(news.map(({ proof }) => proof));
    this.#events.onForks(news.map(({ fork }) => fork));
  }

  /** Asks this peer again, with enough places of the journal to find where the branches part. */
  #diverged(session: Session, journal: JournalId): void {
    session.refusedJournals.add(journal);
    if (session.suspects.has(journal)) return;
    session.suspects.add(journal);
    this.#events.onAskAgain(session);
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
    for (const { journal, sequence, hash } of holdings.applied) {
      this.#isOursAhead(journal, sequence);
      const tip = this.#parts.door.tip(journal);
      const differs = tip?.sequence === sequence && hash !== undefined && hash !== tip.hash;
      const isNews = !session.suspects.has(journal) && !this.#parts.lines.isForked(journal);
      if (differs && isNews) this.#diverged(session, journal);
    }
  }

  takeAddresses(records: readonly Uint8Array[]): void {
    if (!this.#parts.learnAddresses(records)) throw misbehaved('sent a forged address record');
  }

  /**
   * Whether the place is one of a journal that this device still writes, and further than it has
   * written: who hears of it leaves the journal, and only then may more of it be taken in.
   */
  #isOursAhead(journal: JournalId, sequence: number): boolean {
    if (journal !== this.#parts.writing()) return false;
    if (sequence <= (this.#parts.door.tip(journal)?.sequence ?? 0)) return false;
    this.#events.onOwnJournalAhead(journal, sequence);
    return journal === this.#parts.writing();
  }
}

function misbehaved(detail: string): VaultError {
  return new VaultError('peer-misbehaved', { op: 'replication.incoming', detail });
}
