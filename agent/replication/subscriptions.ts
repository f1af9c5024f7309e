/**
 * Keeps this device subscribed at every connected peer: one backlog at a time, again after an end, and
 * from the beginning when the store refused what had come.
 */
import { isVaultError, toVaultError, type VaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import type { Clock, Log } from '../ports.ts';
import type { JournalStore } from '../store/store.ts';
import { CatchUpTurns, type Turn } from './catch-up-turn.ts';
import type { Incoming } from './incoming.ts';
import type { JournalLines } from './journal-lines.ts';
import { positionsToSay } from './positions.ts';
import type { MembershipPort } from './replication.ts';
import type { Session } from './session.ts';
import { runSubscription } from './subscribe.ts';

const resubscribeAfterMs = 2_000;

export interface SubscriptionsParts {
  readonly journals: JournalStore;
  readonly lines: JournalLines;
  readonly membership: MembershipPort;
  readonly incoming: Incoming;
  readonly clock: Clock;
  readonly log: Log;
  onMisbehaviour(device: DeviceId, error: VaultError): void;
  /** It has told everything that it had when it was asked. */
  onCaughtUp(device: DeviceId): void;
}

export class Subscriptions {
  readonly #parts: SubscriptionsParts;
  readonly #turns: CatchUpTurns;
  readonly #running = new Map<Session, AbortController>();

  constructor(parts: SubscriptionsParts) {
    this.#parts = parts;
    this.#turns = new CatchUpTurns(parts.clock);
  }

  /** Runs while the peer is connected. */
  async keep(session: Session): Promise<void> {
    const { signal } = session.gone;
    while (!signal.aborted) {
      const turn = await this.#turns.enter();
      try {
        await this.#run(session, turn);
      } catch (error) {
        this.#failed(session, toVaultError(error, 'replication.subscribe'));
      } finally {
        turn.leave();
      }
      await this.#pause(signal);
    }
  }

  /** What was queued is lost: ask everybody again for what is not here. */
  startAgain(): void {
    for (const abort of this.#running.values()) abort.abort();
  }

  /** Asks one peer again for what is not here. */
  askAgain(session: Session): void {
    this.#running.get(session)?.abort();
  }

  async #run(session: Session, turn: Turn): Promise<void> {
    if (session.gone.signal.aborted) return;
    const { journals, lines, membership, incoming } = this.#parts;
    const abort = new AbortController();
    this.#running.set(session, abort);
    session.refusedJournals.clear();
    try {
      await runSubscription(
        session.peer,
        {
          heads: membership.current().heads,
          vector: await positionsToSay(journals, lines, session.suspects),
          signal: AbortSignal.any([abort.signal, session.gone.signal]),
          turn,
        },
        {
          onStatements: (signed) => incoming.takeStatements(session, signed),
          onBatch: (batch) => incoming.takeBatch(session, batch),
          onHoldings: (holdings) => {
            incoming.takeHoldings(session, holdings);
          },
          onAddresses: (records) => {
            incoming.takeAddresses(records);
          },
          onForks: (proofs) => incoming.takeForks(proofs),
          onCurrent: () => {
            this.#parts.onCaughtUp(session.peer.device);
          },
          onDiverged: (journal) => {
            incoming.takeDiverged(session, journal);
          },
        },
      );
    } finally {
      this.#running.delete(session);
    }
  }

  #failed(session: Session, error: VaultError): void {
    if (session.gone.signal.aborted) return;
    if (isVaultError(error, 'peer-misbehaved', 'malformed')) {
      this.#parts.onMisbehaviour(session.peer.device, error);
      return;
    }
    const { code, message } = error;
    this.#parts.log.info({ device: session.peer.device, code, message }, 'a subscription ended');
  }

  async #pause(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = this.#parts.clock.after(resubscribeAfterMs, resolve);
      const onAbort = (): void => {
        timer.cancel();
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
