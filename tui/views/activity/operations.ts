/** Operations of the mount that had to wait: asked for every second while they are shown, and as records of a list. */
import type { TraceReport } from '../../../protocol/control/mount-reports.ts';
import { lostLine, traceNews } from '../../../protocol/control/trace-news.ts';
import type { TraceNews } from '../../../protocol/control/trace-news.ts';
import type { EventRecord } from '../../../protocol/control/reports.ts';
import type { Watch } from '../view.ts';
import type { ActivityMessage, ActivitySlice } from './slice.ts';

const wrap = (message: ActivityMessage) => ({ type: 'view', view: 'activity', message }) as const;

export const operationsWatch: Watch = {
  key: 'activity:operations',
  everyMs: 1000,
  async run(client, { emit, nowMs }) {
    emit(wrap({ type: 'operations', report: await client.trace(), atMs: nowMs() }));
  },
  failed: (error) => wrap({ type: 'operations-failed', error }),
};

const recordsMax = 2000;
/** A program that waits longer than this is worth a look. */
const longMs = 1000;

/** What has ended since is added to what was seen before; what waits stands at the end. */
export function withOperations(
  { operations }: ActivitySlice,
  { running, recent }: TraceReport,
  atMs: number,
): ActivitySlice['operations'] {
  const news = traceNews(recent, operations.latest);
  const added = [...lostRecords(news, operations), ...news.rows.map(endedRecord)];
  const waiting = running.map((row): EventRecord => {
    return {
      time: new Date(atMs - row.sinceMs).toISOString(),
      type: row.op,
      message: `${subjectOf(row)} waits (process ${String(row.pid)})`,
      level: row.sinceMs >= longMs ? 'warning' : 'info',
      pid: row.pid,
      id: `waits ${String(row.pid)} ${row.op} ${String(row.inode)}`,
    };
  });
  if (added.length === 0 && waiting.length === 0 && operations.waiting.length === 0) {
    return operations.error === undefined && operations.known
      ? operations
      : { ...operations, known: true, error: undefined };
  }
  const ended = [...operations.ended, ...added].slice(-recordsMax);
  return { ended, waiting, records: [...ended, ...waiting], latest: news.heard, known: true };
}

/** What ended before the first look is nothing that was missed. */
function lostRecords(
  { rows: [next], lost }: TraceNews,
  { known }: ActivitySlice['operations'],
): readonly EventRecord[] {
  if (!known || lost === 0 || next === undefined) return [];
  const id = `${next.time} before ${String(next.sequence)}`;
  return [{ time: next.time, type: 'lost', message: lostLine(lost), level: 'info', id }];
}

function endedRecord(row: TraceReport['recent'][number]): EventRecord {
  const took = `${row.tookMs.toFixed(1)} ms`;
  return {
    time: row.time,
    type: row.op,
    message: `${subjectOf(row)} ${row.failed ? 'failed after' : 'took'} ${took} (process ${String(row.pid)})`,
    level: row.failed ? 'error' : row.tookMs >= longMs ? 'warning' : 'info',
    pid: row.pid,
    id: `${row.time} ${String(row.sequence)}`,
  };
}

/** As the agent escapes it. */
function subjectOf({
  path,
  inode,
}: TraceReport['recent'][number] | TraceReport['running'][number]): string {
  return path ?? `inode ${String(inode)}`;
}
