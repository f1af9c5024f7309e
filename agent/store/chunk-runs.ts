/**
 * Chunks that stand side by side in one segment, as those of a file mostly do: one read brings them all.
 */
import { MiB } from '../../protocol/limits.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import type { LentBytes } from '../ports.ts';
import type { ChunkPlace } from './keyspace.ts';
import { decodeRecordHeader, recordHeaderBytes } from './record.ts';

/** A longer read gains nothing, and memory is lent in pieces. */
const runBytesMax = 2 * MiB;

interface Placed {
  readonly id: ChunkId;
  readonly place: ChunkPlace | undefined;
}
/** One that has no place is alone. */
export type Run = readonly Placed[];

/** In order. */
export function runsOf(chunks: readonly Placed[]): Run[] {
  const runs: Placed[][] = [];
  let bytes = 0;
  let end: Pick<ChunkPlace, 'segment' | 'offset'> | undefined;
  for (const placed of chunks) {
    const { place } = placed;
    const length = recordHeaderBytes + (place?.length ?? 0);
    const goesOn =
      place !== undefined && place.segment === end?.segment && place.offset === end.offset;
    if (goesOn && bytes + length <= runBytesMax) {
      runs.at(-1)?.push(placed);
      bytes += length;
    } else {
      runs.push([placed]);
      bytes = length;
    }
    end = place && { segment: place.segment, offset: place.offset + length };
  }
  return runs;
}

/** As if the run were one record: from its first header to the end of its last body. */
export function placeOfRun(run: Run): ChunkPlace | undefined {
  const [first, last] = [run[0]?.place, run.at(-1)?.place];
  if (first === undefined || last === undefined) return undefined;
  const { segment, offset } = first;
  return { segment, offset, length: last.offset + last.length - offset };
}

/** The bodies of a run that was read; undefined when a record is not what it should be. */
export function bodiesOf(run: Run, bytes: Buffer): Buffer[] | undefined {
  const bodies: Buffer[] = [];
  let at = 0;
  for (const { id, place } of run) {
    const record = bytes.subarray(at, at + recordHeaderBytes + (place?.length ?? 0));
    if (!isRecordOf(id, record)) return undefined;
    bodies.push(record.subarray(recordHeaderBytes));
    at += record.length;
  }
  return bodies;
}

/** One loan for several: it is given back with the last of them. */
export function shareLoan(bodies: readonly Buffer[], release: () => void): LentBytes[] {
  const out = new Set(bodies);
  return bodies.map((bytes) => ({
    bytes,
    release: () => {
      if (out.delete(bytes) && out.size === 0) release();
    },
  }));
}

/** Whether it is the record of a chunk, whole, as far as its header says. */
export function isRecordOf(id: ChunkId, record: Buffer): boolean {
  const header = decodeRecordHeader(record);
  return (
    header?.kind === 'chunk' &&
    header.id === id &&
    header.length === record.length - recordHeaderBytes
  );
}
