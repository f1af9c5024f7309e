/**
 * Opens the index and decides whether it may be believed: it must be of this store, of this version,
 * and no segment that it knows may be shorter than it says. Otherwise it is deleted and made again.
 */
import { isVaultError } from '../../protocol/errors.ts';
import type { Disk, Index, IndexHost } from '../ports.ts';
import { decodeFileHeader, encodeFileHeader, fileHeaderBytes } from './file-header.ts';
import { decodeMeta, encodeMeta, indexVersion, metaKey, ownerName } from './keyspace.ts';
import { directories, parseJournalName, segmentNumber, segmentPath, storeIdPath } from './paths.ts';
import { decodeSummary, segmentMetaRange, type SegmentSummary } from './segment-file.ts';
import type { StoreNews } from './store-news.ts';

export interface OpenedIndex {
  readonly index: Index;
  /** What it knows about segments: empty when it is to be made again. */
  readonly segments: ReadonlyMap<number, SegmentSummary>;
  /** It was lost or not believed, and there is something to fill it from. */
  readonly rebuilt: boolean;
}

export interface StoreIndexParts {
  readonly disk: Disk;
  readonly host: IndexHost;
  readonly news: StoreNews;
  /** 24 bytes, taken when the store has no id yet. */
  readonly freshId: Buffer;
}

const ownerKey = metaKey(ownerName);

/** @throws VaultError `io`, `disk-full` */
export async function openStoreIndex(parts: StoreIndexParts): Promise<OpenedIndex> {
  const { disk, host, news } = parts;
  const store = await storeId(disk, parts.freshId);
  const found = await openAny(host);
  const doubt = await doubtsAbout(disk, store, found.index);
  if (doubt.reason === undefined) return { ...found, segments: doubt.segments, rebuilt: false };
  const emptyStore = !(await hasFiles(disk));
  const index = found.created ? found.index : await openAfresh(host, found.index);
  await index.write([{ key: ownerKey, value: ownerValue(store) }]);
  if (!emptyStore) news.tell({ type: 'index-rebuilt', file: 'index', reason: doubt.reason });
  return { index, segments: new Map(), rebuilt: !emptyStore };
}

/** Opens what is there; an index that cannot be opened is replaced. */
async function openAny(host: IndexHost): Promise<{ index: Index; created: boolean }> {
  try {
    return { index: await host.open(), created: false };
  } catch (error) {
    if (!isVaultError(error, 'damaged')) throw error;
    await host.destroy();
    return { index: await host.open(), created: true };
  }
}

async function openAfresh(host: IndexHost, old: Index): Promise<Index> {
  await old.close();
  await host.destroy();
  return host.open();
}

/** Why the index cannot be believed, or what it knows. */
async function doubtsAbout(
  disk: Disk,
  store: string,
  index: Index,
): Promise<{ reason: string | undefined; segments: Map<number, SegmentSummary> }> {
  const segments = new Map<number, SegmentSummary>();
  const owner = decodeMeta(ownerKey, index.get(ownerKey)) as
    { store?: unknown; version?: unknown } | undefined;
  if (owner === undefined) return { reason: 'it was missing or damaged', segments };
  if (owner.store !== store) return { reason: 'it belongs to another store', segments };
  if (owner.version !== indexVersion) return { reason: 'it has another version', segments };
  for await (const [key, value] of index.range(segmentMetaRange.from, segmentMetaRange.to)) {
    const summary = decodeSummary(key, value);
    const number = Number(key.toString('latin1', segmentMetaRange.from.length));
    if (summary === undefined) return { reason: 'an entry of it is damaged', segments };
    const size = (await disk.sizeOf(segmentPath(number))) ?? 0;
    if (size < summary.end) return { reason: `segment ${String(number)} is shorter`, segments };
    segments.set(number, summary);
  }
  return { reason: undefined, segments };
}

function ownerValue(store: string): Buffer {
  return encodeMeta(ownerKey, { store, version: indexVersion });
}

async function hasFiles(disk: Disk): Promise<boolean> {
  const segments = await disk.list(directories.segments);
  const journals = await disk.list(directories.journals);
  return (
    segments.some((name) => segmentNumber(name) !== undefined) ||
    journals.some((name) => parseJournalName(name) !== undefined)
  );
}

/** The store's own id; a store without one, or with a damaged one, gets `fresh`. */
async function storeId(disk: Disk, fresh: Buffer): Promise<string> {
  const known = await readStoreId(disk);
  if (known !== undefined) return known;
  const tag = fresh.toString('hex');
  const temporary = `${storeIdPath}.new`;
  await disk.remove(temporary);
  const file = await disk.open(temporary, 'create');
  try {
    await file.write(0, [encodeFileHeader({ kind: 'store', number: 0, base: 0, tag })]);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, storeIdPath);
  await disk.syncDirectory(directories.segments);
  return tag;
}

async function readStoreId(disk: Disk): Promise<string | undefined> {
  if ((await disk.sizeOf(storeIdPath)) === undefined) return undefined;
  const file = await disk.open(storeIdPath, 'read');
  try {
    return decodeFileHeader('store', await file.read(0, fileHeaderBytes))?.tag;
  } finally {
    await file.close();
  }
}
