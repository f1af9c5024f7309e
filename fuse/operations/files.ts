/**
 * Open files and directories: reading with a look ahead, writing into the file's scratch, what close and
 * fsync mean. Handles are numbers that the driver passes on; one that is not known, because the agent has
 * been started anew meanwhile, is no error: the inode is enough.
 */
import { refusal } from '../errno.ts';
import type { FileData } from './file-data.ts';
import type { FileSystem } from './file-system.ts';
import type { Row } from './rows.ts';
import type { Inode } from './inode.ts';
import type { FileTime, ReadOptions } from './port.ts';
import { isVirtual } from './virtual.ts';

export interface Handle {
  readonly number: number;
  readonly inode: Inode;
  readonly writes: boolean;
  /** Of a report: all of it. */
  readonly bytes: Buffer | undefined;
  /** Of a directory, when its listing has begun. */
  rows: readonly Row[] | undefined;
  /** Where a sequential reader would go on, and how far ahead it is worth looking. */
  nextOffset: number;
  aheadBytes: number;
}

export interface Range {
  readonly offset: number;
  readonly length: number;
}

const aheadBytesMin = 1024 * 1024;
const aheadBytesMax = 8 * 1024 * 1024;
/** fallocate(2) modes. */
const fallocateModes = { keepSize: 1, punchHole: 2, zeroRange: 16 } as const;
/** 2^53 bytes are less than what a Content can say; this is what ext4 takes at most. */
const fileBytesMax = 16 * 2 ** 40;

export class Files {
  readonly #fs: FileSystem;
  readonly #handles = new Map<number, Handle>();
  #lastHandle: number;
  /** Who calls keeps the times of written files, and says what they are: so does a cache that writes later. */
  keepsTimes = false;

  /** @param lastHandle the numbers of handles begin behind it */
  constructor(fs: FileSystem, lastHandle = 0) {
    this.#fs = fs;
    this.#lastHandle = lastHandle;
  }

  get openCount(): number {
    return this.#handles.size;
  }

