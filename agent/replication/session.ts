/**
 * Both directions of replication with one connected peer: our subscription there, its subscription
 * here, and what it draws from us. It lives exactly as long as the connection.
 */
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import type { Peer } from '../peer/peer.ts';
import type { Publisher } from './publish.ts';
import { RateMeter } from './rate-meter.ts';
import type { ReadShare } from '../store/read-budget.ts';
import type { OutGate, ServeCounters } from './serve.ts';
import type { JournalId } from '../../protocol/ids.ts';

export interface Session {
  readonly peer: Peer;
  /** Aborted when the connection is gone. */
  readonly gone: AbortController;
  readonly outgoing: ServeCounters;
  readonly outgoingMeter: RateMeter;
  /** Journals that this peer cannot give us, until its next connection. */
  readonly refusedJournals: Set<JournalId>;
  /** Journals of which it seems to have another branch than those that are here. */
  readonly suspects: Set<JournalId>;
  /** A batch of it was not taken in, for what is said of the members: more of that may change it. */
  hasRefused: boolean;
  /** Its subscription here. */
  publisher: Publisher | undefined;
  /** The stream of that subscription. */
  subscription: CallStream | undefined;
}

export function openSession(peer: Peer, reads: ReadShare, gate: OutGate): Session {
  const meter = new RateMeter();
  return {
    peer,
    gone: new AbortController(),
    outgoingMeter: meter,
    outgoing: {
      openFetches: 0,
      chunksDone: 0,
      bytesDone: 0,
      bytesQueued: 0,
      reads,
      gate,
      onBytes: (bytes) => {
        meter.add(bytes, gate.nowMs());
      },
    },
    refusedJournals: new Set(),
    suspects: new Set(),
    hasRefused: false,
    publisher: undefined,
    subscription: undefined,
  };
}
