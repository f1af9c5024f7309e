/**
 * A bulk file past the page cache: pieces that are appended or lent are moved by direct I/O, which
 * costs the processor almost nothing; copying into fresh pages of the cache costs more than sealing the
 * bytes. Everything else (small or inner writes, plain reads, truncation) goes over an ordinary handle
 * of the same file; the kernel keeps the two in step, since no two calls of a writer overlap.
 *
 * Direct I/O moves whole blocks. The last, partial one is written with zeros behind it, so that every
 * reader sees it at once, and again with what comes next: bytes that are there keep their place and
 * value. The file is cut to its real end when it is closed.
 */
import type { FileHandle } from 'node:fs/promises';
import { copyBytes } from '../../protocol/copy-bytes.ts';
import { KiB, MiB, store } from '../../protocol/limits.ts';
import type { DiskFile, LentBytes } from '../ports.ts';
import { lend, type BulkMemory, type Loan } from './aligned-memory.ts';
import { io, nothingAccepted, readFully, writeFully } from './file-io.ts';

export interface DirectFileParts {
  readonly path: string;
  readonly plain: FileHandle;
  /** Opened for direct I/O. */
  readonly direct: FileHandle;
  readonly memory: BulkMemory;
  /** The file system refuses direct I/O after all: from here on the file does without. */
  readonly onRefused: (error: unknown) => void;
}

const blockBytes = store.diskBlockBytes;
/** Below this an append is cheaper in the page cache. */
const directBytesMin = 64 * KiB;
const pieceBytes = 2 * MiB;

/** Takes over both handles. */
export async function createDirectFile(
  parts: DirectFileParts,
  mode: 'read' | 'write',
): Promise<DiskFile> {
  const { size } = await parts.plain.stat();
  return new DirectFile(parts, { size, mode });
}

class DirectFile implements DiskFile {
  readonly #parts: DirectFileParts;
  readonly #writable: boolean;
  /** Where what was written ends. */
  #end: number;
  /** The bytes of the last block before `#end`; undefined when they have to be read. */
  #tail: Buffer | undefined;
  /** There may be zeros behind `#end`. */
  #padded = false;
  #refused = false;

  constructor(parts: DirectFileParts, { size, mode }: { size: number; mode: 'read' | 'write' }) {
    this.#parts = parts;
    this.#end = size;
    this.#writable = mode === 'write';
  }

  read(offset: number, length: number): Promise<Buffer> {
    return io('file.read', this.#parts.path, () => {
      const wanted = this.#writable ? Math.max(0, Math.min(length, this.#end - offset)) : length;
      return readFully(this.#parts.plain, offset, Buffer.allocUnsafeSlow(wanted));
    });
  }

