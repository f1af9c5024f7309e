/** The calls about the past: moments, snapshots, what changed, what comes back, and how much is where. */
import type { SnapshotRow } from '../../protocol/control/reports.ts';
import { splitJournalId } from '../../protocol/ids.ts';
import { momentDown, momentRequest } from '../../protocol/messages/control-moment.ts';
import {
  comparePage,
  compareRequest,
  restoreAtRequest,
  rowsOfPage,
  snapshotRequest,
  usagePage,
  usageRequest,
} from '../../protocol/messages/control-past.ts';
import { changed } from '../../protocol/messages/control.ts';
import type { Codec } from '../../protocol/messages/codec.ts';
import type { Snapshot } from '../namespace/snapshots.ts';
import { compareTrees } from '../vault/compare-trees.ts';
import { formatTime } from '../vault/format-time.ts';
import { parsePath } from '../vault/path.ts';
import { restoreAt } from '../vault/restore-at.ts';
import { Slices } from '../vault/slices.ts';
import { dropSnapshot, takeSnapshot } from '../vault/snapshots.ts';
import { usageOf } from '../vault/usage.ts';
import type { Call, ControlContext } from './context.ts';
import { treeAt } from './tree-at.ts';

const progressEveryMs = 100;
/** Rows that wait for others before they are sent. */
const rowsAtOnce = 256;
const rowsWaitMs = 200;

export async function handleMoment(context: ControlContext, call: Call): Promise<void> {
  const { moments, clock } = context;
  const { stream } = call;
  const moment = moments.find(momentRequest.fromWire(call.request));
  let sending = Promise.resolve();
  let sentMs = clock.monotonicMs();
  const onProgress = (batchesDone: number, batchesTotal: number): void => {
    if (clock.monotonicMs() - sentMs < progressEveryMs) return;
    sentMs = clock.monotonicMs();
    const message = momentDown.toWire({ type: 'progress', batchesDone, batchesTotal });
    // A client that is gone ends the call by its signal.
    sending = sending.then(() => stream.sendMessage(message)).catch(() => undefined);
  };
  await moments.treeAt(moment, { signal: stream.signal, onProgress });
  await sending;
  await stream.sendMessage(momentDown.toWire({ type: 'ready', moment }));
}

export function snapshotRows(context: ControlContext): Promise<readonly SnapshotRow[]> {
  const snapshots = context.vault.tree.snapshots();
  return Promise.all(snapshots.map((snapshot) => snapshotRow(context, snapshot)));
}

export async function takeSnapshotReport(
  context: ControlContext,
  request: Buffer,
): Promise<SnapshotRow> {
  const { name } = snapshotRequest.fromWire(request);
  return snapshotRow(context, await takeSnapshot(context.vault.parts, name));
}

export async function dropSnapshotReport(
  context: ControlContext,
  request: Buffer,
): Promise<SnapshotRow> {
  const { name } = snapshotRequest.fromWire(request);
  return snapshotRow(context, await dropSnapshot(context.vault.parts, name));
}

async function snapshotRow(
  { moments, members }: ControlContext,
  snapshot: Snapshot,
): Promise<SnapshotRow> {
  const author = splitJournalId(snapshot.op.journal).device;
  const gaps = await moments.gapsOf(snapshot);
  return {
    id: snapshot.id,
    name: snapshot.name,
    deviceId: author,
    author: members.nameOf(author),
    time: formatTime(snapshot.stamp.wallMs),
    state: gaps.length === 0 ? 'ready' : 'working',
    gaps: gaps.map(({ journal, batches, state }) => {
      const { device } = splitJournalId(journal);
      return { deviceId: device, name: members.nameOf(device), batches, state };
    }),
  };
}

export async function handleCompare(context: ControlContext, call: Call): Promise<void> {
  const request = compareRequest.fromWire(call.request);
  const before = await treeAt(context, call, request.before);
  const after = await treeAt(context, call, request.after);
  const slices = new Slices(context.clock, call.stream.signal);
  const rows = compareTrees({ before, after, slices }, parsePath(request.path));
  await sendRows(context, call, { rows, page: comparePage });
}

export async function handleRestoreAt(context: ControlContext, call: Call): Promise<void> {
  const request = restoreAtRequest.fromWire(call.request);
  const result = await restoreAt(context.vault.parts, {
    past: await treeAt(context, call, request.at),
    source: parsePath(request.source),
    destination: parsePath(request.destination),
    recursive: true,
    parents: true,
  });
  await call.stream.sendMessage(changed.toWire(result));
}

export async function handleUsage(context: ControlContext, call: Call): Promise<void> {
  const { path, depthMax, at } = usageRequest.fromWire(call.request);
  const tree = await treeAt(context, call, at);
  const slices = new Slices(context.clock, call.stream.signal);
  const rows = usageOf(context.vault.parts, tree, parsePath(path), { depthMax, slices });
  await sendRows(context, call, { rows, page: usagePage });
}

/** In pages; what comes slowly is not held back for long. */
async function sendRows<Row extends { readonly path: Buffer }>(
  { clock }: ControlContext,
  { stream }: Call,
  { rows, page }: { readonly rows: AsyncIterable<Row>; readonly page: Codec<readonly Row[]> },
): Promise<void> {
  let waiting: Row[] = [];
  let sentMs = clock.monotonicMs();
  const send = async (): Promise<void> => {
    for (let at = 0; at < waiting.length;) {
      const count = rowsOfPage(waiting, at);
      await stream.sendMessage(page.toWire(waiting.slice(at, at + count)));
      at += count;
    }
    waiting = [];
    sentMs = clock.monotonicMs();
  };
  for await (const row of rows) {
    waiting.push(row);
    if (waiting.length >= rowsAtOnce || clock.monotonicMs() - sentMs >= rowsWaitMs) await send();
  }
  await send();
}
