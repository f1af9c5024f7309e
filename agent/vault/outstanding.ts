/** Counts what is on its way, for those who wait until there is less of it. */
export class Outstanding {
  #count = 0;
  #waiting: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  begin(): void {
    this.#count++;
  }

  end(): void {
    this.#count--;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Resolves when no more than `count` are on their way. */
  async atMost(count: number): Promise<void> {
    while (this.#count > count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
