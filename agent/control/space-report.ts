/** What went by the rules of retention and the space that comes back for it: the report, and reasons. */
import type { DoctorCheck, Reason } from '../../protocol/control/reports.ts';
import type { AbsentAcknowledger, SpaceReport } from '../../protocol/control/retention-reports.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import { formatBytes } from '../../protocol/text/format.ts';
import { formatTime } from '../vault/format-time.ts';
import type { ControlContext } from './context.ts';
import { absentIn } from './fold-report.ts';

export function spaceReport({ retention, peers, members, facts }: ControlContext): SpaceReport {
  const { seen, last, nextMs } = retention.collector;
  const absent = absentIn({ peers, members, facts });
  const waitsFor = (seen?.report.waitsFor ?? []).map(({ deviceId }) =>
    absent(deviceId as DeviceId),
  );
  return {
    asOf: timeOrNull(seen?.atMs),
    bytes: seen?.report.bytes ?? 0,
    unnamedBytes: seen?.report.unnamedBytes ?? 0,
    waitingBytes: seen?.report.waitingBytes ?? 0,
    waitsFor,
    lastRun: last === undefined ? null : runOf(last),
    nextRunAt: timeOrNull(nextMs),
    forgetting: forgettingOf(retention.automatic),
  };
}

function runOf({
  atMs,
  report,
}: NonNullable<ControlContext['retention']['collector']['last']>): SpaceReport['lastRun'] {
  const { freedBytes, copiedBytes, stopped } = report;
  return { at: formatTime(atMs), freedBytes, copiedBytes, stopped };
}

function forgettingOf(state: ControlContext['retention']['automatic']): SpaceReport['forgetting'] {
  if (state === undefined) return null;
  return {
    lastRunAt: timeOrNull(state.lastMs),
    failed: state.failed ?? null,
    nextRunAt: timeOrNull(state.nextMs),
  };
}

/** What keeps space from coming back, each with what to do. */
export function spaceReasons(report: SpaceReport): readonly Reason[] {
  const reasons: Reason[] = [];
  const { lastRun, forgetting, waitingBytes } = report;
  if (lastRun !== null && lastRun.stopped !== null) {
    reasons.push({
      code: 'space-stopped',
      message: `giving back the space of what was let go stopped: ${lastRun.stopped}`,
      next: 'vault gc tries it again, and says what is in the way',
    });
  }
  if (forgetting !== null && forgetting.failed !== null) {
    reasons.push({
      code: 'forgetting-failed',
      message: `old versions did not go by the rules of retention: ${forgetting.failed}`,
      next: 'vault forget tries it again, and says what is in the way',
    });
  }
  const away = report.waitsFor.filter(({ online }) => !online);
  if (waitingBytes > 0 && away.length > 0) {
    reasons.push({
      code: 'space-waits',
      message: `${formatBytes(waitingBytes)} of what was let go wait for ${away.map(awayText).join(' and ')}`,
      subject: away[0]?.deviceId,
      next: 'connect it; vault revoke sends one away that does not come back',
    });
  }
  return reasons;
}

function awayText({ name, lastSeen }: AbsentAcknowledger): string {
  return lastSeen === null
    ? `${name} (it was never connected to this device)`
    : `${name} (away since ${lastSeen})`;
}

/** For `doctor`: how it stands where nothing is in the way. */
export function spaceCheck(report: SpaceReport): DoctorCheck {
  return { name: 'space', result: 'ok', message: spaceText(report) };
}

function spaceText({ bytes, waitingBytes, lastRun, nextRunAt }: SpaceReport): string {
  const waits =
    waitingBytes === 0
      ? 'nothing that was let go waits for other devices'
      : `${formatBytes(waitingBytes)} that were let go wait for other devices`;
  const now = bytes === 0 ? '' : `, ${formatBytes(bytes)} go at the next run`;
  const last =
    lastRun === null
      ? 'not run since the start'
      : `last run ${lastRun.at}, ${formatBytes(lastRun.freedBytes)} given back`;
  return `${waits}${now}; ${last}, next ${nextRunAt ?? 'unknown'}`;
}

function timeOrNull(unixMs: number | undefined): string | null {
  return unixMs === undefined ? null : formatTime(unixMs);
}
