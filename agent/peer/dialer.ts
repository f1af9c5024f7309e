/**
 * Keeps trying devices that are not connected, and addresses whose device nobody knows yet: each at
 * its own pace, one address after the other, a few at once. News of an address starts over at once.
 */
import { toVaultError, VaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import type { Clock, Random, Timer } from '../ports.ts';
import { Backoff } from './backoff.ts';

const dialsAtOnceMax = 8;

/** Somebody to reach: a device, or whoever answers at an address. */
export type Target =
  | { readonly type: 'device'; readonly device: DeviceId }
  | { readonly type: 'address'; readonly address: string };

export interface DialerParts {
  readonly clock: Clock;
  readonly random: Random;
  /** What to try now, likeliest first. */
  addressesOf(target: Target): readonly string[];
  /** Nobody has to be reached: connected, or ourselves. */
  isDone(target: Target): boolean;
  /** One attempt, up to an authenticated connection. */
  connect(address: string, signal: AbortSignal): Promise<void>;
}

export interface TargetState {
  readonly lastError: string | undefined;
  /** Monotonic. */
  readonly nextAttemptMs: number | undefined;
}

interface Attempt {
  readonly target: Target;
  readonly backoff: Backoff;
  timer: Timer | undefined;
  nextAttemptMs: number | undefined;
  lastError: string | undefined;
  running: boolean;
  /** News came while it ran. */
  again: boolean;
}

export class Dialer {
  readonly #parts: DialerParts;
  readonly #attempts = new Map<string, Attempt>();
  readonly #abort = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(parts: DialerParts) {
    this.#parts = parts;
  }

  /** Tries as soon as there is something to try; `afterMs` lets the other side go first. */
  seek(target: Target, afterMs = 0): void {
    const attempt = this.#of(target);
    if (!attempt.running && attempt.timer === undefined) this.#schedule(attempt, afterMs);
  }

  /** There is a new address, or another reason to hope: at once, and from the shortest wait on. */
  encourage(target: Target): void {
    const attempt = this.#of(target);
    attempt.backoff.reset();
    if (attempt.running) attempt.again = true;
    else this.#schedule(attempt, 0);
  }

  /** There is a reason not to hurry. */
  discourage(target: Target, reason: string): void {
    const attempt = this.#of(target);
    attempt.backoff.exhaust();
    attempt.lastError = reason;
    if (!attempt.running) this.#schedule(attempt, attempt.backoff.next());
  }

  /** It is connected. */
  settled(target: Target): void {
    const attempt = this.#attempts.get(keyOf(target));
    attempt?.timer?.cancel();
    this.#attempts.delete(keyOf(target));
  }

  state(target: Target): TargetState | undefined {
    return this.#attempts.get(keyOf(target));
  }

  close(): void {
    this.#abort.abort();
    for (const attempt of this.#attempts.values()) attempt.timer?.cancel();
    this.#attempts.clear();
  }

  #of(target: Target): Attempt {
    const key = keyOf(target);
    let attempt = this.#attempts.get(key);
    if (attempt === undefined) {
      attempt = {
        target,
        backoff: new Backoff(() => this.#parts.random.fraction()),
        timer: undefined,
        nextAttemptMs: undefined,
        lastError: undefined,
        running: false,
        again: false,
      };
      this.#attempts.set(key, attempt);
    }
    return attempt;
  }

  #schedule(attempt: Attempt, delayMs: number): void {
    if (this.#abort.signal.aborted) return;
    attempt.timer?.cancel();
    attempt.nextAttemptMs = this.#parts.clock.monotonicMs() + delayMs;
    attempt.timer = this.#parts.clock.after(delayMs, () => {
      attempt.timer = undefined;
      attempt.nextAttemptMs = undefined;
      void this.#try(attempt);
    });
  }

  async #try(attempt: Attempt): Promise<void> {
    attempt.running = true;
    attempt.again = false;
    await this.#enter();
    for (const address of this.#parts.addressesOf(attempt.target)) {
      if (this.#parts.isDone(attempt.target) || this.#abort.signal.aborted) break;
      attempt.lastError = await this.#dial(address);
    }
    this.#leave();
    attempt.running = false;
    if (this.#parts.isDone(attempt.target)) this.settled(attempt.target);
    else this.#schedule(attempt, attempt.again ? 0 : attempt.backoff.next());
  }

  async #dial(address: string): Promise<string | undefined> {
    try {
      await this.#parts.connect(address, this.#abort.signal);
      return undefined;
    } catch (error) {
      const failure = toVaultError(error, 'peer.dial', address);
      return failure instanceof VaultError ? failure.message : undefined;
    }
  }

  async #enter(): Promise<void> {
    while (this.#running >= dialsAtOnceMax) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
  }

  #leave(): void {
    this.#running -= 1;
    this.#waiting.shift()?.();
  }
}

function keyOf(target: Target): string {
  return target.type === 'device' ? target.device : `at ${target.address}`;
}
