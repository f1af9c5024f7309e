/**
 * Who may start a handshake: a bounded number at once, fewer from one address, and not too often.
 * Whoever is turned away is reported, but not more often than a person could read. Pure.
 */
import { connections } from '../../protocol/limits.ts';
import { rateKey } from './address.ts';
import { TokenBuckets } from './token-buckets.ts';

const handshakesPerSecondPerAddress = 20;
const handshakesPerSecond = 200;
const addressesMax = 1_024;
const reportsPerSecondPerAddress = 1;

export class Gate {
  readonly #open = new Map<string, number>();
  #openCount = 0;
  readonly #perAddress = new TokenBuckets(handshakesPerSecondPerAddress, addressesMax);
  readonly #overall = new TokenBuckets(handshakesPerSecond, 1);
  readonly #reports = new TokenBuckets(reportsPerSecondPerAddress, addressesMax);

  /** Lets a connection try a handshake, or says why not. Who is let in has to `leave`. */
  enter(remote: string, nowMs: number): 'entered' | 'too many at once' | 'too often' {
    const key = rateKey(remote);
    const open = this.#open.get(key) ?? 0;
    if (this.#openCount >= connections.halfOpenMax) return 'too many at once';
    if (open >= connections.halfOpenPerAddressMax) return 'too many at once';
    if (!this.#perAddress.take(key, nowMs)) return 'too often';
    if (!this.#overall.take('', nowMs)) return 'too often';
    this.#open.set(key, open + 1);
    this.#openCount += 1;
    return 'entered';
  }

  /** The handshake is over, whichever way. */
  leave(remote: string): void {
    const key = rateKey(remote);
    const open = (this.#open.get(key) ?? 1) - 1;
    if (open === 0) this.#open.delete(key);
    else this.#open.set(key, open);
    this.#openCount -= 1;
  }

  /** Whether to report one more refusal of this address. */
  mayReport(remote: string, nowMs: number): boolean {
    return this.#reports.take(rateKey(remote), nowMs);
  }
}
