/**
 * Is the other side still there? A connection that is silent for a while is pinged; one from which
 * nothing at all comes for longer is dead. The same pings measure the round trip, which the windows
 * of streams grow by.
 */
import type { RpcClock } from './rpc.ts';

export interface LivenessOptions {
  readonly pingIdleMs: number;
  readonly peerDeadMs: number;
  /** Sends a PING with this body of 8 bytes. */
  readonly ping: (body: Buffer) => void;
  readonly onDead: () => void;
}

/** Between two pings that only measure. */
const measureEveryMs = 1000;

export class Liveness {
  readonly #clock: RpcClock;
  readonly #options: LivenessOptions;
  #heardAtMs: number;
  #pingedAtMs = 0;
  #pingNumber = 0;
  #answered = true;
  #roundTripMs: number | undefined;
  #timer: { cancel(): void };

  constructor(clock: RpcClock, options: LivenessOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#heardAtMs = clock.monotonicMs();
    this.#timer = this.#check(options.pingIdleMs);
  }

  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Bytes came. */
  heard(): void {
    this.#heardAtMs = this.#clock.monotonicMs();
  }

  /** Pings for the round trip's sake, unless it was just done. */
  measure(): void {
    const sinceMs = this.#clock.monotonicMs() - this.#pingedAtMs;
    if (this.#pingNumber > 0 && (!this.#answered || sinceMs < measureEveryMs)) return;
    this.#ping();
  }

  /** A PONG came; one that answers nothing of ours is ignored. */
  pong(body: Buffer): void {
    if (this.#answered || body.readUInt32BE(4) !== this.#pingNumber) return;
    this.#answered = true;
    this.#roundTripMs = this.#clock.monotonicMs() - this.#pingedAtMs;
  }

  stop(): void {
    this.#timer.cancel();
  }

  #ping(): void {
    this.#pingNumber = (this.#pingNumber + 1) >>> 0;
    this.#pingedAtMs = this.#clock.monotonicMs();
    this.#answered = false;
    const body = Buffer.alloc(8);
    body.writeUInt32BE(this.#pingNumber, 4);
    this.#options.ping(body);
  }

  #check(delayMs: number): { cancel(): void } {
    return this.#clock.after(delayMs, () => {
      const { pingIdleMs, peerDeadMs } = this.#options;
      const silentMs = this.#clock.monotonicMs() - this.#heardAtMs;
      if (silentMs >= peerDeadMs) {
        this.#options.onDead();
        return;
      }
      if (silentMs >= pingIdleMs) this.#ping();
      const nextMs = silentMs >= pingIdleMs ? pingIdleMs : pingIdleMs - silentMs;
      this.#timer = this.#check(Math.max(1, Math.min(nextMs, peerDeadMs - silentMs)));
    });
  }
}
