/** What could be folded of old history, and what the devices think of the checkpoint that stands. */
import type { DoctorCheck, Reason } from '../../protocol/control/reports.ts';
import type {
  AbsentAcknowledger,
  CheckpointReport,
  FoldedReport,
  FoldReport,
} from '../../protocol/control/retention-reports.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import { formatTime } from '../vault/format-time.ts';
import type { Folded } from '../vault/retention/folding.ts';
import type { ControlContext } from './context.ts';

export async function foldReport(
  context: ControlContext,
  { plan, issued }: Folded,
  dryRun: boolean,
): Promise<FoldReport> {
  const { batches, bytes, bytesBack, batchesAll, bytesAll, batchesKept, latestMs } = plan;
  const absent = absentIn(context);
  return {
    dryRun,
    ...{ batches, bytes, bytesBack, batchesAll, bytesAll, batchesKept },
    visibleFrom: latestMs === undefined ? null : formatTime(latestMs),
    waitsFor: plan.waitsFor.map((row) => ({ ...absent(row.device), batches: row.batches })),
    issued: issued ?? null,
    checkpoint: checkpointReport(context, plan.standingIsStable),
    folded: await foldedReport(context),
  };
}

async function foldedReport({ retention }: ControlContext): Promise<FoldedReport | null> {
  const { folds } = retention;
  const { standing } = folds;
  if (standing === undefined) return null;
  const { fold, freedBytes, latestMs } = standing;
  return {
    id: fold.id,
    batches: fold.vector.reduce((sum, { sequence }) => sum + sequence, 0),
    here: await folds.here(fold),
    freedBytes,
    visibleFrom: latestMs === undefined ? null : formatTime(latestMs),
  };
}

/** null: none stands. @param isStable as somebody has found just now */
export function checkpointReport(
  context: ControlContext,
  isStable?: boolean,
): CheckpointReport | null {
  const standing = context.retention.checkpoints.standing();
  if (standing === undefined) return null;
  const { checkpoint, waitsFor, here } = standing;
  return {
    id: checkpoint.id,
    batches: checkpoint.vector.reduce((sum, { sequence }) => sum + sequence, 0),
    isAgreed: waitsFor.length === 0,
    waitsFor: waitsFor.map(absentIn(context)),
    isStable: isStable ?? null,
    here: here ?? null,
  };
}

/** A device as this one knows it. */
export function absentIn({
  peers,
  members,
  facts,
}: Pick<ControlContext, 'peers' | 'members' | 'facts'>): (device: DeviceId) => AbsentAcknowledger {
  const book = new Map(peers.book().map((row) => [row.device as string | undefined, row]));
  return (deviceId) => {
    const row = book.get(deviceId);
    return {
      deviceId,
      name: members.nameOf(deviceId),
      online: deviceId === facts.device || row?.online === true,
      lastSeen: row?.lastSeenMs === undefined ? null : formatTime(row.lastSeenMs),
    };
  };
}

/** Devices that do not come to the same state are never just waited for. */
export function checkpointReasons(report: CheckpointReport | null): readonly Reason[] {
  if (report?.here?.code !== 'other-state') return [];
  return [
    {
      code: 'checkpoint-differs',
      message: `checkpoint ${report.id.slice(0, 8)}: ${report.here.message}; nothing is folded`,
      subject: report.id,
      next: 'compare treeHash in vault status --json on the devices, and report this as a bug',
    },
  ];
}

/** What a device that joined, or was away for long, waits for before it shows anything. */
export function foldReasons({ retention }: ControlContext): readonly Reason[] {
  const { isMissing, isLost, isUnsaid } = retention.folds;
  if (!isMissing) return isUnsaid ? [unsaidFold] : [];
  if (isLost) return [lostBeginning];
  return [
    {
      code: 'state-missing',
      message: 'old history is folded, and parts of what stands for it are not here yet',
      next: 'connect a device that has them; nothing else has to be done',
    },
  ];
}

const unsaidFold: Reason = {
  code: 'fold-unsaid',
  message:
    'what was folded here counts, but the word of the admin who said so does not any more: a device that joins ' +
    'cannot take it in',
  next: 'an admin says it again: vault retention fold',
};

const lostBeginning: Reason = {
  code: 'state-missing',
  message:
    'what the journals begin with is not known here: journals/fold.json and journals/fold.copy are damaged, ' +
    'and pages of the state are not here',
  subject: 'journals/fold.json',
  next: 'connect a device that has them; if none has, an admin who has the vault folds again: vault retention fold',
};

/** For `doctor`; none where no checkpoint stands. */
export function checkpointChecks(report: CheckpointReport | null): readonly DoctorCheck[] {
  if (report === null || report.here?.code === 'other-state') return [];
  return [{ name: 'checkpoint', result: 'ok', message: checkpointText(report) }];
}

function checkpointText({ id, batches, isAgreed, waitsFor, here }: CheckpointReport): string {
  const about = `checkpoint ${id.slice(0, 8)} over ${String(batches)} batches`;
  if (here !== null) return `${about}: ${here.message}`;
  if (isAgreed) return `${about}: all devices that may write agree`;
  return `${about}: waits for ${waitsFor.map(({ name }) => name).join(', ')}`;
}