  readLent(offset: number, length: number): Promise<LentBytes> {
    const wanted = this.#writable ? Math.max(0, Math.min(length, this.#end - offset)) : length;
    return io('file.read', this.#parts.path, () => this.#lend(offset, wanted));
  }

  write(offset: number, parts: readonly Uint8Array[]): Promise<void> {
    return io('file.write', this.#parts.path, async () => {
      const bytes = parts.reduce((sum, { length }) => sum + length, 0);
      if (bytes === 0) return;
      const direct = !this.#refused && offset === this.#end && bytes >= directBytesMin;
      if (direct && (await this.#append(parts, bytes))) return;
      await this.#writePlain(offset, parts, bytes);
    });
  }

  sync(): Promise<void> {
    return io('file.sync', this.#parts.path, () => this.#parts.plain.datasync());
  }

  truncate(size: number): Promise<void> {
    return io('file.truncate', this.#parts.path, async () => {
      this.#tail = undefined;
      await this.#parts.plain.truncate(size);
      this.#end = size;
      this.#padded = false;
    });
  }

  size(): Promise<number> {
    return io('file.size', this.#parts.path, async () =>
      this.#writable ? this.#end : (await this.#parts.plain.stat()).size,
    );
  }

  close(): Promise<void> {
    const { plain, direct, path } = this.#parts;
    return io('file.close', path, async () => {
      // Zeros that cannot be cut now are known to whoever opens the file next.
      if (this.#padded) await plain.truncate(this.#end).catch(() => undefined);
      await Promise.all([plain.close(), direct.close()]);
    });
  }

  async #writePlain(offset: number, parts: readonly Uint8Array[], bytes: number): Promise<void> {
    this.#tail = undefined;
    await writeFully(this.#parts.plain, offset, parts);
    this.#end = Math.max(this.#end, offset + bytes);
  }

  /** False when the file system does not do it; then nothing counts as written. */
  async #append(parts: readonly Uint8Array[], bytes: number): Promise<boolean> {
    const { staging } = this.#parts.memory;
    const first = await staging.wait(pieceBytes);
    // With a second piece the next bytes are copied while the disk takes these.
    const second = staging.take(pieceBytes);
    try {
      const source = new PartsReader([await this.#readTail(), ...parts]);
      this.#padded = true;
      this.#tail = await this.#writeBlocks(
        source,
        second === undefined ? [first] : [first, second],
      );
      this.#end += bytes;
      return true;
    } catch (error) {
      this.#tail = undefined;
      if (!isRefusal(error)) throw error;
      this.#refuse(error);
      return false;
    } finally {
      staging.give(first);
      if (second !== undefined) staging.give(second);
    }
  }

  /** What already stands in the last block. */
  async #readTail(): Promise<Buffer> {
    const from = blockStart(this.#end);
    const tail = Buffer.allocUnsafeSlow(this.#end - from);
    return this.#tail ?? readFully(this.#parts.plain, from, tail);
  }

  /** Writes all of `source` from the last block on. Resolves with what stands in the last block now. */
  async #writeBlocks(source: PartsReader, pieces: readonly Buffer[]): Promise<Buffer> {
    let position = blockStart(this.#end);
    let underWay: Promise<void> = Promise.resolve();
    let tail = Buffer.alloc(0);
    try {
      for (let turn = 0; source.leftBytes > 0; turn += 1) {
        if (pieces.length === 1) await underWay;
        const piece = pieces[turn % pieces.length] as Buffer;
        const filled = source.fill(piece.subarray(0, pieceBytes));
        const end = blockEnd(filled);
        piece.fill(0, filled, end);
        tail = Buffer.from(piece.subarray(blockStart(filled), filled));
        await underWay;
        underWay = writeAligned(this.#parts.direct, position, piece.subarray(0, end));
        // It is awaited in its turn; failing earlier is not an unhandled rejection.
        underWay.catch(() => undefined);
        position += end;
      }
      await underWay;
    } finally {
      // The memory goes back only when the disk looks at it no more.
      await underWay.catch(() => undefined);
    }
    return tail;
  }

  async #lend(offset: number, length: number): Promise<LentBytes> {
    const from = blockStart(offset);
    const loan = lend(this.#parts.memory.lending, blockEnd(offset + length) - from);
    try {
      const got = await this.#readBlocks(from, loan);
      const bytes = got.subarray(offset - from, offset - from + length);
      return { bytes, release: loan.release };
    } catch (error) {
      loan.release();
      throw error;
    }
  }

  async #readBlocks(from: number, { bytes, aligned }: Loan): Promise<Buffer> {
    if (aligned && !this.#refused) {
      try {
        return await readAligned(this.#parts.direct, from, bytes);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#refuse(error);
      }
    }
    return readFully(this.#parts.plain, from, bytes);
  }

  #refuse(error: unknown): void {
    this.#refused = true;
    this.#parts.onRefused(error);
  }
}

/** Whether it says that direct I/O is not for this file, and not that the disk failed. */
export function isRefusal(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EINVAL' || code === 'EOPNOTSUPP';
}

/** Whole blocks; a short write goes on at the block that it stopped in. */
async function writeAligned(handle: FileHandle, position: number, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten < blockBytes) throw nothingAccepted();
    done += blockStart(bytesWritten);
  }
}

/** Reads until a block comes short: that is the end of the file. */
async function readAligned(handle: FileHandle, position: number, bytes: Buffer): Promise<Buffer> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done);
    done += bytesRead;
    if (bytesRead % blockBytes !== 0 || bytesRead === 0) break;
  }
  return bytes.subarray(0, done);
}

/** Copies parts one after the other, wherever one piece ends. */
class PartsReader {
  readonly #parts: readonly Uint8Array[];
  #next = 0;
  #offset = 0;
  leftBytes: number;

  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts;
    this.leftBytes = parts.reduce((sum, { length }) => sum + length, 0);
  }

  /** Fills as much of `target` as there is. @returns how many bytes */
  fill(target: Uint8Array): number {
    let filled = 0;
    for (let part = this.#parts[this.#next]; part !== undefined; part = this.#parts[this.#next]) {
      const count = Math.min(part.length - this.#offset, target.length - filled);
      copyBytes(target, filled, part.subarray(this.#offset, this.#offset + count));
      filled += count;
      this.#offset += count;
      if (this.#offset < part.length) break;
      this.#next += 1;
      this.#offset = 0;
    }
    this.leftBytes -= filled;
    return filled;
  }
}

function blockStart(offset: number): number {
  return offset - (offset % blockBytes);
}

function blockEnd(offset: number): number {
  return blockStart(offset + blockBytes - 1);
}
