/** The chunks of the disk store: writer and reader behind the contract. */
import type { ChunkId } from '../../protocol/ids.ts';
import { ChunkReader, type ChunkReaderParts } from './chunk-reader.ts';
import { decodeChunkPlace, prefixes } from './keyspace.ts';
import { SegmentCollector } from './segment-collector.ts';
import { SegmentWriter, type SegmentWriterParts } from './segment-writer.ts';
import type { ChunkStore } from './store.ts';

export interface DiskChunkStore extends ChunkStore {
  totals(): { segments: number; chunks: number; bytes: number };
  close(): Promise<void>;
}

export function createChunkStore(
  parts: SegmentWriterParts & Pick<ChunkReaderParts, 'quarantine'>,
): DiskChunkStore {
  const writer = new SegmentWriter(parts);
  const lost = { chunks: 0, bytes: 0 };
  const onLost = ({ length }: { length: number }): void => {
    lost.chunks += 1;
    lost.bytes += length;
  };
  const collector = new SegmentCollector({ ...parts, writer });
  const droppedPlace = (id: ChunkId) => collector.droppedPlace(id);
  const reader = new ChunkReader({ ...parts, writer, onLost, droppedPlace });
  return {
    has: (id) => writer.placeOf(id) !== undefined,
    lengthOf: (id) => writer.placeOf(id)?.length,
    write: (chunks) => writer.append(chunks),
    commit: () => writer.commit(),
    read: (id, { verify = true } = {}) => reader.read(id, verify),
    readLent: (id, { verify = true } = {}) => reader.readLent(id, verify),
    readManyLent: (ids) => reader.readManyLent(ids),
    readPart: (id, offset, length) => reader.readPart(id, offset, length),
    readPartNow: (id, offset, length) => reader.readPartNow(id, offset, length),
    quarantine: (id, reason) => reader.quarantine(id, reason),
    wasDamaged: (id) => parts.quarantine.holdsId(id),
    drop: (ids) => collector.drop(ids),
    revive: (ids) => collector.revive(ids),
    collect: (options) => collector.collect(options),
    async *list() {
      const given = new Set(writer.pending().keys());
      for (const [id, { length }] of [...writer.pending()]) yield { id, length };
      await parts.index.flush();
      const from = Buffer.of(prefixes.chunk);
      for await (const [key, value] of parts.index.range(from, Buffer.of(prefixes.chunk + 1))) {
        const place = decodeChunkPlace(key, value);
        const id = key.toString('hex', 1) as ChunkId;
        if (place !== undefined && !given.has(id)) yield { id, length: place.length };
      }
    },
    totals() {
      const all = [...parts.segments.summaries.values()];
      const pending = [...writer.pending().values()];
      return {
        segments: all.length,
        chunks: sumOf(all.map(({ chunks }) => chunks)) + pending.length - lost.chunks,
        bytes:
          sumOf(all.map(({ bytes }) => bytes)) +
          sumOf(pending.map(({ length }) => length)) -
          lost.bytes,
      };
    },
    close: () => writer.close(),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
