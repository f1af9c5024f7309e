/**
 * How fast and how promptly one peer delivers: bytes a second over the last seconds, and the wait for
 * the first byte of an answer. The scheduler sizes windows and time limits by it. Pure.
 */
const rateSpanMs = 2_000;
const samplesMax = 32;

export class RateMeter {
  #bytesPerSecond = 0;
  #windowStartMs: number | undefined;
  #windowBytes = 0;
  readonly #firstByteMs: number[] = [];
  #nextSample = 0;

  /** Bytes arrived or left. */
  add(bytes: number, nowMs: number): void {
    this.#windowStartMs ??= nowMs;
    this.#windowBytes += bytes;
    this.#roll(nowMs);
  }

  /** What came since it began, as long as that is too short a time to know how fast. */
  get unmeasuredBytes(): number {
    return this.#bytesPerSecond === 0 ? this.#windowBytes : 0;
  }

  /** The last couple of seconds; falls to zero when nothing moves. */
  bytesPerSecond(nowMs: number): number {
    if (this.#windowStartMs !== undefined && nowMs - this.#windowStartMs > 2 * rateSpanMs) {
      this.#bytesPerSecond = 0;
      this.#windowStartMs = undefined;
      this.#windowBytes = 0;
    }
    return this.#bytesPerSecond;
  }

  /** The time between a request and the first byte of its answer. */
  sampleFirstByte(waitMs: number): void {
    this.#firstByteMs[this.#nextSample] = waitMs;
    this.#nextSample = (this.#nextSample + 1) % samplesMax;
  }

  /** undefined without samples. */
  firstByteMs(quantile: number): number | undefined {
    if (this.#firstByteMs.length === 0) return undefined;
    const sorted = [...this.#firstByteMs].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))];
  }

  #roll(nowMs: number): void {
    const startMs = this.#windowStartMs ?? nowMs;
    const spanMs = nowMs - startMs;
    if (spanMs < rateSpanMs / 10) return;
    const measured = (this.#windowBytes * 1_000) / spanMs;
    // A young estimate follows at once, an old one moves by the share of the span that passed.
    const weight = this.#bytesPerSecond === 0 ? 1 : Math.min(1, spanMs / rateSpanMs);
    this.#bytesPerSecond += (measured - this.#bytesPerSecond) * weight;
    this.#windowStartMs = nowMs;
    this.#windowBytes = 0;
  }
}
