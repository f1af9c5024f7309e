/**
 * Who may start a handshake: a bounded number at once, fewer from one address, and not too often. When
 * all places are taken, one of those who hold them goes, chosen at random: whoever fills them with
 * silence cannot keep an honest device out, which is through in a moment. Whoever is turned away is
 * reported, but not more often than a person could read. Pure.
 */
import { connections } from '../../protocol/limits.ts';
import { rateKey } from './address.ts';
import { TokenBuckets } from './token-buckets.ts';

const handshakesPerSecondPerAddress = 20;
const handshakesPerSecond = 200;
const addressesMax = 1_024;
const reportsPerSecondPerAddress = 1;

/** Somebody in the middle of a handshake. */
export interface Visitor {
  /** `host:port`. */
  readonly remote: string;
  /** Its place is wanted for somebody else. */
  drop(): void;
}

export class Gate {
  readonly #open = new Map<string, Set<Visitor>>();
  #openCount = 0;
  readonly #fraction: () => number;
  readonly #perAddress = new TokenBuckets(handshakesPerSecondPerAddress, addressesMax);
  readonly #overall = new TokenBuckets(handshakesPerSecond, 1);
  readonly #reports = new TokenBuckets(reportsPerSecondPerAddress, addressesMax);

  /** @param fraction 0 <= x < 1, for the choice of who goes */
  constructor(fraction: () => number) {
    this.#fraction = fraction;
  }

  /** Lets somebody try a handshake, or says why not. Who is let in has to `leave`. */
  enter(visitor: Visitor, nowMs: number): 'entered' | 'too often' {
    const key = rateKey(visitor.remote);
    if (!this.#perAddress.take(key, nowMs)) return 'too often';
    if (!this.#overall.take('', nowMs)) return 'too often';
    const same = this.#open.get(key) ?? new Set();
    if (same.size >= connections.halfOpenPerAddressMax) this.#dropOneOf([...same]);
    else if (this.#openCount >= connections.halfOpenMax) {
      this.#dropOneOf([...this.#open.values()].flatMap((visitors) => [...visitors]));
    }
    this.#open.set(key, same.add(visitor));
    this.#openCount += 1;
    return 'entered';
  }

  /** The handshake is over, whichever way. */
  leave(visitor: Visitor): void {
    const key = rateKey(visitor.remote);
    const same = this.#open.get(key);
    if (same?.delete(visitor) !== true) return;
    this.#openCount -= 1;
    if (same.size === 0) this.#open.delete(key);
  }

  #dropOneOf(visitors: readonly Visitor[]): void {
    const victim = visitors[Math.floor(this.#fraction() * visitors.length)];
    if (victim === undefined) return;
    this.leave(victim);
    victim.drop();
  }

  /** Whether to report one more refusal of this address. */
  mayReport(remote: string, nowMs: number): boolean {
    return this.#reports.take(rateKey(remote), nowMs);
  }
}
