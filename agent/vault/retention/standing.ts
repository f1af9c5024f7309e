/** What of the released chunks could go from this device now, and what waits for whom. */
import type { CollectReport } from '../../../protocol/control/retention-reports.ts';
import type { ChunkId, DeviceId } from '../../../protocol/ids.ts';
import type { Clock } from '../../ports.ts';
import type { ReleaseBook } from '../../replication/release-book.ts';
import type { ChunkStore, JournalStore } from '../../store/store.ts';
import { formatTime } from '../format-time.ts';
import { Slices } from '../slices.ts';
import type { UnnamedChunks } from './unnamed-chunks.ts';

export interface StandingParts {
  readonly releases: ReleaseBook;
  readonly unnamed: UnnamedChunks;
  readonly store: {
    readonly chunks: Pick<ChunkStore, 'lengthOf'>;
    readonly journals: Pick<JournalStore, 'smallLength'>;
  };
  readonly clock: Clock;
  readonly deviceName: (device: DeviceId) => string;
}

export interface Standing {
  /** To be asked about once more before they are dropped. */
  readonly droppable: readonly ChunkId[];
  /** The same of small records, which stand in the journals. */
  readonly droppableSmall: readonly ChunkId[];
  readonly report: CollectReport;
}

export async function standingOf(parts: StandingParts): Promise<Standing> {
  const { releases, unnamed, store, clock, deviceName } = parts;
  const slices = new Slices(clock);
  const droppable = new Map<ChunkId, number>();
  const droppableSmall = new Map<ChunkId, number>();
  const waiting = new Map<ChunkId, number>();
  const waitsFor = new Set<DeviceId>();
  for (const { chunks, isSettled, waitsFor: devices } of await releases.standing()) {
    await slices.step();
    let isHere = false;
    for (const id of chunks) {
      const chunkLength = store.chunks.lengthOf(id);
      const length = chunkLength ?? store.journals.smallLength(id);
      if (length === undefined || !releases.isReleased(id)) continue;
      isHere = true;
      const mayGo = isSettled && releases.mayDrop(id);
      const going = chunkLength === undefined ? droppableSmall : droppable;
      (mayGo ? going : waiting).set(id, length);
    }
    if (isHere) for (const device of devices) waitsFor.add(device);
  }
  const ripe = unnamed.isRipe ? unnamed.found : { chunks: 0, bytes: 0 };
  const report: CollectReport = {
    dryRun: false,
    chunks: droppable.size + droppableSmall.size + ripe.chunks,
    bytes: sumOf(droppable) + sumOf(droppableSmall) + ripe.bytes,
    waitingChunks: waiting.size,
    waitingBytes: sumOf(waiting),
    waitsFor: [...waitsFor].map((deviceId) => ({ deviceId, name: deviceName(deviceId) })),
    ...unnamedOf(parts),
    freedBytes: 0,
    copiedBytes: 0,
    stopped: null,
  };
  return {
    droppable: [...droppable.keys()],
    droppableSmall: [...droppableSmall.keys()],
    report,
  };
}

/** Of what nothing names, what is not ripe. */
export function unnamedOf({
  unnamed,
  clock,
}: Pick<StandingParts, 'unnamed' | 'clock'>): Pick<
  CollectReport,
  'unnamedChunks' | 'unnamedBytes' | 'unnamedGoAt'
> {
  const { leftMs, found } = unnamed;
  if (leftMs === undefined || unnamed.isRipe)
    return { unnamedChunks: 0, unnamedBytes: 0, unnamedGoAt: null };
  const unnamedGoAt = formatTime(clock.nowMs() + leftMs);
  return { unnamedChunks: found.chunks, unnamedBytes: found.bytes, unnamedGoAt };
}

function sumOf(chunks: ReadonlyMap<ChunkId, number>): number {
  let sum = 0;
  for (const bytes of chunks.values()) sum += bytes;
  return sum;
}