  open(inode: Inode, writes: boolean, signal?: AbortSignal): Handle | Promise<Handle> {
    if (isVirtual(inode)) {
      if (writes) throw refusal('EROFS');
      const { virtual } = this.#fs;
      if (inode.kind === 'directory') {
        return virtual.list(inode, signal).then((rows) => {
          const handle = this.#add(inode, false, undefined);
          handle.rows = rows;
          return handle;
        });
      }
      const report = virtual.report(inode);
      if (report !== undefined) return report.then((bytes) => this.#add(inode, false, bytes));
    }
    if (writes) this.#fs.checkWritable();
    else if (inode.kind === 'directory') this.#fs.virtual.checkReadable(inode);
    return this.#add(inode, writes, undefined);
  }

  /** undefined after a restart of the agent. */
  get(number: number): Handle | undefined {
    return this.#handles.get(number);
  }

  read(
    inode: Inode,
    handle: Handle | undefined,
    { offset, length }: Range,
    how: Pick<ReadOptions, 'interrupt' | 'lent'> = {},
  ): Buffer[] | Promise<Buffer[]> {
    if (handle?.bytes !== undefined) return [handle.bytes.subarray(offset, offset + length)];
    const aheadBytes = handle === undefined ? 0 : lookAhead(handle, { offset, length });
    return dataOf(inode).read(offset, length, { ...how, aheadBytes });
  }

  async write(inode: Inode, offset: number, bytes: Buffer): Promise<number> {
    this.#fs.checkWritable();
    if (offset + bytes.length > fileBytesMax) throw refusal('EFBIG');
    const room = this.#fs.port.room?.(bytes.length);
    if (room !== undefined) await room;
    await dataOf(inode).write(offset, bytes);
    this.#changed(inode);
    return bytes.length;
  }

  async truncate(inode: Inode, size: number): Promise<void> {
    this.#fs.checkWritable();
    if (isVirtual(inode)) throw refusal('EROFS');
    if (size > fileBytesMax) throw refusal('EFBIG');
    const data = dataOf(inode);
    const before = data.size;
    await data.truncate(size);
    if (before !== size) this.#changed(inode);
    if (inode.writers === 0 && inode.creation === undefined) this.#fs.publishing.content(inode);
  }

  async allocate(inode: Inode, { offset, length }: Range, mode: number): Promise<void> {
    this.#fs.checkWritable();
    const end = offset + length;
    if (end > fileBytesMax) throw refusal('EFBIG');
    const { keepSize, punchHole, zeroRange } = fallocateModes;
    const data = dataOf(inode);
    if ((mode & ~(keepSize | punchHole | zeroRange)) !== 0) throw refusal('EOPNOTSUPP');
    const keeps = (mode & keepSize) !== 0;
    if ((mode & (punchHole | zeroRange)) !== 0) await data.zero(offset, end, !keeps);
    else if (!keeps && end > data.size) await data.truncate(end);
    // To keep room beyond the end means nothing here: nothing is laid out before it is stored.
    if (data.isDirty) this.#changed(inode);
  }

  /**
   * A copy that shares its chunks; undefined when it has to be copied byte by byte: only a whole file into
   * an empty one is shared.
   */
  async share(
    source: Inode,
    target: Inode,
    range: Range & { targetOffset: number },
  ): Promise<number | undefined> {
    this.#fs.checkWritable();
    const from = dataOf(source);
    const to = dataOf(target);
    const isWhole = range.offset === 0 && range.targetOffset === 0 && range.length >= from.size;
    if (!isWhole || from.isDirty || to.size > 0 || to.isDirty || from.size === 0) return undefined;
    if (isVirtual(target) || from.base.type === 'small') return undefined;
    await to.adopt(from.base);
    this.#changed(target);
    return from.size;
  }

  /** What was written is on the medium, and the names that lead to it. */
  async sync(inode: Inode): Promise<void> {
    // At once: the disk beneath makes one of the two.
    await Promise.all([inode.data?.sync(), this.#fs.log.sync()]);
  }

  rows(handle: Handle, isFromStart: boolean): readonly Row[] {
    const { inode } = handle;
    if (!isVirtual(inode) && (isFromStart || handle.rows === undefined)) {
      handle.rows = this.#fs.list(inode);
    }
    return handle.rows ?? [];
  }

  release(number: number): void {
    const handle = this.#handles.get(number);
    if (handle === undefined) return;
    this.#handles.delete(number);
    const { inode } = handle;
    inode.handles -= 1;
    if (handle.writes) inode.writers -= 1;
    if (handle.writes && inode.writers === 0) this.#fs.publishing.content(inode);
    if (inode.handles === 0) this.#fs.released(inode);
  }

  releaseAll(): void {
    for (const number of [...this.#handles.keys()]) this.release(number);
  }

  #add(inode: Inode, writes: boolean, bytes: Buffer | undefined): Handle {
    this.#lastHandle += 1;
    const number = this.#lastHandle;
    const handle: Handle = {
      number,
      inode,
      writes,
      bytes,
      rows: undefined,
      nextOffset: 0,
      aheadBytes: 0,
    };
    this.#handles.set(number, handle);
    inode.handles += 1;
    if (writes) inode.writers += 1;
    return handle;
  }

  #changed(inode: Inode): void {
    const now: FileTime = this.#fs.now();
    if (!this.keepsTimes) inode.mtime = now;
    inode.ctime = now;
    if (!inode.isRemoved) this.#fs.publishing.touched(inode);
  }
}

function dataOf({ data, kind }: Inode): FileData {
  if (data !== undefined) return data;
  throw refusal(kind === 'directory' ? 'EISDIR' : 'EINVAL');
}

/** Doubles while the reader goes on where it stopped; a jump begins anew. */
function lookAhead(handle: Handle, { offset, length }: Range): number {
  const isSequential =
    offset === handle.nextOffset || Math.abs(offset - handle.nextOffset) <= length;
  handle.aheadBytes = isSequential
    ? Math.min(aheadBytesMax, Math.max(aheadBytesMin, handle.aheadBytes * 2))
    : 0;
  handle.nextOffset = offset + length;
  return offset === 0 && length < 64 * 1024 ? 0 : handle.aheadBytes;
}
