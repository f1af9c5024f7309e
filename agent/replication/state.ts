/** What replication is doing, as rows for people. Pure. */
import { splitJournalId, type JournalId } from '../../protocol/ids.ts';
import type { Membership } from '../members/membership.ts';
import type { HoldingsTable } from './holdings.ts';
import type { DamagedChunks } from './lost-chunks.ts';
import type { Planner } from './planner.ts';
import type { ReplicationState, TransferRow } from './replication.ts';
import { mayHaveWritten } from './received-batch.ts';
import type { Session } from './session.ts';
import type { WantList } from './want-list.ts';

export interface StateSources {
  readonly wants: WantList;
  readonly damaged: DamagedChunks;
  readonly holdings: HoldingsTable;
  readonly planner: Planner;
  readonly sessions: Iterable<Session>;
  readonly ownSequence: (journal: JournalId) => number;
  readonly membership: Membership;
  readonly nowMs: number;
}

export function describeState(sources: StateSources): ReplicationState {
  return {
    missingChunks: sources.wants.size,
    missingBytes: sources.wants.bytes,
    damaged: sources.damaged,
    // Whoever may not write can still say that it has.
    behindOps: sources.holdings.behind(sources.ownSequence, (journal) =>
      mayHaveWritten(splitJournalId(journal).device, sources.membership),
    ),
    transfers: [...sources.sessions].flatMap((session) => transferRows(session, sources)),
    holdings: sources.holdings.all(),
  };
}

function transferRows(session: Session, { planner, nowMs }: StateSources): TransferRow[] {
  const { device } = session.peer;
  const { outgoing, outgoingMeter } = session;
  const lane = planner.lane(device);
  const rows: TransferRow[] = [];
  if (lane !== undefined && (lane.chunksDone > 0 || lane.inFlightBytes > 0)) {
    rows.push({
      device,
      direction: 'in',
      chunksDone: lane.chunksDone,
      bytesDone: lane.bytesDone,
      bytesQueued: lane.inFlightBytes,
      bytesPerSecond: Math.round(lane.meter.bytesPerSecond(nowMs)),
    });
  }
  if (outgoing.chunksDone > 0 || outgoing.bytesQueued > 0) {
    rows.push({
      device,
      direction: 'out',
      chunksDone: outgoing.chunksDone,
      bytesDone: outgoing.bytesDone,
      bytesQueued: outgoing.bytesQueued,
      bytesPerSecond: Math.round(outgoingMeter.bytesPerSecond(nowMs)),
    });
  }
  return rows;
}
