/**
 * Many chunk places into the index at once, as when it is made again from footers. LevelDB takes
 * sorted keys several times faster, so each load is put in order first, by numbers instead of objects.
 */
import type { Index, IndexChange } from '../ports.ts';
import { encodeChunkPlaceInto, chunkPlaceBytes, prefixes } from './keyspace.ts';

const idBytes = 32;
const keyBytes = 1 + idBytes;
/** 18 bits of a sort key hold the position in the load. About 25 MB at work. */
const loadRecords = 2 ** 18;

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

/** A loader into `index`. */
export function createIndexLoader(index: Pick<Index, 'write'>): IndexLoader {
  let ids = Buffer.alloc(0);
  let places = new Uint32Array(0);
  let count = 0;
  let loaded = 0;
  let writing: Promise<void> = Promise.resolve();

  const writeLoad = async (): Promise<void> => {
    const changes = sortedChanges(ids, places, count);
    loaded += count;
    count = 0;
    // One load is prepared while the one before is written.
    await writing;
    writing = index.write(changes);
    // Its failure is seen by the next `await`; until then it must not count as unhandled.
    writing.catch(() => undefined);
  };
  return {
    get loaded() {
      return loaded + count;
    },
    add(bytes, at, place) {
      if (ids.length === 0) {
        // Not before there is something to load: most starts load nothing.
        ids = Buffer.allocUnsafe(loadRecords * idBytes);
        places = new Uint32Array(loadRecords * 3);
      }
      bytes.copy(ids, count * idBytes, at, at + idBytes);
      places[count * 3] = place.segment;
      places[count * 3 + 1] = place.offset;
      places[count * 3 + 2] = place.length;
      count += 1;
      return count === loadRecords ? writeLoad() : undefined;
    },
    async finish() {
      if (count > 0) await writeLoad();
      await writing;
    },
  };
}

function sortedChanges(ids: Buffer, places: Uint32Array, count: number): IndexChange[] {
  const order = new Float64Array(count);
  for (let at = 0; at < count; at++) order[at] = ids.readUInt32BE(at * idBytes) * loadRecords + at;
  order.sort();
  const keys = Buffer.allocUnsafe(count * keyBytes);
  const values = Buffer.alloc(count * chunkPlaceBytes);
  return Array.from(order, (rank, index) => {
    const at = rank % loadRecords;
    const key = keys.subarray(index * keyBytes, (index + 1) * keyBytes);
    key[0] = prefixes.chunk;
    ids.copy(key, 1, at * idBytes, (at + 1) * idBytes);
    const value = values.subarray(index * chunkPlaceBytes, (index + 1) * chunkPlaceBytes);
    encodeChunkPlaceInto(value, key, {
      segment: places[at * 3] ?? 0,
      offset: places[at * 3 + 1] ?? 0,
      length: places[at * 3 + 2] ?? 0,
    });
    return { key, value };
  });
}
