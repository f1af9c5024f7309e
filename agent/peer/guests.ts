/**
 * Somebody with a ticket, while they join. A ticket proves nothing about who holds it, so whatever a
 * guest can hold is bounded: how many there are, how many with one ticket, what each may ask at once,
 * and how long they may stay, whether they say anything or not.
 */
import { VaultError } from '../../protocol/errors.ts';
import { connections, time } from '../../protocol/limits.ts';
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import type { CreditPool } from '../../protocol/rpc/credit.ts';
import type { FrameLink, RpcConnection } from '../../protocol/rpc/rpc.ts';
import type { Clock } from '../ports.ts';
import type { Guest, PeerHandlers } from './peer.ts';

export interface GuestsParts {
  readonly clock: Clock;
  readonly handler: PeerHandlers['guest'];
  readonly creditPool: CreditPool;
  /** A guest did not leave in peace. */
  onEnded(guest: Guest, reason: string): void;
}

export class Guests {
  readonly #parts: GuestsParts;
  readonly #here = new Map<RpcConnection, Guest>();

  constructor(parts: GuestsParts) {
    this.#parts = parts;
  }

  /** Lets a guest in, or says why not and closes. */
  admit(link: FrameLink, guest: Guest): void {
    const refusal = this.#refusal(guest);
    const { clock, creditPool, handler } = this.#parts;
    const rpc = createRpcConnection(link, {
      role: 'responder',
      clock,
      creditPool,
      onCall: refusal === undefined ? handler(guest) : refuseCall,
      limits: { streamsMax: connections.guestCallsMax },
    });
    if (refusal !== undefined) {
      void rpc.close('overload', refusal);
      this.#parts.onEnded(guest, refusal);
      return;
    }
    this.#here.set(rpc, guest);
    const deadline = clock.after(time.guestMs, () => {
      const detail = `a guest stays at most ${String(time.guestMs / 1_000)} s`;
      this.#parts.onEnded(guest, detail);
      void rpc.close('overload', detail);
    });
    void rpc.closed.then((reason) => {
      deadline.cancel();
      this.#here.delete(rpc);
      if (reason.code !== 'closed') this.#parts.onEnded(guest, reason.message);
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#here.keys()].map((rpc) => rpc.close('shutting-down')));
  }

  #refusal({ ticket }: Guest): string | undefined {
    if (this.#here.size >= connections.guestsMax) return 'too many guests';
    const same = [...this.#here.values()].filter((other) => other.ticket === ticket).length;
    return same >= connections.guestsPerTicketMax ? 'too many guests with this ticket' : undefined;
  }
}

function refuseCall(): Promise<void> {
  return Promise.reject(new VaultError('denied', { op: 'peer.call' }));
}
