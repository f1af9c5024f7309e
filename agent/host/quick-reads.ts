/**
 * Whether small pieces of files are worth reading at once, in the event loop: what stands in the page
 * cache is there sooner than a thread that would fetch it, and what has to come from a fast disk as well.
 * A disk that lets the loop wait is asked through threads for a while.
 */
const slowMs = 2;
const threadsAfterSlow = 16;

export class QuickReads {
  #throughThreads = 0;

  /** @returns undefined: through a thread, this time */
  try<Result>(read: () => Result): Result | undefined {
    if (this.#throughThreads > 0) {
      this.#throughThreads -= 1;
      return undefined;
    }
    const startMs = performance.now();
    const result = read();
    if (performance.now() - startMs > slowMs) this.#throughThreads = threadsAfterSlow;
    return result;
  }
}
