/**
 * The peer layer put together: it listens and dials, lets each device in once, keeps the address
 * book, and says goodbye. A connection is renewed after an hour, and the new one is up before the old
 * one goes.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import { time, wire } from '../../protocol/limits.ts';
import { splitAddress } from '../../protocol/messages/address.ts';
import type { GoodbyeReason } from '../../protocol/rpc/rpc.ts';
import type { Clock, Disk, Listener, Log, Network, Random, Timer } from '../ports.ts';
import { Backoff } from './backoff.ts';
import { startBeacon } from './beaconer.ts';
import { openBook, type BookKeeper } from './book-keeper.ts';
import { describeBook } from './book-rows.ts';
import { Conduct } from './conduct.ts';
import { ConnectedPeers } from './connected-peers.ts';
import { Dialer, type Target } from './dialer.ts';
import { Entrance } from './entrance.ts';
import { listenAgain } from './listen-again.ts';
import { ownAddresses } from './own-record.ts';
import type {
  Peer,
  PeerAuthority,
  PeerBookRow,
  PeerEvents,
  PeerHandlers,
  PeerSet,
} from './peer.ts';

const letOtherGoFirstMs = 1_000;
const addressCheckMs = 60_000;
/** A connection that ended sooner was turned away, and will be again. */
const shortLifeMs = 1_000;

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
  /** `host:port` to listen on; `:0` takes a free port, the one of the last time when it is free. */
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
  const set = await preparePeerSet(parts);
  await set.start();
  return set;
}

/** Speaks to nobody before it is started: whoever its handlers and events lead to may need the set itself. */
export async function preparePeerSet(
  parts: PeerSetParts,
): Promise<PeerSet & { start(): Promise<void> }> {
  return new Peers(parts, await openBook(parts));
}

