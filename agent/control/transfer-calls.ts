/**
 * Transfers: between devices, and puts and gets of clients; pausing them, letting them on, giving them
 * up, what comes first, and how fast all of it may be.
 */
import type { Reason, TransferRow } from '../../protocol/control/reports.ts';
import type { FirstReport, LimitReport } from '../../protocol/control/transfer-reports.ts';
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import type { ChunkId, DeviceId } from '../../protocol/ids.ts';
import { limitRequest, transferRequest } from '../../protocol/messages/control-transfers.ts';
import type { TransferAction } from '../../protocol/messages/control-transfers.ts';
import { pathRequest } from '../../protocol/messages/control.ts';
import { formatBytes } from '../../protocol/text/format.ts';
import { bytesPerSecondBounds, type Direction } from '../replication/flow.ts';
import type { TransferRow as DeviceTransfer } from '../replication/replication.ts';
import { walk } from '../vault/browse.ts';
import { formatTime } from '../vault/format-time.ts';
import { inspectContent } from '../vault/local-content.ts';
import { parsePath, reportPath } from '../vault/path.ts';
import { Slices } from '../vault/slices.ts';
import type { ControlContext } from './context.ts';
import type { RunningCall } from './running-calls.ts';

/** Chunks that can be put first at once: more is everything. */
const firstChunksMax = 100_000;

const heldReason: Reason = {
  code: 'transfer-paused',
  message: 'it waits because somebody said so',
  next: 'vault transfers resume ID',
};

export function transfersReport(context: ControlContext): readonly TransferRow[] {
  const { vault, facts } = context;
  const moving = vault.parts.replication.state().transfers;
  const { held } = vault.parts.replication.flow.settings();
  const still = held
    .filter((each) => !moving.some((row) => isOf(row, each)))
    .map((each) => ({ ...each, bytesDone: 0, bytesQueued: 0, bytesPerSecond: 0 }));
  const startedAt = formatTime(facts.startedAtMs);
  return [
    ...clientRows(context),
    ...[...moving, ...still].map((row) => ({ ...deviceRow(context, row), startedAt })),
  ];
}

type Shown = Omit<DeviceTransfer, 'chunksDone'>;

function isOf(row: Shown, other: { readonly direction: Direction; readonly device: DeviceId }) {
  return row.direction === other.direction && row.device === other.device;
}

function deviceRow(
  { vault, members }: ControlContext,
  { direction, device, bytesDone, bytesQueued, bytesPerSecond }: Shown,
): Omit<TransferRow, 'startedAt'> {
  const held = vault.parts.replication.flow.isHeld(direction, device);
  const moves = bytesQueued === 0 ? 'done' : bytesPerSecond > 0 ? 'running' : 'waiting';
  return {
    id: idOf(direction, device),
    direction,
    kind: 'replicate',
    path: null,
    deviceId: device,
    peer: members.nameOf(device),
    state: held ? 'paused' : moves,
    bytesDone,
    bytesTotal: bytesDone + bytesQueued,
    bytesPerSecond: held ? 0 : bytesPerSecond,
    secondsLeft: !held && bytesPerSecond > 0 ? Math.ceil(bytesQueued / bytesPerSecond) : null,
    reason: held ? heldReason : null,
  };
}

function clientRows({ running }: ControlContext): readonly TransferRow[] {
  return running.rows().map((row) => ({
    id: row.id,
    direction: row.kind === 'put' ? 'in' : 'out',
    kind: row.kind,
    ...shownPath(row.path),
    deviceId: null,
    peer: null,
    state: row.isHeld ? 'paused' : row.bytesPerSecond > 0 ? 'running' : 'waiting',
    bytesDone: row.bytesDone,
    // Of a tree that is put, what its client has offered so far.
    bytesTotal: Math.max(row.bytesDone, row.bytesExpected),
    bytesPerSecond: row.bytesPerSecond,
    secondsLeft: secondsLeft(row),
    startedAt: formatTime(row.startedAtMs),
    reason: row.isHeld ? heldReason : null,
  }));
}

/** What is no path is being refused meanwhile: null. */
function shownPath(bytes: Buffer): Pick<TransferRow, 'path' | 'pathBytes'> {
  try {
    return reportPath(parsePath(bytes));
  } catch (error) {
    if (!isVaultError(error)) throw error;
    return { path: null };
  }
}

function secondsLeft({ bytesDone, bytesExpected, bytesPerSecond }: RunningCall): number | null {
  const left = bytesExpected - bytesDone;
  return left > 0 && bytesPerSecond > 0 ? Math.ceil(left / bytesPerSecond) : null;
}

