/**
 * The store of an agent without the agent: fills one with records, or throws its index away and opens
 * it, which makes the index again. Prints the seconds of the opening.
 * node peervault-store.ts fill|rebuild DIRECTORY RECORDS
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createLevelIndexHost } from '../../agent/host/level-index.ts';
import { createNodeClock } from '../../agent/host/node-clock.ts';
import { createNodeDisk } from '../../agent/host/node-disk.ts';
import type { Log } from '../../agent/ports.ts';
import { openDiskStore } from '../../agent/store/disk-store.ts';
import type { IndexedStore } from '../../agent/store/store.ts';
import { blake3 } from '../../protocol/hash.ts';
import type { ChunkId } from '../../protocol/ids.ts';

const bodyBytes = 64;
const recordsInSegment = 1024;
/** Body and record header: a segment closes after about so many records. */
const segmentBytesMax = recordsInSegment * (bodyBytes + 48);
const recordsInWrite = 4096;

const nothing = (): void => undefined;
const quiet: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => quiet,
};

function openStore(directory: string): Promise<IndexedStore> {
  return openDiskStore({
    disk: createNodeDisk(directory),
    index: createLevelIndexHost(join(directory, 'index')),
    clock: createNodeClock(),
    log: quiet,
    options: { segmentBytesMax, ballastBytes: 0 },
  });
}

async function fill(directory: string, records: number): Promise<void> {
  const store = await openStore(directory);
  for (let made = 0; made < records; made += recordsInWrite) {
    const count = Math.min(recordsInWrite, records - made);
    const bodies = Array.from({ length: count }, () => randomBytes(bodyBytes));
    const chunks = bodies.map((body) => ({
      id: blake3(body).toString('hex') as ChunkId,
      body,
    }));
    await store.chunks.write(chunks);
  }
  await store.chunks.commit();
  await store.close();
}

async function rebuild(directory: string, records: number): Promise<number> {
  await rm(join(directory, 'index'), { recursive: true });
  const startMs = performance.now();
  const store = await openStore(directory);
  const seconds = (performance.now() - startMs) / 1000;
  const { chunks, indexRebuilt } = store.report();
  await store.close();
  if (!indexRebuilt || chunks !== records) {
    throw new Error(`${String(chunks)} of ${String(records)} records came back`);
  }
  return seconds;
}

const [job, directory = '', records = '0'] = process.argv.slice(2);
let seconds = 0;
if (job === 'fill') await fill(directory, Number(records));
else seconds = await rebuild(directory, Number(records));
process.stdout.write(`${JSON.stringify({ seconds })}\n`);
