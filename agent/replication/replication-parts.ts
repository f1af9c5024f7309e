/**
 * What replication is made of and what it offers to the composition root: the facade of
 * `replication.ts`, and the side of it that is connected to the peer layer and the store.
 */
import type { DeviceId, JournalId } from '../../protocol/ids.ts';
import type { NamedChunk } from '../../protocol/messages/op.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { Peer, PeerSet } from '../peer/peer.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { ReadBudget } from '../store/read-budget.ts';
import type { Store } from '../store/store.ts';
import type { Flow } from './flow.ts';
import type { JournalLines } from './journal-lines.ts';
import type { ReleaseBook } from './release-book.ts';
import type { MembershipPort, Replication, ReplicationEvents } from './replication.ts';

/** What `assemble` hands in. */
export interface ReplicationParts {
  readonly device: DeviceId;
  readonly store: Store;
  readonly membership: MembershipPort;
  readonly lines: JournalLines;
  readonly releases: ReleaseBook;
  /** The peer layer, or the few calls of it that are needed here. */
  readonly peers: Pick<PeerSet, 'addressRecords' | 'learnAddresses' | 'drop'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly events: ReplicationEvents & ReplicationAlarms;
  /** What peers may have read ahead of them. */
  readonly reads: ReadBudget;
  /** @default everything as fast as it goes */
  readonly flow?: Flow | undefined;
  readonly options?: ReplicationOptions;
}

/** News that not every assembly needs. */
export interface ReplicationAlarms {
  /** A journal has two batches of one number: only what came before counts until one is named. */
  onFork?(journal: JournalId, sequence: number): void;
  /** A peer has more of the journal that we write than we do: open a new incarnation. */
  onOwnJournalAhead?(journal: JournalId, sequence: number): void;
  /** Good copies of chunks that were damaged here are durable. */
  onMended?(chunks: number): void;
  /** A device sent a batch that does not count, and was not taken in. */
  onRefusedBatch?(from: DeviceId, reason: string): void;
}

export interface ReplicationOptions {
  /** Space left, for the announcement. @default 0 */
  readonly freeBytes?: (() => number) | undefined;
  /** The journal that this device writes at the moment. */
  readonly writing?: (() => JournalId | undefined) | undefined;
}

/** The facade, and the side of it that `assemble` connects to the peer layer. */
export interface ConnectedReplication extends Replication {
  /** The want list is derived from the journals; nothing is asked of peers before. */
  readonly ready: Promise<void>;
  attach(peer: Peer): void;
  detach(peer: Peer): void;
  /** Answers a member's calls. */
  handler(peer: Peer): CallHandler;
  /** The store set a damaged chunk aside: it is fetched again, and not announced any more. */
  chunkLost(chunk: NamedChunk): void;
}
