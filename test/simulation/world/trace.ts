/**
 * Everything that happened in a simulated world, as one running hash: bytes on the network, writes to
 * disks, results of calls. Two runs of a seed have the same digest, or something real was awaited.
 * With `keepLines` each event can be looked at, to find where two runs part.
 */
import { createHash } from 'node:crypto';

export interface TraceOptions {
  readonly nowMs: () => number;
  /** @default false */
  readonly keepLines?: boolean | undefined;
}

export class Trace {
  readonly lines: string[] = [];
  readonly #options: TraceOptions;
  readonly #hash = createHash('sha256');
  #events = 0;

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  get events(): number {
    return this.#events;
  }

  /** One event at `place`; `bytes` are hashed, not kept. */
  note(place: string, what: string, bytes: readonly Uint8Array[] = []): void {
    this.#events += 1;
    const head = `${String(this.#options.nowMs())} ${place} ${what}`;
    this.#hash.update(`${head}\n`);
    for (const part of bytes) this.#hash.update(part);
    if (this.#options.keepLines !== true) return;
    const size = bytes.reduce((sum, part) => sum + part.length, 0);
    const body = createHash('sha256');
    for (const part of bytes) body.update(part);
    this.lines.push(`${head} ${String(size)} ${body.digest('hex').slice(0, 12)}`);
  }

  /** Hex, of everything so far. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
