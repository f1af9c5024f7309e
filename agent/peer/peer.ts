/**
 * Connections to other devices. This layer finds them, authenticates them and speaks RPC with them;
 * it knows no store and no journal. What a peer asks goes to handlers that are given from above.
 */
import type { Trouble } from './conduct.ts';
import type { DeviceId, TicketId, VaultId } from '../../protocol/ids.ts';
import type { CallHandler, GoodbyeReason, RpcConnection } from '../../protocol/rpc/rpc.ts';

/** One authenticated device, connected now. */
export interface Peer {
  readonly device: DeviceId;
  readonly address: string;
  readonly initiator: boolean;
  readonly rpc: RpcConnection;
  readonly connectedAtMs: number;
  /** What it says that it is, `peervault/0.1.0`: its own words, at most 64 bytes of text. */
  readonly agent: string;
}

/**
 * What the peer layer has to know about the vault; `assemble` implements it over members. It is asked
 * anew at every connection, so that a change of membership counts at once.
 */
export interface PeerAuthority {
  readonly vault: VaultId;
  readonly device: DeviceId;
  /** 32 bytes each: X25519 key pair of this device. */
  readonly noiseKey: { readonly publicKey: Buffer; readonly secretKey: Buffer };
  /** Keys that a preface may be made with; newest first. */
  memberKeys(): readonly Buffer[];
  /** The active member with this static key. */
  memberByNoiseKey(noiseKey: Buffer): { device: DeviceId } | undefined;
  /** Key for the preface of somebody who holds an open ticket of ours, by its selector (the ticket's id). */
  inviteKey(ticket: TicketId): Buffer | undefined;
  /** Signs an address record. */
  sign(bytes: Uint8Array): Buffer;
  /** Checks one of another member. */
  verify(device: DeviceId, bytes: Uint8Array, signature: Uint8Array): boolean;
  /**
   * Whether it is an active member. Without it every device counts as one, and the address record of
   * a device that was removed looks forged.
   */
  isMember?(device: DeviceId): boolean;
}

/** A guest with a ticket: authenticated by it, not a member yet. */
export interface Guest {
  readonly ticket: TicketId;
  /** 32 bytes. */
  readonly noiseKey: Buffer;
  /** 64 bytes: channel binding for the proofs of JoinRequest and JoinReply. */
  readonly handshakeHash: Buffer;
  readonly address: string;
}

export interface PeerEvents {
  onPeer(peer: Peer): void;
  onPeerGone(peer: Peer, reason: string): void;
  /** Somebody was turned away; for the log and the audit. */
  onRefused(address: string, reason: string): void;
  /** A member broke the rules of the wire and was thrown out. */
  onMisbehaviour?(device: DeviceId, reason: string): void;
  /** A member makes us do more than any needs to, and is read more slowly. */
  onSlowed?(device: DeviceId): void;
  /** `addressRecords` has something new to pass on. */
  onAddressRecords?(): void;
}

export interface PeerHandlers {
  /** Calls of a member. */
  readonly member: (peer: Peer) => CallHandler;
  /** Calls of a guest: only joining. */
  readonly guest: (guest: Guest) => CallHandler;
}

export interface PeerSet {
  /** Connected now, at most one connection a device. */
  peers(): readonly Peer[];
  /** What is known about every device that was ever heard of. */
  book(): readonly PeerBookRow[];
  /** Adds an address to try, of a known device or of whoever answers there with the right key. */
  addAddress(address: string, device?: DeviceId): Promise<void>;
  removeAddress(address: string): Promise<void>;
  /** Signed address records to pass on, ours included. */
  addressRecords(): readonly Uint8Array[];
  /** Takes in records that a member sent; false when one was forged. */
  learnAddresses(records: readonly Uint8Array[]): boolean;
  /** Drops a device now. */
  drop(device: DeviceId, reason: GoodbyeReason, detail: string): Promise<void>;
  /** Says goodbye to all. */
  close(): Promise<void>;
  /** `host:port` that it listens on. */
  readonly listening: string;
  /** Where others may reach this device, as its own record says: for tickets. */
  ownAddresses(): readonly string[];
}

export interface PeerBookRow {
  readonly device: DeviceId | undefined;
  readonly addresses: readonly string[];
  readonly online: boolean;
  readonly address: string | undefined;
  readonly rttMs: number | undefined;
  readonly lastSeenMs: number | undefined;
  /** Its program and version; undefined while it is not connected. */
  readonly agent: string | undefined;
  /** Why the last attempt failed. */
  readonly lastError: string | undefined;
  readonly nextAttemptMs: number | undefined;
  /** What it did against the rules lately, in wall time. */
  readonly trouble?: Trouble | undefined;
}
