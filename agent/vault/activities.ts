/**
 * What clients are doing at the moment, so that whoever takes something away can wait for those who may
 * have counted on it.
 */
export class Activities {
  readonly #open = new Set<Promise<void>>();

  /** Runs `work` as one activity. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const open = promise.then(() => undefined);
    this.#open.add(open);
    try {
      return await work();
    } finally {
      this.#open.delete(open);
      resolve(undefined);
    }
  }

  get count(): number {
    return this.#open.size;
  }

  /** Resolves when everything that runs now is over. */
  async settled(): Promise<void> {
    await Promise.all([...this.#open]);
  }
}
