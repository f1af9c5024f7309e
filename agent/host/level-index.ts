/**
 * The Index port over LevelDB; the only file that knows LevelDB. What is in there can always be made
 * again, so nothing is repaired: an index that does not open, or that was not closed and does not pass
 * the probe, is `damaged` and its owner deletes it.
 */
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { Level } from 'level';
import { VaultError } from '../../protocol/errors.ts';
import type { Index, IndexChange, IndexHost, IndexWriteOptions } from '../ports.ts';
import { probeIndex } from './index-probe.ts';

export interface LevelIndexOptions {
  /** How long the probe may take. @default 60000 */
  readonly probeTimeoutMs?: number;
}

type Database = Level<Buffer, Buffer>;

const writeBufferBytes = 16 * 1024 * 1024;
const cacheBytes = 32 * 1024 * 1024;
const rangePairs = 1000;
/** Tables are mapped while they are open: their pages are memory of this process. */
const openFilesMax = 80;

/**
 * The index of one home.
 * @param directory absolute path of LevelDB's own directory; it is made. The marker stands beside it.
 */
export function createLevelIndexHost(
  directory: string,
  { probeTimeoutMs = 60_000 }: LevelIndexOptions = {},
): IndexHost {
  const marker = `${directory}.open`;
  return {
    async open() {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      if (await exists(marker)) {
        await refuseWhenSick(directory, probeTimeoutMs);
      }
      await touch(marker);
      const database = await openDatabase(directory);
      return createLevelIndex(database, () => rm(marker, { force: true }));
    },
    async destroy() {
      await rm(directory, { recursive: true, force: true });
      await rm(marker, { force: true });
    },
  };
}

/** The last user did not close it: another process looks at it first, because an abort in it is possible. */
async function refuseWhenSick(directory: string, timeoutMs: number): Promise<void> {
  const verdict = await probeIndex(directory, { timeoutMs });
  if (verdict.healthy) return;
  throw new VaultError(verdict.locked === true ? 'agent-running' : 'damaged', {
    op: 'index.open',
    subject: directory,
    detail: verdict.reason,
  });
}

async function openDatabase(directory: string): Promise<Database> {
  const database = new Level<Buffer, Buffer>(directory, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
    writeBufferSize: writeBufferBytes,
    cacheSize: cacheBytes,
    maxOpenFiles: openFilesMax,
  });
  try {
    await database.open();
    return database;
  } catch (error) {
    throw indexError(error, 'index.open', directory);
  }
}

function createLevelIndex(database: Database, onClosed: () => Promise<void>): Index {
  return {
    get: (key) => database.getSync(asBuffer(key)),
    getMany: (keys) => database.getMany(keys.map(asBuffer)),
    write: (changes, options) => writeAll(database, changes, options),
    async *range(from, to) {
      const iterator = database.iterator({ gte: asBuffer(from), lt: asBuffer(to) });
      try {
        for (;;) {
          const pairs = await iterator.nextv(rangePairs);
          if (pairs.length === 0) return;
          yield* pairs;
        }
      } finally {
        await iterator.close();
      }
    },
    async close() {
      await database.close();
      await onClosed();
    },
  };
}

/** A chained batch: four times as fast as an array of operations. */
async function writeAll(
  database: Database,
  changes: readonly IndexChange[],
  { durable = false }: IndexWriteOptions = {},
): Promise<void> {
  if (changes.length === 0) return;
  const batch = database.batch();
  for (const { key, value } of changes) {
    if (value === undefined) batch.del(asBuffer(key));
    else batch.put(asBuffer(key), asBuffer(value));
  }
  try {
    await batch.write({ sync: durable });
  } catch (error) {
    throw indexError(error, 'index.write', database.location);
  }
}

/** LevelDB says why only in words. */
function indexError(error: unknown, op: string, subject: string): VaultError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const detail = cause instanceof Error ? cause.message : String(cause);
  if (/no space left/i.test(detail))
    return new VaultError('disk-full', { op, subject, detail, cause });
  const locked = (cause as { code?: unknown }).code === 'LEVEL_LOCKED';
  if (locked) return new VaultError('agent-running', { op, subject, detail, cause });
  return new VaultError(op === 'index.open' ? 'damaged' : 'io', { op, subject, detail, cause });
}

async function touch(path: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  await file.sync();
  await file.close();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
