/** What leaves this device waits here for the pace, in the order of coming. */
import type { DeviceId } from '../../protocol/ids.ts';
import { KiB } from '../../protocol/limits.ts';
import type { Clock, Timer } from '../ports.ts';
import type { Flow } from './flow.ts';
import type { OutGate } from './serve.ts';

const pieceBytesMin = 1 * KiB;
const pieceBytesMax = 64 * KiB;

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

export class PaceQueue {
  readonly #flow: Flow;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  #timer: Timer | undefined;

  constructor(flow: Flow, clock: Clock) {
    this.#flow = flow;
    this.#clock = clock;
    flow.onChange(() => {
      this.look();
    });
  }

  /** For one peer. */
  gate(device: DeviceId): OutGate {
    return {
      isHeld: () => this.#flow.isHeld('out', device),
      nowMs: () => this.#clock.monotonicMs(),
      pieceBytes: () => pieceBytes(this.#flow.out.bytesPerSecond),
      take: (bytes, signal) => this.take(bytes, signal),
    };
  }

  /** Resolves when so many bytes may go, or nobody wants them any more. */
  take(bytes: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const one: Waiting = { bytes, go: end };
      const leave = (): void => {
        this.#waiting.delete(one);
        end();
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(one);
      this.look();
    });
  }

  /** The pace may be another one now. */
  look(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const one of this.#waiting) {
      const nowMs = this.#clock.monotonicMs();
      const waitMs = this.#flow.out.waitMs(nowMs);
      if (waitMs > 0) {
        this.#timer = this.#clock.after(waitMs, () => {
          this.look();
        });
        return;
      }
      this.#flow.out.take(one.bytes, nowMs);
      this.#waiting.delete(one);
      one.go();
    }
  }
}

/** Of an eighth of a second. */
function pieceBytes(bytesPerSecond: number | undefined): number | undefined {
  if (bytesPerSecond === undefined) return undefined;
  return Math.min(pieceBytesMax, Math.max(pieceBytesMin, Math.floor(bytesPerSecond / 8)));
}
