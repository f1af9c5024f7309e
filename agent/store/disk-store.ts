/**
 * The store over files: segments of chunks, journals, the membership log, and an index that can be
 * thrown away. Opening recovers; from then on the parts work by themselves and share a space guard, a
 * cache of open files and the news. Formats and order of writes: agent/DESIGN.md, "Store".
 */
import { blake3 } from '../../protocol/hash.ts';
import { isVaultError } from '../../protocol/errors.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import { store as storeLimits } from '../../protocol/limits.ts';
import type { Clock, Disk, IndexHost, Log } from '../ports.ts';
import { createBufferedIndex, type BufferedIndex } from './buffered-index.ts';
import { createChunkStore, type DiskChunkStore } from './chunk-store.ts';
import { createFileCache, type FileCache } from './file-cache.ts';
import { openForkLog } from './fork-log.ts';
import { createLivingIndex, type LivingIndex } from './living-index.ts';
import { recoverJournals } from './journal-recovery.ts';
import { createJournalStore, type DiskJournalStore } from './journal-store.ts';
import { chunkKey, decodeChunkPlace } from './keyspace.ts';
import { ballastPath, directories, segmentPath } from './paths.ts';
import { openQuarantine, type Quarantine } from './quarantine.ts';
import { rowsFromFiles, type FilesToIndex } from './rows-from-files.ts';
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
    const recovered: { parts?: Recovered } = {};
    const living = createLivingIndex(opened.index, {
      ...shared,
      host: parts.index,
      clock,
      mayMend: () => recovered.parts !== undefined && !space.full,
      rows: () => rowsFromFiles({ ...shared, ...(recovered.parts ?? nothing) }),
      onMended: () => {
        // What it refuses again waits for the next attempt.
        void index.flush().catch(() => undefined);
      },
    });
    const index = createBufferedIndex(living.own);
    const known = { index, rawIndex: opened.index, known: opened.segments };
    const segments = await recoverSegments({ ...shared, ...known });
    forgetBadPlaces(quarantine, index);
    const { segmentBytesMax, journalFileBytesMax, journalScanBytesMax: scanBytesMax } = options;
    const chunks = createChunkStore({ ...shared, index, segments, segmentBytesMax });
    const states = await recoverJournals({ ...shared, index, scanBytesMax });
    const journals = createJournalStore({ ...shared, index, states, journalFileBytesMax });
    recovered.parts = { segments: segments.summaries, journals: states };
    const statements = await openStatementLog({ disk, quarantine, news });
    const forks = await openForkLog({ disk, quarantine, news });
    await index.flush();
    space.start();
    const { rebuilt } = opened;
    const durable = { chunks, journals, statements, forks };
    return assemble(shared, { ...durable, rebuilt, living, buffered: index });
  } catch (error) {
    await opened.index.close();
    throw error;
  }
}

/** What an index can be made from. */
type Recovered = Pick<FilesToIndex, 'segments' | 'journals'>;
const nothing: Recovered = { segments: new Map(), journals: new Map() };

async function makeDirectories(disk: Disk): Promise<void> {
  for (const directory of Object.values(directories)) await disk.makeDirectory(directory);
  await disk.syncDirectory('');
}

/** A process that died may not have told the index what it set aside. */
function forgetBadPlaces(quarantine: Quarantine, index: BufferedIndex): void {
  for (const { id, file, offset } of quarantine.knownIds()) {
    if (!/^[0-9a-f]{64}$/.test(id)) continue;
    const key = chunkKey(id as ChunkId);
    const place = decodeChunkPlace(key, index.get(key));
    if (place === undefined || place.offset !== offset) continue;
    if (segmentPath(place.segment) === file) index.add([{ key, value: undefined }]);
  }
}

function assemble(
  { files, quarantine, space, news, log }: Shared,
  made: {
    readonly living: LivingIndex;
    readonly buffered: BufferedIndex;
    readonly rebuilt: boolean;
    readonly chunks: DiskChunkStore;
    readonly journals: DiskJournalStore;
    readonly statements: DiskStatementLog;
    readonly forks: DiskStatementLog;
  },
): IndexedStore {
  const { chunks, journals, statements, forks, living, buffered } = made;
  const steps = [
    () => chunks.close(),
    () => journals.close(),
    () => statements.close(),
    () => forks.close(),
    () => buffered.flush(),
    () => space.close(),
    () => quarantine.close(),
    () => files.close(),
    () => living.close(),
  ];
  return {
    chunks,
    journals,
    statements,
    forks,
    index: living.others,
    report() {
      const totals = chunks.totals();
      return {
        segments: totals.segments,
        chunks: totals.chunks,
        storedBytes: totals.bytes,
        journalBytes: journals.bytes() + statements.bytes() + forks.bytes(),
        full: space.full,
        indexRebuilt: made.rebuilt,
        events: [...news.events],
      };
    },
    admit: (bytes) => (space.mayNow(bytes) ? undefined : space.admit(bytes)),
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
