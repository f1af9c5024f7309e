/**
 * The `watch` call: tells which reports would answer something else than when they were last told, at
 * most once in a while. Figures such as rates and queues make no events; a client that has to be up to
 * date waits here instead of asking again and again. Nothing is looked at while nobody waits.
 */
import type { StatusReport } from '../../protocol/control/reports.ts';
import { isVaultError } from '../../protocol/errors.ts';
import { watched, watchedReports } from '../../protocol/messages/control-watch.ts';
import type { WatchedReport } from '../../protocol/messages/control-watch.ts';
import type { Clock, Disk } from '../ports.ts';
import { glanceAtConflicts } from './conflict-reasons.ts';
import type { Call, ControlContext } from './context.ts';
import { membersReport, peersReport } from './reports.ts';
import { statusReport } from './status.ts';
import { Steps } from './steps.ts';
import { transfersReport } from './transfer-calls.ts';

/** Two messages of one call are at least so far apart. */
const pauseMs = 1000;

/** What each report depends on, cheaper than the report itself where that is long. */
type Look = (context: ControlContext, seen: Seen, status: StatusReport) => unknown;

/** What one call has told. */
interface Seen {
  readonly reports: Map<WatchedReport, string>;
  readonly steps: Steps;
}

const looks: Readonly<Record<WatchedReport, Look>> = {
  status: (_context, _seen, status) => status,
  // A transfer that has ended changes no counter any more; that its rate is zero is news.
  peers: async (context) => [await peersReport(context), ratesOf(context)],
  members: (context) => membersReport(context),
  approvals: ({ desk }) => desk.approvals.rows(),
  transfers: (context) => transfersReport(context),
  diskFree: async ({ disk }, { steps }, { bytes, storedBytes, behindBytes }) => [
    bytes,
    storedBytes,
    behindBytes,
    await freeStep(disk, steps),
  ],
  snapshots: ({ vault }, _seen, { behindOps }) => [
    vault.tree.snapshots().map(({ id }) => id),
    behindOps,
  ],
  list: (_context, _seen, { treeHash }) => treeHash,
};

/** They change with every look, and say nothing new. */
const restless: ReadonlySet<string> = new Set(['lastSeen', 'secondsLeft']);

/** A disk that does not answer is no news: whoever looks at its space all the time writes that to the log. */
export async function freeStep(
  disk: Pick<Disk, 'freeBytes'>,
  steps: Steps,
): Promise<number | undefined> {
  try {
    return steps.of('diskFreeBytes', await disk.freeBytes());
  } catch (error) {
    if (!isVaultError(error)) throw error;
    return steps.of('diskFreeBytes', undefined);
  }
}

function ratesOf({ vault }: ControlContext): readonly number[] {
  return vault.parts.replication.state().transfers.map(({ bytesPerSecond }) => bytesPerSecond);
}

export async function handleWatch(context: ControlContext, call: Call): Promise<void> {
  const seen: Seen = { reports: new Map(), steps: new Steps() };
  const { signal } = call.stream;
  await changedSince(context, seen);
  // The first look has nothing to compare with: the empty message says that it is done.
  await call.stream.sendMessage(watched.toWire([]));
  while (await pause(context.clock, signal)) {
    const reports = await changedSince(context, seen);
    if (reports.length > 0) await call.stream.sendMessage(watched.toWire(reports));
  }
}

async function changedSince(
  context: ControlContext,
  seen: Seen,
): Promise<readonly WatchedReport[]> {
  await glanceAtConflicts(context);
  const status = statusReport(context);
  const changed: WatchedReport[] = [];
  for (const name of watchedReports) {
    const found = await looks[name](context, seen, status);
    const now = JSON.stringify(found, (key, value: unknown) => told(seen, key, value));
    if (seen.reports.get(name) !== now) changed.push(name);
    seen.reports.set(name, now);
  }
  return changed;
}

/** What of a field is compared. */
function told({ steps }: Seen, key: string, value: unknown): unknown {
  if (restless.has(key)) return 0;
  return key === 'memoryBytes' && typeof value === 'number' ? steps.of(key, value) : value;
}

/** false: the client has gone. */
function pause(clock: Clock, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false);
      return;
    }
    const stop = (): void => {
      timer.cancel();
      resolve(false);
    };
    const timer = clock.after(pauseMs, () => {
      signal.removeEventListener('abort', stop);
      resolve(true);
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
