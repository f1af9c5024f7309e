/**
 * Many chunk places into the index at once, as when it is made again from footers. LevelDB takes
 * sorted keys several times faster, so each load is put in order first, by numbers instead of objects.
 */
import type { Index, IndexChange } from '../ports.ts';
import { encodeChunkPlaceInto, chunkPlaceBytes, prefixes } from './keyspace.ts';

const idBytes = 32;
const keyBytes = 1 + idBytes;
/** 18 bits of a sort key hold the position in the load, which takes 11 MB. */
const loadRecords = 2 ** 18;
/** Of one write: its objects are gone before the collector would move them to where the old ones are. */
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

/** What waits to be written: ids one behind the other, and three numbers of each record. */
interface Load {
  readonly ids: Uint8Array;
  readonly places: Uint32Array;
  count: number;
}

/** A loader into `index`. */
export function createIndexLoader(index: Pick<Index, 'write'>): IndexLoader {
  // Not before there is something to load: most starts load nothing.
  let load: Load | undefined;
  let loaded = 0;
  let writing: Promise<void> = Promise.resolve();

  const writeLoad = async (full: Load): Promise<void> => {
    load = undefined;
    loaded += full.count;
    const order = inOrder(full);
    for (let from = 0; from < order.length; from += writeRecords) {
      const changes = changesOf(full, order.subarray(from, from + writeRecords));
      // One write is prepared while the one before is made.
      await writing;
      writing = index.write(changes);
      // Its failure is seen by the next `await`; until then it must not count as unhandled.
      writing.catch(() => undefined);
    }
  };
  return {
    get loaded() {
      return loaded + (load?.count ?? 0);
    },
    add(bytes, at, place) {
      const current = (load ??= newLoad());
      const { ids, places, count } = current;
      copyId(bytes, at, ids, count * idBytes);
      places[count * 3] = place.segment;
      places[count * 3 + 1] = place.offset;
      places[count * 3 + 2] = place.length;
      current.count += 1;
      return current.count === loadRecords ? writeLoad(current) : undefined;
    },
    async finish() {
      if (load !== undefined) await writeLoad(load);
      await writing;
    },
  };
}

function newLoad(): Load {
  return {
    ids: Buffer.allocUnsafe(loadRecords * idBytes),
    places: new Uint32Array(loadRecords * 3),
    count: 0,
  };
}

/** Places in the load, sorted by the first bytes of their ids; the upper bits of each number are these. */
function inOrder({ ids, count }: Load): Float64Array {
  const view = new DataView(ids.buffer, ids.byteOffset);
  const order = new Float64Array(count);
  for (let at = 0; at < count; at++) order[at] = view.getUint32(at * idBytes) * loadRecords + at;
  return order.sort();
}

function changesOf({ ids, places }: Load, order: Float64Array): IndexChange[] {
  const keys = Buffer.allocUnsafe(order.length * keyBytes);
  const values = Buffer.alloc(order.length * chunkPlaceBytes);
  return Array.from(order, (rank, index) => {
    const at = rank % loadRecords;
    const key = keys.subarray(index * keyBytes, (index + 1) * keyBytes);
    key[0] = prefixes.chunk;
    copyId(ids, at * idBytes, key, 1);
    const value = values.subarray(index * chunkPlaceBytes, (index + 1) * chunkPlaceBytes);
    encodeChunkPlaceInto(value, key, {
      segment: places[at * 3] ?? 0,
      offset: places[at * 3 + 1] ?? 0,
      length: places[at * 3 + 2] ?? 0,
    });
    return { key, value };
  });
}

/** A loop: `copy` of a Buffer takes ten times as long for so few bytes. */
function copyId(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number): void {
  for (let index = 0; index < idBytes; index++) to[toAt + index] = from[fromAt + index] ?? 0;
}
