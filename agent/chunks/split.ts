/**
 * Content-defined splitting: FastCDC (Xia et al., USENIX ATC 2016; IEEE TPDS 2020) with normalised
 * chunking of level 2. Whether a boundary lies at a position depends only on the 32 bytes before it
 * and on which of the two masks applies there, so an insertion moves cuts only around itself.
 *
 * The gear hash is a chain of dependent additions. Because a position can be tested without the ones
 * before it, the scan runs two chains at once over neighbouring blocks; that is a third faster.
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
const laneBytes = 4096;

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
  const cuts: number[] = [];
  let start = stretch.start;
  while (start < stretch.end) {
    const cut = nextCut(gear, bytes, start, stretch.end);
    if (cut === undefined && !stretch.final) break;
    start = cut ?? stretch.end;
    cuts.push(start);
  }
  return cuts;
}

/** The certain end of the chunk at `start`; undefined when the bytes up to `end` do not decide it. */
function nextCut(
  gear: GearTable,
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  const average = Math.min(start + chunk.plainBytesAverage, end + 1);
  const last = Math.min(start + chunk.plainBytesMax, end + 1);
  const search = { gear, bytes };
  return (
    findBoundary(search, { from: start + chunk.plainBytesMin, to: average, mask: strictMask }) ??
    findBoundary(search, { from: average, to: last, mask: looseMask }) ??
    (end - start >= chunk.plainBytesMax ? start + chunk.plainBytesMax : undefined)
  );
}

interface Search {
  readonly gear: GearTable;
  readonly bytes: Uint8Array;
}

/** Positions `from <= position < to`. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly mask: number;
}

/** The first position of the span after whose 32 preceding bytes the masked hash is zero. */
function findBoundary(search: Search, span: Span): number | undefined {
  const pair = 2 * laneBytes;
  let from = span.from;
  for (; from + pair <= span.to; from += pair) {
    const found = scanPair(search, from, span.mask);
    if (found !== 0) return found;
  }
  if (from >= span.to) return undefined;
  const found = scanRest(search, { ...span, from });
  return found === 0 ? undefined : found;
}

/** Two lanes of 4 KiB, two bytes a step; 0 when there is no boundary. */
function scanPair({ gear, bytes }: Search, from: number, mask: number): number {
  const middle = from + laneBytes;
  let near = 0;
  let far = 0;
  for (let back = windowBytes; back > 1; back -= 1) {
    near = ((near << 1) + (gear[bytes[from - back] as number] as number)) | 0;
    far = ((far << 1) + (gear[bytes[middle - back] as number] as number)) | 0;
  }
  let found = 0;
  const end = middle - 1;
  for (let i = from - 1, j = end; i < end; i += 2, j += 2) {
    near = ((near << 1) + (gear[bytes[i] as number] as number)) | 0;
    far = ((far << 1) + (gear[bytes[j] as number] as number)) | 0;
    if ((near & mask) === 0) return i + 1;
    if ((far & mask) === 0 && found === 0) found = j + 1;
    near = ((near << 1) + (gear[bytes[i + 1] as number] as number)) | 0;
    far = ((far << 1) + (gear[bytes[j + 1] as number] as number)) | 0;
    if ((near & mask) === 0) return i + 2;
    if ((far & mask) === 0 && found === 0) found = j + 2;
  }
  return found;
}

function scanRest({ gear, bytes }: Search, { from, to, mask }: Span): number {
  let hash = 0;
  for (let i = from - windowBytes; i < from - 1; i += 1) {
    hash = ((hash << 1) + (gear[bytes[i] as number] as number)) | 0;
  }
  for (let i = from - 1; i < to - 1; i += 1) {
    hash = ((hash << 1) + (gear[bytes[i] as number] as number)) | 0;
    if ((hash & mask) === 0) return i + 1;
  }
  return 0;
}
