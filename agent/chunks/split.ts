/**
 * Content-defined splitting: FastCDC (Xia et al., USENIX ATC 2016; IEEE TPDS 2020) with normalised
 * chunking of level 2. Whether a boundary lies at a position depends only on the 32 bytes before it
 * and on which of the two masks applies there, so an insertion moves cuts only around itself.
 *
 * The gear hash is a chain of dependent additions. Because a position can be tested without the ones
 * before it, two chains run at once over neighbouring lanes. They take their bytes four at a time, since
 * reading an element costs more than what is done with it, and only say how far there is no boundary:
 * one is rare, and is looked up by bytes. All this is two thirds faster than one chain.
 */
import assert from 'node:assert/strict';
import { chunk } from '../../protocol/limits.ts';
import type { GearTable } from './gear.ts';

/** How many bytes the hash sees: each step shifts by one of 32 bits. */
const windowBytes = 32;
/** 20 highest bits: stricter by level 2 than the 18 of the average, before it. */
const strictMask = 0xfffff000 | 0;
/** 16 highest bits: looser by level 2, from the average on. */
const looseMask = 0xffff0000 | 0;
const wordBytes = 4;
const wordBytesLog2 = 2;
const laneBytesMax = 4096;

export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** No more bytes follow: what is left at the end becomes a chunk. */
  readonly final: boolean;
}

/**
 * Offsets in `bytes` at which the chunks of a stretch end, in order. `start` must be the start of a
 * chunk. Unless the stretch is final, a cut is given only when more bytes could not change it, and
 * the bytes after the last one are to be given again with what follows.
 */
export function cutOffsets(gear: GearTable, bytes: Uint8Array, stretch: Stretch): number[] {
  assert(0 <= stretch.start && stretch.start <= stretch.end && stretch.end <= bytes.length);
  const search = { gear, bytes, words: wordsBeneath(bytes) };
  const cuts: number[] = [];
  let start = stretch.start;
  while (start < stretch.end) {
    const cut = nextCut(search, start, stretch.end);
    if (cut === undefined && !stretch.final) break;
    start = cut ?? stretch.end;
    cuts.push(start);
  }
  return cuts;
}

/** The certain end of the chunk at `start`; undefined when the bytes up to `end` do not decide it. */
function nextCut(search: Search, start: number, end: number): number | undefined {
  const average = Math.min(start + chunk.plainBytesAverage, end + 1);
  const last = Math.min(start + chunk.plainBytesMax, end + 1);
  return (
    findBoundary(search, { from: start + chunk.plainBytesMin, to: average, mask: strictMask }) ??
    findBoundary(search, { from: average, to: last, mask: looseMask }) ??
    (end - start >= chunk.plainBytesMax ? start + chunk.plainBytesMax : undefined)
  );
}

interface Search {
  readonly gear: GearTable;
  readonly bytes: Uint8Array;
  /** The memory beneath `bytes`, all of it, as the machine's words: their lowest byte comes first. */
  readonly words: Int32Array;
}

function wordsBeneath({ buffer }: Uint8Array): Int32Array {
  return new Int32Array(buffer, 0, Math.floor(buffer.byteLength / wordBytes));
}

/** Positions `from <= position < to`. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly mask: number;
}

/** The first position of the span after whose 32 preceding bytes the masked hash is zero. */
function findBoundary(search: Search, { from, to, mask }: Span): number | undefined {
  const odd = (search.bytes.byteOffset + from - 1) % wordBytes;
  let at = Math.min(to, from + ((wordBytes - odd) % wordBytes));
  const early = scanBytes(search, { from, to: at, mask });
  if (early !== undefined) return early;
  for (let lane = laneOf(to - at); lane > 0; lane = laneOf(to - at)) {
    const clear = clearBytes(search, { from: at, to: at + lane, mask });
    if (clear < lane) return scanBytes(search, { from: at + clear, to: at + 2 * lane, mask });
    at += 2 * lane;
  }
  return scanBytes(search, { from: at, to, mask });
}

/** Whole words, twice of which are left. */
function laneOf(leftBytes: number): number {
  return Math.min(laneBytesMax, Math.floor(leftBytes / (2 * wordBytes)) * wordBytes);
}

/** How many bytes of a lane, and of the one of the same length behind it, surely have no boundary. */
function clearBytes({ gear, bytes, words }: Search, { from, to, mask }: Span): number {
  let near = 0;
  let far = 0;
  for (let i = from - windowBytes, j = to - windowBytes; i < from - 1; i += 1, j += 1) {
    near = ((near << 1) + (gear[bytes[i] as number] as number)) | 0;
    far = ((far << 1) + (gear[bytes[j] as number] as number)) | 0;
  }
  // A division would make all that counts on it a floating-point number.
  const start = (bytes.byteOffset + from - 1) >>> wordBytesLog2;
  const middle = (bytes.byteOffset + to - 1) >>> wordBytesLog2;
  for (let i = start, j = middle, end = middle; i < end; i += 1, j += 1) {
    const x = words[i] as number;
    const y = words[j] as number;
    near = ((near << 1) + (gear[x & 0xff] as number)) | 0;
    far = ((far << 1) + (gear[y & 0xff] as number)) | 0;
    if ((near & mask) === 0 || (far & mask) === 0) return (i - start) * wordBytes;
    near = ((near << 1) + (gear[(x >>> 8) & 0xff] as number)) | 0;
    far = ((far << 1) + (gear[(y >>> 8) & 0xff] as number)) | 0;
    if ((near & mask) === 0 || (far & mask) === 0) return (i - start) * wordBytes;
    near = ((near << 1) + (gear[(x >>> 16) & 0xff] as number)) | 0;
    far = ((far << 1) + (gear[(y >>> 16) & 0xff] as number)) | 0;
    if ((near & mask) === 0 || (far & mask) === 0) return (i - start) * wordBytes;
    near = ((near << 1) + (gear[x >>> 24] as number)) | 0;
    far = ((far << 1) + (gear[y >>> 24] as number)) | 0;
    if ((near & mask) === 0 || (far & mask) === 0) return (i - start) * wordBytes;
  }
  return to - from;
}

function scanBytes({ gear, bytes }: Search, { from, to, mask }: Span): number | undefined {
  if (from >= to) return undefined;
  let hash = 0;
  for (let i = from - windowBytes; i < from - 1; i += 1) {
    hash = ((hash << 1) + (gear[bytes[i] as number] as number)) | 0;
  }
  for (let i = from - 1; i < to - 1; i += 1) {
    hash = ((hash << 1) + (gear[bytes[i] as number] as number)) | 0;
    if ((hash & mask) === 0) return i + 1;
  }
  return undefined;
}
