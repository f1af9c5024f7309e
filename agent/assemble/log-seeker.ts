/**
 * Gets the membership log of a device that has lost it from whichever other device is reached first. The
 * anchor says who they are, and the keys with which they are reached; what they send has to hang on the
 * genesis whose hash is the vault's id, and has to name this device and the one that sent it.
 */
import { isVaultError, toVaultError, VaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import type { StartOptions } from '../agent.types.ts';
import { evaluateMembership } from '../members/evaluate.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import type { LogAnchor } from '../members/log-anchor.ts';
import type { MembershipLog } from '../members/membership-log.ts';
import { openPeerSet } from '../peer/peer-set.ts';
import type { Peer, PeerSet } from '../peer/peer.ts';
import type { Ports, Timer } from '../ports.ts';
import { fetchStatements } from '../replication/fetch-statements.ts';
import { fromPeer, verifyFromPeer } from '../vault/verify-statements.ts';
import { createAnchoredAuthority } from './peer-authority.ts';
import { peerTrouble, type Teller } from './tell-events.ts';

/** It may have heard of this device only by then. */
const askAgainMs = 5_000;

export interface LogSeekerParts {
  readonly ports: Ports;
  readonly options: StartOptions;
  readonly identity: DeviceIdentity;
  readonly anchor: LogAnchor;
  /** What the disk has of it; it grows. */
  readonly log: MembershipLog;
  readonly tell: Teller;
}

export class LogSeeker {
  /** Resolves when the log will do. */
  readonly found: Promise<void>;
  readonly #parts: LogSeekerParts;
  readonly #found = Promise.withResolvers<undefined>();
  readonly #timers = new Map<Peer, Timer>();
  #peers: PeerSet | undefined;
  #closing: Promise<void> | undefined;

  private constructor(parts: LogSeekerParts) {
    this.#parts = parts;
    this.found = this.#found.promise;
  }

  /** Listens and dials, as the agent would. @throws VaultError `port-in-use`, `config-invalid`, `io` */
  static async open(parts: LogSeekerParts): Promise<{ seeker: LogSeeker; peers: PeerSet }> {
    const seeker = new LogSeeker(parts);
    const { ports, options, tell } = parts;
    const peers = await openPeerSet({
      ...ports,
      log: ports.log.child('peer'),
      authority: createAnchoredAuthority(parts.identity, parts.anchor),
      handlers: { member: () => refuseCall, guest: () => refuseCall },
      events: {
        onPeer: (peer) => {
          tell.peerOnline(peer.device, shortName(peer.device), peer.address);
          void seeker.#ask(peer);
        },
        onPeerGone: (peer, reason) => {
          seeker.#timers.get(peer)?.cancel();
          seeker.#timers.delete(peer);
          tell.peerOffline(peer.device, shortName(peer.device), reason);
        },
        ...peerTrouble(tell, shortName),
      },
      options: peerOptions(options),
    });
    seeker.#peers = peers;
    return { seeker, peers };
  }

  close(): Promise<void> {
    for (const timer of this.#timers.values()) timer.cancel();
    return (this.#closing ??= Promise.resolve(this.#peers?.close()));
  }

  async #ask(peer: Peer): Promise<void> {
    const { ports, log } = this.#parts;
    try {
      await fetchStatements(peer, async (signed) => {
        const verified = await verifyFromPeer(signed, ports.clock);
        // The log has been taken over meanwhile, as it was.
        if (this.#closing !== undefined) return;
        fromPeer(() => log.addVerified(verified));
      });
      if (this.#closing !== undefined) return;
      if (this.#willDo(peer)) this.#found.resolve(undefined);
      else this.#askLater(peer);
    } catch (thrown) {
      const error = toVaultError(thrown, 'members.seekLog', peer.device);
      if (this.#closing !== undefined) return;
      ports.log.warn({ device: peer.device, message: error.message }, 'it did not give the log');
      if (!isVaultError(error, 'peer-misbehaved', 'malformed')) {
        this.#askLater(peer);
        return;
      }
      this.#parts.tell.misbehaved(peer.device, shortName(peer.device), error.message);
      await this.#peers?.drop(peer.device, 'protocol-error', error.message);
    }
  }

  #willDo({ device: sender }: Peer): boolean {
    const { log, identity } = this.#parts;
    if (!log.isFounded) return false;
    const { members } = evaluateMembership(log.statements());
    return members.has(identity.device) && members.get(sender)?.active === true;
  }

  #askLater(peer: Peer): void {
    const timer = this.#parts.ports.clock.after(askAgainMs, () => {
      if (this.#timers.delete(peer)) void this.#ask(peer);
    });
    this.#timers.set(peer, timer);
  }
}

/** What the settings say about other devices. */
export function peerOptions({ config, version }: StartOptions) {
  return {
    listen: config.value('listen'),
    beacon: config.value('peers.beacon'),
    addresses: config.value('peers.addresses'),
    agent: `peervault/${version}`,
  };
}

/** Names are in the log. */
function shortName(device: DeviceId): string {
  return device.slice(0, 8);
}

/** It asks us for changes as well, and tries again. */
function refuseCall(): Promise<void> {
  return Promise.reject(
    new VaultError('denied', {
      op: 'peer.call',
      detail: 'this device fetches its membership log first',
    }),
  );
}
