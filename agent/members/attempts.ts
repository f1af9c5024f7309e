/**
 * How often a passphrase may be tried: a few times in a row, then after pauses that grow. Each try costs
 * what scrypt costs anyway; this keeps a program on the control socket from trying for ever. Pure.
 */
const freeTries = 5;
const pauseMsMin = 1_000;
const pauseMsMax = 60_000;

export class Attempts {
  #failures = 0;
  #notBeforeMs = 0;

  /** How long to wait before the next try; 0: none. */
  pauseMs(nowMs: number): number {
    return Math.max(0, this.#notBeforeMs - nowMs);
  }

  failed(nowMs: number): void {
    this.#failures += 1;
    const beyond = this.#failures - freeTries;
    if (beyond < 0) return;
    this.#notBeforeMs = nowMs + Math.min(pauseMsMax, pauseMsMin * 2 ** Math.min(beyond, 16));
  }

  succeeded(): void {
    this.#failures = 0;
    this.#notBeforeMs = 0;
  }
}
