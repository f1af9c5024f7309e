/**
 * How much work the other side may make us do: a token bucket over frames, by what each costs at most.
 * Bytes that were asked for have credit and cost next to nothing here; what is small and many costs.
 * Who sends more is read later, and who goes on like that is not read any more. It lives as long as
 * somebody knows the device, so that a new connection is no new beginning. Pure.
 */
import type { Frame } from '../frame.ts';
import { flood as limits } from '../limits.ts';

export type FloodLimits = { readonly [Name in keyof typeof limits]: number };

export class FloodGuard {
  readonly #limits: FloodLimits;
  #tokens: number;
  #atMs: number | undefined;
  /** Of the last while: decays at a fourth of the speed of time. */
  #slowedMs = 0;

  constructor(floodLimits: FloodLimits = limits) {
    this.#limits = floodLimits;
    this.#tokens = floodLimits.workPerSecond;
  }

  /** Counts what came. @returns for how long, in milliseconds, nothing more is to be read; 0: go on */
  take(work: number, nowMs: number): number {
    const { workPerSecond } = this.#limits;
    const passedMs = nowMs - (this.#atMs ?? nowMs);
    this.#atMs = nowMs;
    this.#slowedMs = Math.max(0, this.#slowedMs - passedMs / 4);
    const refilled = this.#tokens + (passedMs * workPerSecond) / 1_000;
    this.#tokens = Math.min(workPerSecond, refilled) - work;
    if (this.#tokens >= 0) return 0;
    const pauseMs = Math.ceil((-this.#tokens * 1_000) / workPerSecond);
    this.#slowedMs += pauseMs;
    return pauseMs;
  }

  /** Slowed for so long that somebody should hear of it. */
  get isNotable(): boolean {
    return this.#slowedMs >= this.#limits.notableMs;
  }

  /** Slowed for longer than any honest device would be. */
  get isTooMuch(): boolean {
    return this.#slowedMs >= this.#limits.slowedMsMax;
  }
}

/** What a frame may cost us, beside the bytes that it had credit for. */
export function workOf({ type, body }: Frame): number {
  if (type === 'open') return limits.workPerCall;
  const isBody = type === 'message' || type === 'data';
  return isBody && body.length >= limits.largeFrameBytes ? 0 : 1;
}
