/**
 * The job that makes chunks: finds the cuts of every part of a slab, then seals chunk after chunk
 * into one buffer. Its size is known before anything is sealed, because compression only shortens.
 */
import assert from 'node:assert/strict';
import type { HashFunction } from '../../protocol/hash.ts';
import { chunk } from '../../protocol/limits.ts';
import { gearTable } from './gear.ts';
import type { GearTable } from './gear.ts';
import type {
  Memory,
  SealedPart,
  SealedPiece,
  SlabPart,
  SmallPiece,
  SplitInput,
  SplitOutput,
  SplitSealInput,
  SplitSealOutput,
} from './jobs.ts';
import { sealChunk, sealedLengthMax } from './seal.ts';
import { sealedSmallLengthOf, sealSmallInto } from './small.ts';
import { cutOffsets } from './split.ts';

const idBytes = 32;

/** @param keyedHash BLAKE3 keyed with the input's dedupKey */
export function runSplitSeal(input: SplitSealInput, keyedHash: HashFunction): SplitSealOutput {
  const slab = Buffer.from(input.slab);
  const gear = input.split === false ? undefined : gearTable(input.keys.gearKey);
  const cuts = input.parts.map((part, index) => input.cuts?.[index] ?? cutsOf(part, slab, gear));
  const room = roomFor(input.parts, cuts);
  const sealed = memoryOf(room.sealedBytes, input.recycled);
  const ids = Buffer.alloc(room.chunks * 2 * idBytes);
  const seal = pieceSealer(input, keyedHash, { slab, sealed: Buffer.from(sealed), ids });
  const parts = input.parts.map((part, index): SealedPart => {
    const { start, end, smallSalt } = part;
    if (smallSalt !== undefined) {
      return { chunks: [], consumed: end - start, small: seal.small(start, end, smallSalt) };
    }
    const ends = cuts[index] ?? [];
    const chunks = ends.map((end, at) => seal.chunk(ends[at - 1] ?? start, end));
    return { chunks, consumed: (ends.at(-1) ?? start) - start };
  });
  return { sealed, parts };
}

/** The cuts of one part, by themselves. */
export function runSplit({ slab, part, gearKey }: SplitInput): SplitOutput {
  return { cuts: cutOffsets(gearTable(gearKey), Buffer.from(slab), part) };
}

function cutsOf(part: SlabPart, slab: Uint8Array, gear: GearTable | undefined): readonly number[] {
  const length = part.end - part.start;
  if (part.smallSalt !== undefined) {
    assert(part.final && length >= 1 && part.end <= slab.length);
    return [part.end];
  }
  if (gear !== undefined) return cutOffsets(gear, slab, part);
  assert(part.final && length >= 1 && length <= chunk.plainBytesMax && part.end <= slab.length);
  return [part.end];
}

function roomFor(
  parts: readonly SlabPart[],
  cuts: readonly (readonly number[])[],
): { chunks: number; sealedBytes: number } {
  let chunks = 0;
  let sealedBytes = 0;
  for (const [index, part] of parts.entries()) {
    let start = part.start;
    for (const end of cuts[index] ?? []) {
      const length = end - start;
      sealedBytes +=
        part.smallSalt === undefined ? sealedLengthMax(length) : sealedSmallLengthOf(length);
      chunks += 1;
      start = end;
    }
  }
  return { chunks, sealedBytes };
}

/** Fresh memory costs more to touch for the first time than to encrypt into. */
export function memoryOf(bytes: number, recycled: Memory | undefined): Memory {
  if (recycled !== undefined && recycled.byteLength >= bytes) return recycled;
  return new SharedArrayBuffer(bytes);
}

interface Buffers {
  readonly slab: Buffer;
  readonly sealed: Buffer;
  readonly ids: Buffer;
}

interface PieceSealer {
  chunk(start: number, end: number): SealedPiece;
  small(start: number, end: number, salt: Uint8Array): SmallPiece;
}

/** Seals pieces of the slab one behind the other. All ids share a buffer, so that they cross cheaply. */
function pieceSealer(
  { kind, keys }: SplitSealInput,
  keyedHash: HashFunction,
  { slab, sealed, ids }: Buffers,
): PieceSealer {
  const sealer = { kind, keyedHash, chunkKey: keys.chunkKey };
  let sealedOffset = 0;
  let idOffset = 0;
  const keep = (id: Uint8Array): Uint8Array => {
    ids.set(id, idOffset);
    idOffset += idBytes;
    return new Uint8Array(ids.buffer, ids.byteOffset + idOffset - idBytes, idBytes);
  };
  const place = (sealedLength: number): { sealedOffset: number; sealedLength: number } => {
    const at = { sealedOffset, sealedLength };
    sealedOffset += sealedLength;
    return at;
  };
  return {
    chunk(start, end) {
      const made = sealChunk(sealer, slab.subarray(start, end), sealed.subarray(sealedOffset));
      const { pid, cid, format, sealedLength } = made;
      const plainLength = end - start;
      return { pid: keep(pid), cid: keep(cid), format, plainLength, ...place(sealedLength) };
    },
    small(start, end, salt) {
      const content = slab.subarray(start, end);
      const sealing = { content, salt, chunkKey: keys.chunkKey };
      const made = sealSmallInto(sealing, sealed.subarray(sealedOffset));
      return { id: keep(made.id), hash: keep(made.hash), ...place(made.sealedLength) };
    },
  };
}
