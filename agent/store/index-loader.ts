/**
 * Many chunk places into the index at once, as when it is made again from footers. LevelDB takes
 * sorted keys several times faster, so each load is put in order first, by numbers instead of objects.
 */
import type { Index, IndexChange } from '../ports.ts';
import { encodeChunkPlaceInto, chunkPlaceBytes, prefixes } from './keyspace.ts';

const idBytes = 32;
const keyBytes = 1 + idBytes;
/** Id, segment, offset, length. */
const recordBytes = idBytes + 12;
/** 18 bits of a sort key hold the position in the load, which takes 12 MB. */
const loadRecords = 2 ** 18;
const writeRecords = 2 ** 12;

export interface IndexLoader {
  /** Takes the id that stands at `at` in `bytes`, and where its record is; wait when it gives a promise. */
  add(
    bytes: Buffer,
    at: number,
    place: { segment: number; offset: number; length: number },
  ): Promise<void> | undefined;
  /** Writes what is left. */
  finish(): Promise<void>;
  readonly loaded: number;
}

/** What waits to be written: of each record its id and three numbers, side by side as they are read again. */
interface Load {
  readonly records: Buffer;
  count: number;
}

/** Changes that are filled again for each write: objects for every record would keep the collector busy. */
interface Batch {
  readonly changes: readonly PlaceChange[];
  /** The write that was made of it; until it is done, the changes are not ours. */
  written: Promise<void>;
}

interface PlaceChange extends IndexChange {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** A loader into `index`. */
export function createIndexLoader(index: Pick<Index, 'write'>): IndexLoader {
  // Not before there is something to load: most starts load nothing.
  let load: Load | undefined;
  let loaded = 0;
  const batches: Batch[] = [];

  /** One is filled while the other is written. */
  const nextBatch = async (): Promise<Batch> => {
    const batch = batches.length < 2 ? newBatch() : (batches.shift() as Batch);
    batches.push(batch);
    await batch.written;
    return batch;
  };
  const writeLoad = async (full: Load): Promise<void> => {
    load = undefined;
    loaded += full.count;
    const order = inOrder(full);
    for (let from = 0; from < order.length; from += writeRecords) {
      const part = order.subarray(from, from + writeRecords);
      const batch = await nextBatch();
      fill(batch.changes, full, part);
      batch.written = index.write(batch.changes.slice(0, part.length));
      // Its failure is seen when the batch is used again, or at the end; it must not count as unhandled.
      batch.written.catch(() => undefined);
    }
  };
  return {
    get loaded() {
      return loaded + (load?.count ?? 0);
    },
    add(bytes, at, place) {
      const current = (load ??= newLoad());
      const to = current.count * recordBytes;
      copyId(bytes, at, current.records, to);
      current.records.writeUInt32LE(place.segment, to + idBytes);
      current.records.writeUInt32LE(place.offset, to + idBytes + 4);
      current.records.writeUInt32LE(place.length, to + idBytes + 8);
      current.count += 1;
      return current.count === loadRecords ? writeLoad(current) : undefined;
    },
    async finish() {
      if (load !== undefined) await writeLoad(load);
      for (const { written } of batches) await written;
    },
  };
}

/** Pages that were never written to cost nothing. */
function newLoad(): Load {
  return { records: Buffer.allocUnsafeSlow(loadRecords * recordBytes), count: 0 };
}

function newBatch(): Batch {
  const keys = Buffer.alloc(writeRecords * keyBytes, prefixes.chunk);
  const values = Buffer.alloc(writeRecords * chunkPlaceBytes);
  const changes = Array.from({ length: writeRecords }, (_, at) => ({
    key: keys.subarray(at * keyBytes, (at + 1) * keyBytes),
    value: values.subarray(at * chunkPlaceBytes, (at + 1) * chunkPlaceBytes),
  }));
  return { changes, written: Promise.resolve() };
}

/** Positions in the load, sorted by the first bytes of their ids; the upper bits of each number are these. */
function inOrder({ records, count }: Load): Float64Array {
  const order = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    order[at] = records.readUInt32BE(at * recordBytes) * loadRecords + at;
  }
  return order.sort();
}

/** The records that `order` names, one in each change from the first on. */
function fill(changes: readonly PlaceChange[], { records }: Load, order: Float64Array): void {
  for (const [index, rank] of order.entries()) {
    const { key, value } = changes[index] as PlaceChange;
    const at = (rank % loadRecords) * recordBytes;
    copyId(records, at, key, 1);
    encodeChunkPlaceInto(value, key, {
      segment: records.readUInt32LE(at + idBytes),
      offset: records.readUInt32LE(at + idBytes + 4),
      length: records.readUInt32LE(at + idBytes + 8),
    });
  }
}

/** A loop: `copy` of a Buffer takes ten times as long for so few bytes. */
function copyId(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number): void {
  for (let index = 0; index < idBytes; index++) to[toAt + index] = from[fromAt + index] ?? 0;
}
