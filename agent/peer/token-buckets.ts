/**
 * So many a second for each key, with a burst of one second's worth. The number of keys is bounded:
 * when there are too many, the one that has been quiet for longest is forgotten. Pure.
 */
export class TokenBuckets {
  readonly #perSecond: number;
  readonly #keysMax: number;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(perSecond: number, keysMax: number) {
    this.#perSecond = perSecond;
    this.#keysMax = keysMax;
  }

  /** Takes one token; false when there is none. */
  take(key: string, nowMs: number): boolean {
    const known = this.#buckets.get(key) ?? { tokens: this.#perSecond, atMs: nowMs };
    const refill = ((nowMs - known.atMs) * this.#perSecond) / 1_000;
    const tokens = Math.min(this.#perSecond, known.tokens + refill);
    const allowed = tokens >= 1;
    // Taken out and put back, so that the map is in order of use.
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, atMs: nowMs });
    this.#forgetOldest();
    return allowed;
  }

  #forgetOldest(): void {
    if (this.#buckets.size <= this.#keysMax) return;
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}
