/**
 * Memory that readers may still look at: it is given back when nobody is left who began to read before it
 * was put aside. Readers come and go within milliseconds, so little of it waits.
 */
export class Leases {
  readonly #held = new Set<number>();
  readonly #aside: { readonly since: number; readonly free: () => void }[] = [];
  #turn = 0;

  /** Whoever reads takes one first. @returns what gives it back */
  take(): () => void {
    this.#turn += 1;
    const turn = this.#turn;
    this.#held.add(turn);
    return () => {
      this.#held.delete(turn);
      this.#freeUnused();
    };
  }

  /** Runs `free` when all leases that are held now are given back. */
  whenUnused(free: () => void): void {
    this.#aside.push({ since: this.#turn, free });
    this.#freeUnused();
  }

  #freeUnused(): void {
    // Sets keep the order in which leases were taken.
    const [oldest = Infinity] = this.#held;
    let next = this.#aside[0];
    while (next !== undefined && next.since < oldest) {
      this.#aside.shift();
      next.free();
      next = this.#aside[0];
    }
  }
}