function idOf(direction: Direction, device: DeviceId): string {
  return `${direction}-${device.slice(0, 8)}`;
}

/** @throws VaultError `not-found`; `not-supported` when it cannot be given up */
export function steerTransfer(context: ControlContext, request: Buffer): readonly TransferRow[] {
  const { id, action } = transferRequest.fromWire(request);
  const meant = new Set(id === 'all' ? allIds(context, action) : [id]);
  for (const each of meant) steerOne(context, each, action);
  return transfersReport(context).filter((row) => meant.has(row.id));
}

/** Those between devices cannot be given up. */
function allIds(context: ControlContext, action: TransferAction): readonly string[] {
  const calls = context.running.rows().map(({ id }) => id);
  if (action === 'cancel') return calls;
  const devices = otherDevices(context);
  return [...calls, ...devices.flatMap((device) => [idOf('in', device), idOf('out', device)])];
}

function otherDevices({ members, facts }: ControlContext): readonly DeviceId[] {
  return [...members.current().members.values()]
    .filter(({ device, active }) => active && device !== facts.device)
    .map(({ device }) => device);
}

function steerOne(context: ControlContext, id: string, action: TransferAction): void {
  const { running, vault } = context;
  if (running.has(id)) {
    if (action === 'cancel') running.cancel(id);
    else running.hold(id, action === 'pause');
    return;
  }
  const [direction, device] = deviceOf(context, id);
  if (action !== 'cancel') {
    vault.parts.replication.flow.hold(direction, device, action === 'pause');
    return;
  }
  throw new VaultError('not-supported', {
    op: 'control.transferSteer',
    subject: id,
    detail: 'devices go on until each has everything',
    next: `vault transfers pause ${id}`,
  });
}

function deviceOf(context: ControlContext, id: string): readonly [Direction, DeviceId] {
  for (const device of otherDevices(context)) {
    for (const direction of ['in', 'out'] as const) {
      if (idOf(direction, device) === id) return [direction, device];
    }
  }
  throw new VaultError('not-found', {
    op: 'control.transferSteer',
    subject: id,
    detail: 'no transfer has this id',
    next: 'vault transfers shows the ids',
  });
}

/** Whatever is missing of a path here is asked for before everything else. @throws VaultError `not-found` */
export async function moveToFront(
  { vault, clock }: ControlContext,
  request: Buffer,
  signal: AbortSignal,
): Promise<FirstReport> {
  const path = parsePath(pathRequest.fromWire(request).path);
  const slices = new Slices(clock, signal);
  const missing = new Map<ChunkId, number>();
  let filesUnknown = 0;
  for (const { view } of walk(vault.tree, path, { recursive: true })) {
    await slices.step();
    if (missing.size >= firstChunksMax) break;
    const content = view?.version?.content;
    if (content === undefined) continue;
    const { known } = await inspectContent(vault.parts, content, ({ id, bytes, here }) => {
      if (!here) missing.set(id, bytes);
    });
    if (!known) filesUnknown += 1;
  }
  const chunks = [...missing].map(([id, length]) => ({ id, length }));
  vault.parts.replication.prefetch(chunks, 'first');
  const bytes = [...missing.values()].reduce((sum, each) => sum + each, 0);
  return { chunks: missing.size, bytes, filesUnknown };
}

/** @throws VaultError `usage` for a rate that is too small or too large */
export function limitReport({ vault, clock }: ControlContext, request: Buffer): LimitReport {
  const { inBytesPerSecond, outBytesPerSecond } = limitRequest.fromWire(request);
  const { flow } = vault.parts.replication;
  for (const rate of [inBytesPerSecond, outBytesPerSecond]) checkRate(rate);
  if (inBytesPerSecond !== undefined) {
    flow.limit('in', inBytesPerSecond || undefined, clock.monotonicMs());
  }
  if (outBytesPerSecond !== undefined) {
    flow.limit('out', outBytesPerSecond || undefined, clock.monotonicMs());
  }
  const now = flow.settings();
  return {
    inBytesPerSecond: now.inBytesPerSecond ?? null,
    outBytesPerSecond: now.outBytesPerSecond ?? null,
  };
}

function checkRate(rate: number | undefined): void {
  const { min, max } = bytesPerSecondBounds;
  if (rate === undefined || rate === 0 || (rate >= min && rate <= max)) return;
  throw new VaultError('usage', {
    op: 'control.limit',
    subject: `${String(rate)} bytes a second`,
    detail: `it is from ${formatBytes(min)} to ${formatBytes(max)} a second`,
    next: 'vault limit --off takes the limits away',
  });
}
