/**
 * Reads that have just failed. What the kernel could not read ahead it asks for again at once, page by
 * page: whoever waited for another device once does not wait for it twice.
 */
import { isVaultError } from '../../protocol/errors.ts';
import type { ScratchClock } from '../operations/port.ts';

const rememberedMs = 1_000;
const readsMax = 16;

interface Range {
  readonly offset: number;
  readonly size: number;
}

interface Failed {
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
    node: number,
    range: Range,
    read: () => Result | Promise<Result>,
  ): Result | Promise<Result> {
    this.#check(node, range);
    const failed = (error: unknown): never => {
      if (isVaultError(error) && error.code !== 'cancelled') this.#add(node, range, error);
      throw error;
    };
    try {
      const result = read();
      return result instanceof Promise ? result.catch(failed) : result;
    } catch (error) {
      return failed(error);
    }
  }

  #add(node: number, { offset, size }: Range, error: unknown): void {
    this.#reads.delete(node);
    const untilMs = this.#clock.monotonicMs() + rememberedMs;
    this.#reads.set(node, { offset, end: offset + size, untilMs, error });
    const [oldest] = this.#reads.keys();
    if (this.#reads.size > readsMax && oldest !== undefined) this.#reads.delete(oldest);
  }

  #check(node: number, { offset, size }: Range): void {
    const failed = this.#reads.get(node);
    if (failed === undefined) return;
    const nowMs = this.#clock.monotonicMs();
    const isRecent = nowMs < failed.untilMs;
    if (!isRecent) this.#reads.delete(node);
    else if (offset >= failed.offset && offset + size <= failed.end) throw failed.error;
  }
}
