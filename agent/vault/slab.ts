/** A stretch of memory that gathers the bytes of one large file or of hundreds of small ones. */
import { copyBytes } from '../../protocol/copy-bytes.ts';
import { chunk as chunkLimits, MiB } from '../../protocol/limits.ts';
import type { Memory, SlabPart } from '../chunks/jobs.ts';
import type { FileBuild } from './file-build.ts';

/** Room in front for what the slab before left over of a file. */
export const headBytes = chunkLimits.plainBytesMax;
export const slabBytes = headBytes + 4 * MiB;
/** So many files in a slab are enough to share one message, one write and one sync. */
const sharesMax = 512;
/** In the first one: the worker that it wakes, or that has to start, begins while others are gathered. */
const firstSharesMax = 64;

/** What a slab holds of one file. */
export interface SlabShare {
  readonly file: FileBuild;
  readonly start: number;
  end: number;
  final: boolean;
  smallSalt: Buffer | undefined;
}

export interface Slab {
  /** From 0. */
  readonly number: number;
  readonly bytes: Uint8Array<Memory>;
  fill: number;
  readonly shares: SlabShare[];
}

/** @param memory of `slabBytes`, used before or fresh */
export function newSlab(number: number, memory: Memory = new SharedArrayBuffer(slabBytes)): Slab {
  return { number, bytes: new Uint8Array(memory), fill: headBytes, shares: [] };
}

/** Takes as many of the file's next bytes as there is room for. @returns how many */
export function fillSlab(slab: Slab, file: FileBuild, bytes: Uint8Array): number {
  const count = Math.min(bytes.length, slabBytes - slab.fill);
  copyBytes(slab.bytes, slab.fill, count === bytes.length ? bytes : bytes.subarray(0, count));
  growSlab(slab, file, count);
  return count;
}

/** So many of the file's next bytes stand where the slab was filled up to. */
export function growSlab(slab: Slab, file: FileBuild, count: number): void {
  const share = shareOf(slab, file);
  slab.fill += count;
  share.end = slab.fill;
  file.bytes += count;
}

/** Whether it should go on its way, though there may be room. */
export function hasEnough({ number, shares }: Slab): boolean {
  return shares.length >= (number === 0 ? firstSharesMax : sharesMax);
}

/** What the slab holds of the file that is written now; of one without bytes too. */
export function shareOf(slab: Slab, file: FileBuild): SlabShare {
  const last = slab.shares.at(-1);
  if (last?.file === file) return last;
  const { fill } = slab;
  const share = { file, start: fill, end: fill, final: false, smallSalt: undefined };
  slab.shares.push(share);
  return share;
}

/** Takes back what it holds of a file that is given up. */
export function forgetShare(slab: Slab, file: FileBuild | undefined): void {
  const last = slab.shares.at(-1);
  if (last === undefined || last.file !== file) return;
  slab.shares.pop();
  slab.fill = last.start;
}

export function partOf({ start, end, final, smallSalt }: SlabShare): SlabPart {
  return { start, end, final, smallSalt };
}

/** Whether it is a small record, or nothing. */
export function isSmall({ start, end, smallSalt }: SlabPart): boolean {
  return smallSalt !== undefined || start === end;
}

/** Whether there is room for a chunk, so that one may end in it before the file does. */
export function holdsChunk({ start, end }: SlabPart): boolean {
  return end - start >= chunkLimits.plainBytesMin;
}
