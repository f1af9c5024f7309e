/**
 * The store over files: segments of chunks, journals, the membership log, and an index that can be
 * thrown away. Opening recovers; from then on the parts work by themselves and share a space guard, a
 * cache of open files and the news. Formats and order of writes: agent/DESIGN.md, "Store".
 */
import { blake3 } from '../../protocol/hash.ts';
import { isVaultError } from '../../protocol/errors.ts';
import { store as storeLimits } from '../../protocol/limits.ts';
import type { Clock, Disk, Index, IndexHost, Log } from '../ports.ts';
import { createBufferedIndex, type BufferedIndex } from './buffered-index.ts';
import { createChunkStore, type DiskChunkStore } from './chunk-store.ts';
import { createFileCache, type FileCache } from './file-cache.ts';
import { recoverJournals } from './journal-recovery.ts';
import { createJournalStore, type DiskJournalStore } from './journal-store.ts';
import { ballastPath, directories } from './paths.ts';
import { openQuarantine, type Quarantine } from './quarantine.ts';
import { recoverSegments } from './segment-recovery.ts';
import { createSpaceGuard, spaceDefaults, type SpaceGuard, type SpaceOptions } from './space.ts';
import { openStatementLog, type DiskStatementLog } from './statement-log.ts';
import { openStoreIndex } from './store-index.ts';
import { createStoreNews, type StoreNews } from './store-news.ts';
import type { IndexedStore, StoreListener } from './store.ts';

export interface DiskStoreOptions extends SpaceOptions {
  readonly segmentBytesMax: number;
  readonly journalFileBytesMax: number;
  /** Up to so many bytes of journals are read in full at every start. */
  readonly journalScanBytesMax: number;
  readonly openFilesMax: number;
}

export interface DiskStoreParts {
  readonly disk: Disk;
  readonly index: IndexHost;
  readonly clock: Clock;
  readonly log: Log;
  readonly onEvent?: StoreListener;
  readonly options?: Partial<DiskStoreOptions>;
}

const defaults: DiskStoreOptions = {
  ...spaceDefaults,
  segmentBytesMax: storeLimits.segmentBytesMax,
  journalFileBytesMax: storeLimits.journalFileBytesMax,
  journalScanBytesMax: 64 * 1024 * 1024,
  openFilesMax: 64,
};

/**
 * Opens the store below `disk`, or makes an empty one.
 * @throws VaultError `io`, `disk-full`
 */
export async function openDiskStore(parts: DiskStoreParts): Promise<IndexedStore> {
  try {
    return await openOnce(parts);
  } catch (error) {
    if (!isVaultError(error, 'disk-full')) throw error;
    parts.log.warn({ error }, 'store: the disk is full; the ballast goes');
    await parts.disk.remove(ballastPath);
    return openOnce(parts);
  }
}

interface Shared {
  readonly disk: Disk;
  readonly log: Log;
  readonly news: StoreNews;
  readonly files: FileCache;
  readonly quarantine: Quarantine;
  readonly space: SpaceGuard;
  readonly options: DiskStoreOptions;
}

async function openOnce(parts: DiskStoreParts): Promise<IndexedStore> {
  const { disk, log, clock } = parts;
  const options = { ...defaults, ...parts.options };
  await makeDirectories(disk);
  const news = createStoreNews(log, parts.onEvent);
  const quarantine = await openQuarantine(disk, log);
  const files = createFileCache(disk, options.openFilesMax);
  const space = createSpaceGuard({ disk, clock, log, news }, options);
  const shared: Shared = { disk, log, news, files, quarantine, space, options };
  const opened = await openStoreIndex({ disk, host: parts.index, news, freshId: idFrom(clock) });
  try {
    const index = createBufferedIndex(opened.index);
    const chunks = await openChunks(shared, {
      index,
      rawIndex: opened.index,
      known: opened.segments,
    });
    const journals = await openJournals(shared, index);
    const statements = await openStatementLog({ disk, quarantine, news });
    await index.flush();
    space.start();
    return assemble(shared, { ...opened, buffered: index, chunks, journals, statements });
  } catch (error) {
    await opened.index.close();
    throw error;
  }
}

async function makeDirectories(disk: Disk): Promise<void> {
  for (const directory of Object.values(directories)) await disk.makeDirectory(directory);
  await disk.syncDirectory('');
}

async function openChunks(
  shared: Shared,
  found: {
    readonly index: BufferedIndex;
    readonly rawIndex: Index;
    readonly known: Parameters<typeof recoverSegments>[0]['known'];
  },
): Promise<DiskChunkStore> {
  const segments = await recoverSegments({ ...shared, ...found });
  const { segmentBytesMax } = shared.options;
  return createChunkStore({ ...shared, index: found.index, segments, segmentBytesMax });
}

async function openJournals(shared: Shared, index: BufferedIndex): Promise<DiskJournalStore> {
  const { journalScanBytesMax: scanBytesMax, journalFileBytesMax } = shared.options;
  const states = await recoverJournals({ ...shared, index, scanBytesMax });
  return createJournalStore({ ...shared, index, states, journalFileBytesMax });
}

function assemble(
  { files, quarantine, space, news, log }: Shared,
  made: {
    readonly index: Index;
    readonly buffered: BufferedIndex;
    readonly rebuilt: boolean;
    readonly chunks: DiskChunkStore;
    readonly journals: DiskJournalStore;
    readonly statements: DiskStatementLog;
  },
): IndexedStore {
  const { chunks, journals, statements, index, buffered } = made;
  const steps = [
    () => chunks.close(),
    () => journals.close(),
    () => statements.close(),
    () => buffered.flush(),
    () => space.close(),
    () => quarantine.close(),
    () => files.close(),
    () => index.close(),
  ];
  return {
    chunks,
    journals,
    statements,
    index,
    report() {
      const totals = chunks.totals();
      return {
        segments: totals.segments,
        chunks: totals.chunks,
        storedBytes: totals.bytes,
        journalBytes: journals.bytes() + statements.bytes(),
        full: space.full,
        indexRebuilt: made.rebuilt,
        events: [...news.events],
      };
    },
    async close() {
      for (const step of steps) {
        // What was acknowledged is durable by now: a step that fails must not leave the rest open.
        await step().catch((error: unknown) => {
          log.error({ error }, 'store: closing met an error');
        });
      }
    },
  };
}

/** Tells two stores apart; not a secret. */
function idFrom(clock: Clock): Buffer {
  const times = Buffer.alloc(16);
  times.writeDoubleLE(clock.nowMs(), 0);
  times.writeDoubleLE(clock.monotonicMs(), 8);
  return blake3(Buffer.from('peervault store id', 'utf8'), times).subarray(0, 24);
}
