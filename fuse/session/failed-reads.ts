/**
 * Reads that have just failed. What the kernel could not read ahead it asks for again at once, page by
 * page: whoever waited for another device once does not wait for it twice. Somebody else is not told so: the
 * other device may be back.
 */
import { isVaultError } from '../../protocol/errors.ts';
import type { ScratchClock } from '../operations/port.ts';
import type { Header } from '../protocol/request.ts';

const rememberedMs = 1_000;
const readsMax = 16;

interface Range {
  readonly offset: number;
  readonly size: number;
}

/** The file, and the process that reads it. */
export type Reader = Pick<Header, 'node' | 'pid'>;

interface Failed {
  readonly pid: number;
  readonly offset: number;
  readonly end: number;
  readonly untilMs: number;
  readonly error: unknown;
}

export class FailedReads {
  readonly #clock: Pick<ScratchClock, 'monotonicMs'>;
  /** By the number of the node, the oldest first. */
  readonly #reads = new Map<number, Failed>();

  constructor(clock: Pick<ScratchClock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** @throws what `read` throws, or has just thrown for these bytes */
  watch<Result>(
    reader: Reader,
    range: Range,
    read: () => Result | Promise<Result>,
  ): Result | Promise<Result> {
    this.#check(reader, range);
    const failed = (error: unknown): never => {
      if (isVaultError(error) && error.code !== 'cancelled') this.#add(reader, range, error);
      throw error;
    };
    try {
      const result = read();
      return result instanceof Promise ? result.catch(failed) : result;
    } catch (error) {
      return failed(error);
    }
  }

  #add({ node, pid }: Reader, { offset, size }: Range, error: unknown): void {
    this.#reads.delete(node);
    const untilMs = this.#clock.monotonicMs() + rememberedMs;
    this.#reads.set(node, { pid, offset, end: offset + size, untilMs, error });
    const [oldest] = this.#reads.keys();
    if (this.#reads.size > readsMax && oldest !== undefined) this.#reads.delete(oldest);
  }

  #check({ node, pid }: Reader, { offset, size }: Range): void {
    const failed = this.#reads.get(node);
    if (failed?.pid !== pid) return;
    const nowMs = this.#clock.monotonicMs();
    const isRecent = nowMs < failed.untilMs;
    if (!isRecent) this.#reads.delete(node);
    else if (offset >= failed.offset && offset + size <= failed.end) throw failed.error;
  }
}
