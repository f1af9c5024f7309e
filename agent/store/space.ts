/**
 * Whether there is room. Above a low-water mark writes pass; below it they are refused with a clear
 * error and a ballast file is given up, so that deleting and the index always have some. The file
 * system is asked once in so many written bytes, and from time to time while it is full.
 */
import { store } from '../../protocol/limits.ts';
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import type { Clock, Disk, Log, Timer } from '../ports.ts';
import { ballastPath } from './paths.ts';
import type { StoreNews } from './store-news.ts';

export interface SpaceOptions {
  /** 0: no ballast. */
  readonly ballastBytes: number;
  /** Below this much free space writes are refused. */
  readonly freeBytesMin: number;
}

export interface SpaceGuard {
  /** Lets `bytes` more be written. @throws VaultError `disk-full` */
  admit(bytes: number): Promise<void>;
  /** The same at once, and counted; false: `admit` has to look. */
  mayNow(bytes: number): boolean;
  /** Somebody met the end of the disk. */
  noticeFull(reason: string): Promise<void>;
  readonly full: boolean;
  /** Sees to the ballast, behind the scenes. */
  start(): void;
  close(): Promise<void>;
}

const checkEveryBytes = 16 * 1024 * 1024;
const pollMs = 5_000;
const ballastAfterMs = 5_000;
const pieceBytes = 1024 * 1024;
export const spaceDefaults: SpaceOptions = {
  ballastBytes: store.ballastBytes,
  freeBytesMin: store.freeBytesMin,
};

interface SpaceParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
  readonly news: StoreNews;
}

export function createSpaceGuard(parts: SpaceParts, options: SpaceOptions): SpaceGuard {
  const { disk, clock, log, news } = parts;
  let full = false;
  let closed = false;
  let ballast = false;
  let uncheckedBytes = checkEveryBytes;
  let poll: Timer | undefined;
  let background: Promise<void> = Promise.resolve();

  const behindTheScenes = (task: () => Promise<void>): void => {
    background = background.then(task).catch((error: unknown) => {
      log.warn({ error }, 'the ballast file could not be seen to');
    });
  };
  const releaseBallast = async (): Promise<void> => {
    ballast = false;
    await disk.remove(ballastPath);
  };
  const makeBallast = async (): Promise<void> => {
    if (closed || full || ballast || options.ballastBytes === 0) return;
    const free = await disk.freeBytes();
    if (free < 2 * (options.ballastBytes + options.freeBytesMin)) return;
    ballast = await writeBallast(disk, options.ballastBytes, () => closed);
  };
  const enterFull = (reason: string): void => {
    if (full) return;
    full = true;
    news.tell({ type: 'full', file: '', reason });
    behindTheScenes(releaseBallast);
    schedule();
  };
  const look = async (bytes: number): Promise<void> => {
    const free = await disk.freeBytes();
    uncheckedBytes = 0;
    // Space that only the ballast's absence makes is not space that came back.
    const reserve = options.freeBytesMin + (full && !ballast ? options.ballastBytes : 0);
    if (free < reserve + bytes) enterFull(`${String(free)} bytes are free`);
    else if (full) {
      full = false;
      news.tell({ type: 'space-back', file: '', reason: `${String(free)} bytes are free` });
      behindTheScenes(makeBallast);
    }
  };
  const schedule = (): void => {
    poll?.cancel();
    poll = clock.after(pollMs, () => {
      if (closed || !full) return;
      behindTheScenes(() => look(0));
      schedule();
    });
  };

  return {
    get full() {
      return full;
    },
    async admit(bytes) {
      uncheckedBytes += bytes;
      if (full || uncheckedBytes >= checkEveryBytes) await look(bytes);
      if (!full) return;
      throw new VaultError('disk-full', {
        op: 'store.write',
        detail: `less than ${String(options.freeBytesMin)} bytes would be left`,
        next: 'free some space; writing goes on by itself',
      });
    },
    mayNow(bytes) {
      if (full || uncheckedBytes + bytes >= checkEveryBytes) return false;
      uncheckedBytes += bytes;
      return true;
    },
    async noticeFull(reason) {
      enterFull(reason);
      await background;
    },
    start() {
      behindTheScenes(async () => {
        const size = await disk.sizeOf(ballastPath);
        ballast = size === options.ballastBytes && size > 0;
        if (!ballast && size !== undefined) await disk.remove(ballastPath);
      });
      if (full) return;
      // Whoever starts has better things to do first.
      poll = clock.after(ballastAfterMs, () => {
        behindTheScenes(makeBallast);
      });
    },
    async close() {
      closed = true;
      poll?.cancel();
      await background;
    },
  };
}

/** Writes a file that really takes its space; false when there was no room for it after all, or no time. */
async function writeBallast(disk: Disk, bytes: number, isOver: () => boolean): Promise<boolean> {
  await disk.remove(ballastPath);
  const file = await disk.open(ballastPath, 'create');
  try {
    for (let done = 0; done < bytes; done += pieceBytes) {
      // The next start removes what is not whole.
      if (isOver()) return false;
      await file.write(done, [ballastPiece(done, Math.min(pieceBytes, bytes - done))]);
    }
    return true;
  } catch (error) {
    if (!isVaultError(error, 'disk-full')) throw error;
    await disk.remove(ballastPath);
    return false;
  } finally {
    await file.close();
  }
}

/** Bytes that a compressing file system cannot make small: xorshift32. */
function ballastPiece(seed: number, bytes: number): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return Buffer.from(words.buffer, 0, bytes);
}