class Peers implements PeerSet {
  readonly #parts: PeerSetParts;
  readonly #keeper: BookKeeper;
  readonly #dialer: Dialer;
  readonly #connected: ConnectedPeers;
  readonly #entrance: Entrance;
  readonly #conduct = new Conduct();
  readonly #renewals = new Map<Peer, Timer>();
  readonly #shortLived = new Map<DeviceId, Backoff>();
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
      connect: (address, signal) => this.#entrance.dial(address, signal),
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
          this.#keeper.book.left(peer.device, clock.nowMs());
          events.onPeerGone(peer, reason);
        },
        onRefused: (address, reason) => {
          events.onRefused(address, reason);
        },
      },
      onLost: (device, aliveMs) => {
        this.#seek(device, this.#pauseBefore(device, aliveMs));
      },
      onMisbehaviour: (device, reason) => {
        this.#throwOut(device, reason);
        parts.log.warn({ device, reason }, 'a device broke the protocol');
        events.onMisbehaviour?.(device, reason);
      },
    });
    this.#entrance = new Entrance({
      network: parts.network,
      clock,
      handshake: { authority, clock, random, agent: parts.options.agent ?? 'peervault' },
      handlers: parts.handlers,
      events,
      connected: this.#connected,
      conduct: this.#conduct,
      onProved: (peer, dialled) => {
        this.#proved(peer, dialled);
      },
      onAdded: (peer) => {
        if (peer.initiator) this.#renewLater(peer);
      },
    });
  }

  get listening(): string {
    return this.#listener?.address ?? this.#parts.options.listen;
  }

  async start(): Promise<void> {
    const { network, options } = this.#parts;
    this.#listener = await listenAgain(
      network,
      { listen: options.listen, last: this.#keeper.listening },
      (stream) => void this.#entrance.accept(stream),
    );
    this.#keeper.listens(this.#listener.address);
    await this.#publishAddresses();
    for (const address of options.addresses ?? []) this.#keeper.book.give(address, undefined);
    if (options.beacon !== false) {
      this.#beacon = await startBeacon({
        ...this.#parts,
        listening: this.listening,
        onHeard: (device, address) => {
          if (this.#isMember(device) && this.#keeper.book.heard(device, address))
            this.#encourage(device);
        },
      });
    }
    for (const device of this.#keeper.book.devices()) this.#seek(device, 0);
    for (const address of this.#keeper.book.unknown())
      this.#dialer.seek({ type: 'address', address });
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
      troubleOf: (device) => this.#conduct.troubleOf(device, this.#parts.clock.monotonicMs()),
      toWallMs: (monotonicMs) =>
        this.#parts.clock.nowMs() + monotonicMs - this.#parts.clock.monotonicMs(),
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
    const { forged, ownOutdated, devices } = this.#keeper.learn(records);
    if (ownOutdated) void this.#publishAddresses();
    for (const device of devices) this.#encourage(device);
    if (devices.length > 0) this.#parts.events.onAddressRecords?.();
    return !forged;
  }

  async drop(device: DeviceId, reason: GoodbyeReason, detail: string): Promise<void> {
    // Before it is gone, so that it is not dialled again at once.
    if (reason === 'protocol-error') this.#throwOut(device, detail);
    else this.#dialer.discourage({ type: 'device', device }, detail);
    await this.#connected.drop(device, reason, detail);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#dialer.close();
    this.#beacon?.close();
    this.#addressTimer?.cancel();
    const goodbyes = [this.#entrance.close()];
    for (const { device } of this.#connected.all()) {
      goodbyes.push(this.#connected.drop(device, 'shutting-down', 'the agent ends'));
    }
    await Promise.all(goodbyes);
    await this.#listener?.close();
    await this.#keeper.close();
  }

  #throwOut(device: DeviceId, reason: string): void {
    this.#conduct.throwOut(device, reason, this.#parts.clock.monotonicMs());
    this.#dialer.discourage({ type: 'device', device }, reason);
  }

  /** How long to wait before dialling a device that was connected for `aliveMs`. */
  #pauseBefore(device: DeviceId, aliveMs: number): number {
    const { random } = this.#parts;
    if (aliveMs >= shortLifeMs) {
      this.#shortLived.delete(device);
      return letOtherGoFirstMs * random.fraction();
    }
    const backoff = this.#shortLived.get(device) ?? new Backoff(() => random.fraction());
    this.#shortLived.set(device, backoff);
    return backoff.next();
  }

  #proved(peer: Peer, dialled: string | undefined): void {
    const { device, address: remote } = peer;
    this.#keeper.book.connected(device, { dialled, remote, nowMs: this.#parts.clock.nowMs() });
    this.#keeper.saveSoon();
    this.#dialer.settled({ type: 'device', device });
  }

  #renewLater(peer: Peer): void {
    const afterMs = wire.connectionLifeMs * (0.9 + 0.1 * this.#parts.random.fraction());
    const renew = (): void => {
      this.#entrance.dial(peer.address, new AbortController().signal).catch((error: unknown) => {
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
    const { network, options, clock, events, log } = this.#parts;
    const addresses = ownAddresses(this.listening, network.localAddresses(), options.advertise);
    try {
      if (await this.#keeper.publish(addresses)) events.onAddressRecords?.();
    } catch (error) {
      // The counter could not be saved, so nothing new was signed; the next check tries again.
      log.warn({ error: String(error) }, 'our addresses could not be published');
    }
    this.#addressTimer?.cancel();
    if (this.#closed) return;
    this.#addressTimer = clock.after(addressCheckMs, () => void this.#publishAddresses());
  }

  #addressesOf(target: Target): readonly string[] {
    return target.type === 'address'
      ? [target.address]
      : this.#keeper.book.candidates(target.device);
  }

  #isDone(target: Target): boolean {
    if (target.type === 'address') return !this.#keeper.book.unknown().includes(target.address);
    return (
      target.device === this.#parts.authority.device ||
      this.#connected.get(target.device) !== undefined
    );
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
}
