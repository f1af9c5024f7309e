/**
 * The way in, for those who dial us and those whom we dial: handshake, who it is, and then a peer, a
 * guest (`guests.ts`), or a goodbye. Bounded in every direction: half-open connections, guests, and
 * devices that broke the protocol a moment ago.
 */
import { toVaultError, VaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import { rpc as rpcLimits } from '../../protocol/limits.ts';
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import { CreditPool } from '../../protocol/rpc/credit.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { ByteStream, Clock, Network } from '../ports.ts';
import type { Conduct } from './conduct.ts';
import type { ConnectedPeers } from './connected-peers.ts';
import { Gate } from './gate.ts';
import { Guests } from './guests.ts';
import { letIn, reachOut, type Established, type HandshakeParts } from './handshake.ts';
import type { Peer, PeerEvents, PeerHandlers } from './peer.ts';

const dialTimeoutMs = 5_000;

export interface EntranceParts {
  readonly network: Network;
  readonly clock: Clock;
  readonly handshake: HandshakeParts;
  readonly handlers: PeerHandlers;
  readonly events: Pick<PeerEvents, 'onRefused' | 'onSlowed'>;
  readonly conduct: Conduct;
  readonly connected: ConnectedPeers;
  /** A member has proved itself; its connection is about to be registered. */
  onProved(peer: Peer, dialled: string | undefined): void;
  /** It is the connection with its device now. */
  onAdded(peer: Peer): void;
}

export class Entrance {
  readonly #parts: EntranceParts;
  readonly #gate: Gate;
  readonly #creditPool = new CreditPool();
  readonly #guests: Guests;
  readonly #handshaking = new Set<ByteStream>();
  #closed = false;

  constructor(parts: EntranceParts) {
    this.#parts = parts;
    this.#gate = new Gate(() => parts.handshake.random.fraction());
    this.#guests = new Guests({
      clock: parts.clock,
      handler: parts.handlers.guest,
      creditPool: this.#creditPool,
      onEnded: ({ address }, reason) => {
        this.#refused(address, reason);
      },
    });
  }

  /** Somebody has connected. Never rejects. */
  async accept(stream: ByteStream): Promise<void> {
    const visitor = {
      remote: stream.remote,
      drop: () => {
        stream.destroy();
      },
    };
    const entered = this.#gate.enter(visitor, this.#parts.clock.monotonicMs());
    if (entered !== 'entered') {
      stream.destroy();
      this.#refused(stream.remote, `${entered} from this address`);
      return;
    }
    this.#handshaking.add(stream);
    try {
      if (this.#closed) throw new VaultError('closed', { op: 'peer.accept' });
      await this.#welcome(await letIn(this.#parts.handshake, stream), stream);
    } catch (error) {
      stream.destroy();
      this.#refused(stream.remote, toVaultError(error, 'peer.accept').message);
    } finally {
      this.#handshaking.delete(stream);
      this.#gate.leave(visitor);
    }
  }

  /** Connects to whoever listens there. @throws VaultError why it did not come to a connection */
  async dial(address: string, signal: AbortSignal): Promise<void> {
    const stream = await this.#parts.network.dial(address, { timeoutMs: dialTimeoutMs, signal });
    this.#handshaking.add(stream);
    try {
      await this.#greet(await reachOut(this.#parts.handshake, stream), stream, address);
    } catch (error) {
      stream.destroy();
      throw error;
    } finally {
      this.#handshaking.delete(stream);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stream of this.#handshaking) stream.destroy();
    await this.#guests.close();
  }

  /** Somebody who dialled has proved a key. */
  async #welcome(established: Established, stream: ByteStream): Promise<void> {
    const { channel, device } = established;
    if (channel.invited !== undefined) {
      this.#guests.admit(channel, {
        ticket: channel.invited,
        noiseKey: channel.remoteNoiseKey,
        handshakeHash: channel.handshakeHash,
        address: stream.remote,
      });
      return;
    }
    if (device === undefined || device === this.#parts.handshake.authority.device) {
      this.#refused(stream.remote, 'not a member');
      await this.#turnAway(established, 'responder');
      return;
    }
    await this.#register(established, device, { address: stream.remote, dialled: undefined });
  }

  /** Somebody whom we dialled has proved a key. */
  async #greet(established: Established, stream: ByteStream, address: string): Promise<void> {
    const { device } = established;
    if (device === undefined || device === this.#parts.handshake.authority.device) {
      await this.#turnAway(established, 'initiator');
      throw new VaultError('peer-untrusted', {
        op: 'peer.dial',
        subject: address,
        detail:
          device === undefined
            ? 'no member of this vault answers there'
            : 'this agent itself answers there',
        next: 'check the address',
      });
    }
    await this.#register(established, device, { address: stream.remote, dialled: address });
  }

  async #turnAway({ channel }: Established, role: 'initiator' | 'responder'): Promise<void> {
    const rpc = createRpcConnection(channel, {
      role,
      clock: this.#parts.clock,
      onCall: refuseCall,
    });
    await rpc.close('not-member');
  }

  async #register(
    { channel }: Established,
    device: DeviceId,
    at: { readonly address: string; readonly dialled: string | undefined },
  ): Promise<void> {
    const { clock, handlers, conduct, events } = this.#parts;
    let answer: CallHandler = refuseCall;
    const rpc = createRpcConnection(channel, {
      role: at.dialled === undefined ? 'responder' : 'initiator',
      clock,
      creditPool: this.#creditPool,
      onCall: (call) => answer(call),
      limits: { incomingQueueBytesMax: rpcLimits.peerQueueBytesMax },
      guard: conduct.guardOf(device, clock.monotonicMs()),
      onSlowed: () => {
        if (conduct.slowed(device, clock.monotonicMs())) events.onSlowed?.(device);
      },
    });
    const peer: Peer = {
      device,
      address: at.address,
      initiator: at.dialled !== undefined,
      rpc,
      connectedAtMs: clock.monotonicMs(),
      agent: channel.remotePayload.agent,
    };
    await this.#checkWelcome(peer);
    answer = handlers.member(peer);
    this.#parts.onProved(peer, at.dialled);
    if ((await this.#parts.connected.register(peer)) === 'added') this.#parts.onAdded(peer);
  }

  async #checkWelcome({ device, rpc, initiator }: Peer): Promise<void> {
    if (this.#closed) {
      await rpc.close('shutting-down');
      throw new VaultError('closed', { op: 'peer.connect', subject: device });
    }
    const nowMs = this.#parts.clock.monotonicMs();
    const refusal = this.#parts.conduct.connect(device, nowMs, { isOurs: initiator });
    if (refusal === undefined) return;
    const { goodbye, detail } = refusal;
    await rpc.close(goodbye, detail);
    const code = goodbye === 'overload' ? 'overload' : 'peer-misbehaved';
    throw new VaultError(code, { op: 'peer.connect', subject: device, detail });
  }

  #refused(address: string, reason: string): void {
    if (this.#gate.mayReport(address, this.#parts.clock.monotonicMs())) {
      this.#parts.events.onRefused(address, reason);
    }
  }
}

function refuseCall(): Promise<void> {
  return Promise.reject(new VaultError('denied', { op: 'peer.call' }));
}
