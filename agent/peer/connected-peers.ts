/**
 * Who is connected: each device once. Two connections with one device are settled here, and every
 * coming and going is told exactly once and in order.
 */
import type { DeviceId } from '../../protocol/ids.ts';
import { connections } from '../../protocol/limits.ts';
import { isItsFault } from '../../protocol/rpc/endings.ts';
import type { GoodbyeReason } from '../../protocol/rpc/rpc.ts';
import type { Clock } from '../ports.ts';
import type { Peer, PeerEvents } from './peer.ts';
import { chooseConnection } from './tie-break.ts';

export interface ConnectedPeersParts {
  readonly self: DeviceId;
  readonly clock: Clock;
  readonly events: PeerEvents;
  /** After `onPeerGone`, when no other connection took its place. */
  onLost(device: DeviceId, aliveMs: number): void;
  /** Before `onPeerGone`: its connection ended because it broke the rules. */
  onMisbehaviour(device: DeviceId, reason: string): void;
}

/** What became of a connection that came up. */
export type Registration = 'added' | 'replaced' | 'full';

export class ConnectedPeers {
  readonly #parts: ConnectedPeersParts;
  readonly #peers = new Map<DeviceId, Peer>();

  constructor(parts: ConnectedPeersParts) {
    this.#parts = parts;
  }

  all(): Peer[] {
    return [...this.#peers.values()];
  }

  get(device: DeviceId): Peer | undefined {
    return this.#peers.get(device);
  }

  /** Takes a connection in, or closes it when the device has a better one. */
  async register(peer: Peer): Promise<Registration> {
    const old = this.#peers.get(peer.device);
    if (old === undefined && this.#peers.size >= connections.peersMax) {
      await peer.rpc.close('overload', 'too many peers');
      return 'full';
    }
    if (old !== undefined && this.#choose(old, peer) === 'old') {
      await peer.rpc.close('replaced', 'another connection with this device is up');
      return 'replaced';
    }
    if (old !== undefined) this.#remove(old, 'replaced by a newer connection');
    this.#peers.set(peer.device, peer);
    void this.#watch(peer);
    this.#parts.events.onPeer(peer);
    if (old !== undefined)
      await old.rpc.close('replaced', 'a newer connection with this device is up');
    return 'added';
  }

  /** Ends the connection with a device, if there is one. */
  async drop(device: DeviceId, reason: GoodbyeReason, detail: string): Promise<void> {
    const peer = this.#peers.get(device);
    if (peer === undefined) return;
    this.#remove(peer, detail);
    this.#lost(peer);
    await peer.rpc.close(reason, detail);
  }

  #choose(old: Peer, fresh: Peer): 'old' | 'new' {
    return chooseConnection({
      self: this.#parts.self,
      remote: fresh.device,
      oldIsOurs: old.initiator,
      oldAgeMs: this.#parts.clock.monotonicMs() - old.connectedAtMs,
      newIsOurs: fresh.initiator,
    });
  }

  async #watch(peer: Peer): Promise<void> {
    const error = await peer.rpc.closed;
    if (isItsFault(error)) {
      this.#parts.onMisbehaviour(peer.device, error.detail ?? error.message);
    }
    if (!this.#remove(peer, error.detail ?? error.message)) return;
    this.#lost(peer);
  }

  #lost({ device, connectedAtMs }: Peer): void {
    this.#parts.onLost(device, this.#parts.clock.monotonicMs() - connectedAtMs);
  }

  #remove(peer: Peer, reason: string): boolean {
    if (this.#peers.get(peer.device) !== peer) return false;
    this.#peers.delete(peer.device);
    this.#parts.events.onPeerGone(peer, reason);
    return true;
  }
}
