/**
 * Whether small pieces of files are worth reading at once, in the event loop: what stands in the page
 * cache is there sooner than a thread that would fetch it, and what has to come from a fast disk as well.
 * A disk that lets the loop wait is asked through threads for a while. Once does not count: on a busy
 * machine that was a turn of somebody else.
 */
const slowMs = 2;
const slowInRowMax = 2;
const threadsAfterSlow = 16;

export class QuickReads {
  readonly #nowMs: () => number;
  #throughThreads = 0;
  #slowInRow = 0;

  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** @returns undefined: through a thread, this time */
  try<Result>(read: () => Result): Result | undefined {
    if (this.#throughThreads > 0) {
      this.#throughThreads -= 1;
      return undefined;
    }
    const startMs = this.#nowMs();
    const result = read();
    this.#slowInRow = this.#nowMs() - startMs > slowMs ? this.#slowInRow + 1 : 0;
    if (this.#slowInRow === slowInRowMax) {
      this.#throughThreads = threadsAfterSlow;
      this.#slowInRow = 0;
    }
    return result;
  }
}
