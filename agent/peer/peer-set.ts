/**
 * The peer layer put together: it listens and dials, lets each device in once, keeps the address
 * book, and says goodbye. A connection is renewed after an hour, and the new one is up before the old
 * one goes.
 */
import { toVaultError, VaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import { time, wire } from '../../protocol/limits.ts';
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import { CreditPool } from '../../protocol/rpc/credit.ts';
import type { CallHandler, GoodbyeReason, RpcConnection } from '../../protocol/rpc/rpc.ts';
import type { ByteStream, Clock, Disk, Listener, Log, Network, Random, Timer } from '../ports.ts';
import { splitAddress } from './address.ts';
import { startBeacon } from './beaconer.ts';
import { openBook, type BookKeeper } from './book-keeper.ts';
import { describeBook } from './book-rows.ts';
import { ConnectedPeers } from './connected-peers.ts';
import { Dialer, type Target } from './dialer.ts';
import { Gate } from './gate.ts';
import { letIn, reachOut, type Established } from './handshake.ts';
import { ownAddresses } from './own-record.ts';
import type { Guest, Peer, PeerAuthority, PeerBookRow, PeerEvents, PeerHandlers, PeerSet } from './peer.ts';

const dialTimeoutMs = 5_000;
const letOtherGoFirstMs = 1_000;
const addressCheckMs = 60_000;
const guestsMax = 16;

export interface PeerSetParts {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly disk: Disk;
  readonly authority: PeerAuthority;
  readonly handlers: PeerHandlers;
  readonly events: PeerEvents;
  readonly options: PeerSetOptions;
}

export interface PeerSetOptions {
  /** `host:port` to listen on; `:0` takes a free port. */
  readonly listen: string;
  /** Send and hear beacons, where the network has them. @default true */
  readonly beacon?: boolean | undefined;
  /** Addresses to publish besides those of the machine, e.g. of a forwarded port. */
  readonly advertise?: readonly string[] | undefined;
  /** Addresses to try, from the configuration. */
  readonly addresses?: readonly string[] | undefined;
  /** Shown to other agents. @default `peervault` */
  readonly agent?: string | undefined;
}

/**
 * Starts to listen and to look for the others.
 * @throws VaultError `port-in-use`, `config-invalid`
 */
export async function openPeerSet(parts: PeerSetParts): Promise<PeerSet> {
  const set = new Peers(parts, await openBook(parts));
  await set.start();
  return set;
}

class Peers implements PeerSet {
  readonly #parts: PeerSetParts;
  readonly #keeper: BookKeeper;
  readonly #gate = new Gate();
  readonly #dialer: Dialer;
  readonly #connected: ConnectedPeers;
  readonly #creditPool = new CreditPool();
  readonly #guests = new Set<RpcConnection>();
  readonly #handshaking = new Set<ByteStream>();
  readonly #renewals = new Map<Peer, Timer>();
  #listener: Listener | undefined;
  #beacon: { close(): void } | undefined;
  #addressTimer: Timer | undefined;
  #closed = false;

  constructor(parts: PeerSetParts, keeper: BookKeeper) {
    const { clock, random, authority, events } = parts;
    this.#parts = parts;
    this.#keeper = keeper;
    this.#dialer = new Dialer({
      clock,
      random,
      addressesOf: (target) => this.#addressesOf(target),
      isDone: (target) => this.#isDone(target),
      connect: (address, signal) => this.#dial(address, signal),
    });
    this.#connected = new ConnectedPeers({
      self: authority.device,
      clock,
      events: {
        onPeer: (peer) => {
          events.onPeer(peer);
        },
        onPeerGone: (peer, reason) => {
          this.#forgetRenewal(peer);
          events.onPeerGone(peer, reason);
        },
        onRefused: (address, reason) => {
          events.onRefused(address, reason);
        },
      },
      onLost: (device) => {
        this.#seek(device, letOtherGoFirstMs * random.fraction());
      },
    });
  }

  get listening(): string {
    return this.#listener?.address ?? this.#parts.options.listen;
  }

  async start(): Promise<void> {
    const { network, options } = this.#parts;
    this.#listener = await network.listen(options.listen, (stream) => void this.#accept(stream));
    await this.#publishAddresses();
    for (const address of options.addresses ?? []) this.#keeper.book.give(address, undefined);
    if (options.beacon !== false) {
      this.#beacon = await startBeacon({
        ...this.#parts,
        listening: this.listening,
        onHeard: (device, address) => {
          if (this.#isMember(device) && this.#keeper.book.heard(device, address)) this.#encourage(device);
        },
      });
    }
    for (const device of this.#keeper.book.devices()) this.#seek(device, 0);
    for (const address of this.#keeper.book.unknown()) this.#dialer.seek({ type: 'address', address });
  }

  peers(): readonly Peer[] {
    return this.#connected.all();
  }

  book(): readonly PeerBookRow[] {
    return describeBook({
      book: this.#keeper.book,
      self: this.#parts.authority.device,
      peerOf: (device) => this.#connected.get(device),
      attemptOf: (target) => this.#dialer.state(target),
      toWallMs: (monotonicMs) => this.#parts.clock.nowMs() + monotonicMs - this.#parts.clock.monotonicMs(),
    });
  }

  async addAddress(address: string, device?: DeviceId): Promise<void> {
    if (splitAddress(address).port === 0) {
      throw new VaultError('usage', {
        op: 'peers.add',
        subject: address,
        detail: 'port 0 cannot be dialled',
        next: 'write the port that the other agent listens on',
      });
    }
    this.#keeper.book.give(address, device);
    await this.#keeper.save();
    const target: Target =
      device === undefined ? { type: 'address', address } : { type: 'device', device };
    if (!this.#isDone(target)) this.#dialer.encourage(target);
  }

  async removeAddress(address: string): Promise<void> {
    this.#keeper.book.take(address);
    this.#dialer.settled({ type: 'address', address });
    await this.#keeper.save();
  }

  ownAddresses(): readonly string[] {
    return this.#keeper.ownAddresses();
  }

  addressRecords(): readonly Uint8Array[] {
    return this.#keeper.records();
  }

  learnAddresses(records: readonly Uint8Array[]): boolean {
    const { forged, devices } = this.#keeper.learn(records);
    for (const device of devices) this.#encourage(device);
    if (devices.length > 0) this.#parts.events.onAddressRecords?.();
    return !forged;
  }

  async drop(device: DeviceId, reason: GoodbyeReason, detail: string): Promise<void> {
    const dropping = this.#connected.drop(device, reason, detail);
    this.#dialer.discourage({ type: 'device', device }, detail);
    await dropping;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#dialer.close();
    this.#beacon?.close();
    this.#addressTimer?.cancel();
    for (const stream of this.#handshaking) stream.destroy();
    const goodbyes = [...this.#guests].map((rpc) => rpc.close('shutting-down'));
    for (const { device } of this.#connected.all()) {
      goodbyes.push(this.#connected.drop(device, 'shutting-down', 'the agent ends'));
    }
    await Promise.all(goodbyes);
    await this.#listener?.close();
    await this.#keeper.close();
  }

  async #accept(stream: ByteStream): Promise<void> {
    const entered = this.#gate.enter(stream.remote, this.#parts.clock.monotonicMs());
    if (entered !== 'entered' || this.#closed) {
      stream.destroy();
      this.#refused(stream.remote, `${entered} from this address`);
      return;
    }
    this.#handshaking.add(stream);
    try {
      await this.#welcome(await letIn(this.#handshakeParts(), stream), stream);
    } catch (error) {
      stream.destroy();
      this.#refused(stream.remote, toVaultError(error, 'peer.accept').message);
    } finally {
      this.#handshaking.delete(stream);
      this.#gate.leave(stream.remote);
    }
  }

  async #dial(address: string, signal: AbortSignal): Promise<void> {
    const stream = await this.#parts.network.dial(address, { timeoutMs: dialTimeoutMs, signal });
    this.#handshaking.add(stream);
    try {
      await this.#greet(await reachOut(this.#handshakeParts(), stream), stream, address);
    } catch (error) {
      stream.destroy();
      throw error;
    } finally {
      this.#handshaking.delete(stream);
    }
  }

  /** Somebody who dialled has proved a key. */
  async #welcome(established: Established, stream: ByteStream): Promise<void> {
    const { channel, device } = established;
    if (channel.invited !== undefined) {
      this.#admitGuest(established, {
        ticket: channel.invited,
        noiseKey: channel.remoteNoiseKey,
        handshakeHash: channel.handshakeHash,
        address: stream.remote,
      });
      return;
    }
    if (device === undefined || device === this.#parts.authority.device) {
      this.#refused(stream.remote, 'not a member');
      await this.#turnAway(established, 'responder');
      return;
    }
    await this.#register(established, device, { address: stream.remote, dialled: undefined });
  }

  /** Somebody whom we dialled has proved a key. */
  async #greet(established: Established, stream: ByteStream, address: string): Promise<void> {
    const { device } = established;
    if (device === undefined || device === this.#parts.authority.device) {
      await this.#turnAway(established, 'initiator');
      throw new VaultError('peer-untrusted', {
        op: 'peer.dial',
        subject: address,
        detail: device === undefined ? 'no member of this vault answers there' : 'this agent itself answers there',
        next: 'check the address',
      });
    }
    await this.#register(established, device, { address: stream.remote, dialled: address });
  }

  async #turnAway({ channel }: Established, role: 'initiator' | 'responder'): Promise<void> {
    const rpc = createRpcConnection(channel, { role, clock: this.#parts.clock, onCall: refuseCall });
    await rpc.close('not-member');
  }

  async #register(
    { channel }: Established,
    device: DeviceId,
    at: { readonly address: string; readonly dialled: string | undefined },
  ): Promise<void> {
    const { clock, handlers } = this.#parts;
    let answer: CallHandler = refuseCall;
    const rpc = createRpcConnection(channel, {
      role: at.dialled === undefined ? 'responder' : 'initiator',
      clock,
      creditPool: this.#creditPool,
      onCall: (call) => answer(call),
    });
    const peer: Peer = {
      device,
      address: at.address,
      initiator: at.dialled !== undefined,
      rpc,
      connectedAtMs: clock.monotonicMs(),
    };
    answer = handlers.member(peer);
    const { dialled, address: remote } = at;
    this.#keeper.book.connected(device, { dialled, remote, nowMs: clock.nowMs() });
    this.#keeper.saveSoon();
    this.#dialer.settled({ type: 'device', device });
    if (this.#closed) await rpc.close('shutting-down');
    else if ((await this.#connected.register(peer)) === 'added' && peer.initiator) this.#renewLater(peer);
  }

  #admitGuest({ channel }: Established, guest: Guest): void {
    const { clock, handlers } = this.#parts;
    const full = this.#guests.size >= guestsMax;
    const rpc = createRpcConnection(channel, {
      role: 'responder',
      clock,
      creditPool: this.#creditPool,
      onCall: full ? refuseCall : handlers.guest(guest),
    });
    if (full) {
      void rpc.close('overload', 'too many guests');
      return;
    }
    this.#guests.add(rpc);
    void rpc.closed.then(() => this.#guests.delete(rpc));
  }

  #renewLater(peer: Peer): void {
    const afterMs = wire.connectionLifeMs * (0.9 + 0.1 * this.#parts.random.fraction());
    const renew = (): void => {
      this.#dial(peer.address, new AbortController().signal).catch((error: unknown) => {
        this.#parts.log.debug({ device: peer.device, error: String(error) }, 'not renewed yet');
        this.#renewals.set(peer, this.#parts.clock.after(time.reconnectMaxMs, renew));
      });
    };
    this.#renewals.set(peer, this.#parts.clock.after(afterMs, renew));
  }

  #forgetRenewal(peer: Peer): void {
    this.#renewals.get(peer)?.cancel();
    this.#renewals.delete(peer);
  }

  async #publishAddresses(): Promise<void> {
    const { network, options, clock, events } = this.#parts;
    const addresses = ownAddresses(this.listening, network.localAddresses(), options.advertise);
    if (await this.#keeper.publish(addresses)) events.onAddressRecords?.();
    this.#addressTimer = clock.after(addressCheckMs, () => {
      if (!this.#closed) void this.#publishAddresses();
    });
  }

  #handshakeParts(): Parameters<typeof letIn>[0] {
    const { authority, clock, random, options } = this.#parts;
    return { authority, clock, random, agent: options.agent ?? 'peervault' };
  }

  #addressesOf(target: Target): readonly string[] {
    return target.type === 'address' ? [target.address] : this.#keeper.book.candidates(target.device);
  }

  #isDone(target: Target): boolean {
    if (target.type === 'address') return !this.#keeper.book.unknown().includes(target.address);
    return target.device === this.#parts.authority.device || this.#connected.get(target.device) !== undefined;
  }

  #isMember(device: DeviceId): boolean {
    return this.#parts.authority.isMember?.(device) ?? true;
  }

  #seek(device: DeviceId, afterMs: number): void {
    const target: Target = { type: 'device', device };
    if (!this.#isDone(target) && !this.#closed) this.#dialer.seek(target, afterMs);
  }

  #encourage(device: DeviceId): void {
    const target: Target = { type: 'device', device };
    if (!this.#isDone(target) && !this.#closed) this.#dialer.encourage(target);
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
