/**
 * A bulk file that is read past the page cache: bytes that are lent are moved by direct I/O, which costs the
 * processor almost nothing and leaves the cache to others. Everything else goes over an ordinary handle of
 * the same file, which also is what writes are for: the kernel writes dirty pages with more requests on
 * their way than one writer has, and keeps the two in step.
 *
 * Direct I/O moves whole blocks.
 */
import type { FileHandle } from 'node:fs/promises';
import { store } from '../../protocol/limits.ts';
import type { DiskFile, LentBytes } from '../ports.ts';
import { lend, type AlignedMemory, type Loan } from './aligned-memory.ts';
import { io, readFully } from './file-io.ts';

export interface DirectFileParts {
  readonly path: string;
  /** The same file, over an ordinary handle. */
  readonly plain: DiskFile;
  readonly plainHandle: FileHandle;
  /** Opened for direct I/O. */
  readonly direct: FileHandle;
  readonly memory: AlignedMemory;
  /** The file system refuses direct I/O after all: from here on the file does without. */
  readonly onRefused: (error: unknown) => void;
}

const blockBytes = store.diskBlockBytes;

/** Takes over all handles. */
export function createDirectFile(parts: DirectFileParts): DiskFile {
  const { path, plain, direct } = parts;
  const reader = new DirectReader(parts);
  return {
    ...plain,
    readLent: (offset, length) => io('file.read', path, () => reader.lend(offset, length)),
    close: () =>
      io('file.close', path, async () => {
        await Promise.all([plain.close(), direct.close()]);
      }),
  };
}

class DirectReader {
  readonly #parts: DirectFileParts;
  #refused = false;

  constructor(parts: DirectFileParts) {
    this.#parts = parts;
  }

  async lend(offset: number, length: number): Promise<LentBytes> {
    const from = blockStart(offset);
    const loan = lend(this.#parts.memory, blockEnd(offset + length) - from);
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
        this.#refused = true;
        this.#parts.onRefused(error);
      }
    }
    return readFully(this.#parts.plainHandle, from, bytes);
  }
}

/** Whether it says that direct I/O is not for this file, and not that the disk failed. */
export function isRefusal(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EINVAL' || code === 'EOPNOTSUPP';
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

function blockStart(offset: number): number {
  return offset - (offset % blockBytes);
}

function blockEnd(offset: number): number {
  return blockStart(offset + blockBytes - 1);
}
