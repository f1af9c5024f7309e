/**
 * What was written to a bulk file is on its way to the disk at once, and leaves the page cache when it is there:
 * so the medium works while more is coming, and the same few pages of memory are written again and again. Left to
 * itself the kernel waits until a sync, and takes fresh memory for every byte: 1 GiB cost a virtual machine 1.2 to
 * 1.9 s of processor time so, and 0.4 s this way.
 *
 * It is advice. Nothing becomes durable by it, no error is told to it (the next sync has them), and where
 * `posix_fadvise` is not to be had (the optional package koffi), all is as it was.
 */
import { promisify } from 'node:util';
import { MiB, store } from '../../protocol/limits.ts';

/** For the kernel: write out what is dirty in this range, and keep nothing of what is not. */
export type DropPages = (descriptor: number, offset: number, bytes: number) => Promise<unknown>;

const pageBytes = store.diskBlockBytes;
/** Fewer are not worth a call; what a lone small write leaves in the cache is little. */
const adviseEveryBytes = 4 * MiB;
/** POSIX_FADV_DONTNEED of fcntl.h on the machines that the package brings a runtime for. */
const dontNeed = 4;

/** @returns undefined where there is no such call */
export async function loadDropPages(): Promise<DropPages | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const { default: koffi } = await import('koffi');
    const advise = koffi.load(null).func('int posix_fadvise(int, int64_t, int64_t, int)');
    const call = promisify(advise.async) as (...values: readonly number[]) => Promise<number>;
    return (descriptor, offset, bytes) => call(descriptor, offset, bytes, dontNeed);
  } catch {
    return undefined;
  }
}

/** Of one file, which is written from its beginning to its end, more or less. */
export class WrittenPages {
  readonly #descriptor: number;
  readonly #load: () => Promise<DropPages | undefined>;
  #writtenTo: number | undefined;
  /** What lies before it is at least on its way to the disk. */
  #startedTo = 0;
  /** What lies before it was dropped once it was on the disk. */
  #droppedTo = 0;
  #running: Promise<void> | undefined;

  /** @param load asked once there is something to advise */
  constructor(descriptor: number, load: () => Promise<DropPages | undefined>) {
    this.#descriptor = descriptor;
    this.#load = load;
  }

  /** Where what was written ends; `undefined` before the first write. */
  get end(): number | undefined {
    return this.#writtenTo;
  }

  /** To be told after the write. */
  wrote(offset: number, bytes: number): void {
    if (this.#writtenTo === undefined) this.#startedTo = this.#droppedTo = pageStart(offset);
    this.#writtenTo = Math.max(this.#writtenTo ?? 0, offset + bytes);
    const [from, to] = [this.#startedTo, pageStart(this.#writtenTo)];
    if (to - from < adviseEveryBytes || this.#running !== undefined) return;
    this.#startedTo = to;
    this.#advise(from, to);
  }

  /** To be told after the sync. @param end as it was before */
  synced(end: number | undefined): void {
    // The last page is left: more may come into it, and it would be read for that.
    const [from, to] = [this.#droppedTo, pageStart(end ?? 0)];
    if (to - from < adviseEveryBytes) return;
    this.#droppedTo = to;
    this.#startedTo = Math.max(this.#startedTo, to);
    this.#advise(from, to);
  }

  /** The descriptor may be closed afterwards. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** One after the other: they are of one file, and other work waits for the same threads. */
  #advise(from: number, to: number): void {
    const advice = async (): Promise<void> => {
      const drop = await this.#load();
      await drop?.(this.#descriptor, from, to - from);
    };
    const run: Promise<void> = (this.#running ?? Promise.resolve())
      .then(advice)
      // It was advice: what did not reach the kernel costs memory, and nothing else.
      .catch(() => undefined)
      .then(() => {
        if (this.#running === run) this.#running = undefined;
      });
    this.#running = run;
  }
}

function pageStart(offset: number): number {
  return offset - (offset % pageBytes);
}
