/** Once a day what no rule keeps goes by itself, on one of the admins. */
import { toVaultError } from '../../../protocol/errors.ts';
import type { Clock, Log, Timer } from '../../ports.ts';
import type { Tree } from '../../namespace/tree.types.ts';
import type { Forgetting } from './forgetting.ts';
import { Slices } from '../slices.ts';
import { ruledBelow } from './rules.ts';

export interface AutomaticParts {
  readonly forgetting: Pick<Forgetting, 'forget' | 'isAllowed'>;
  readonly tree: Tree;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether no other device that is there does it. */
  readonly isOurTurn: () => boolean;
  /** Whether folding may have left something. */
  readonly isLeftOver: () => boolean;
  readonly onFailed: (reason: string) => void;
}

/** How letting go by itself stands. */
export interface AutomaticState {
  /** When it was done last; undefined: not since the agent started. */
  readonly lastMs: number | undefined;
  /** Why nothing went then. */
  readonly failed: string | undefined;
  readonly nextMs: number | undefined;
}

const firstAfterMs = 10 * 60_000;
const everyMs = 24 * 3_600_000;

export class AutomaticForgetting {
  readonly #parts: AutomaticParts;
  readonly #abort = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #nextMs: number | undefined;
  #last: { readonly atMs: number; readonly failed: string | undefined } | undefined;

  constructor(parts: AutomaticParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#after(firstAfterMs);
  }

  /** undefined: this device does not let anything go by itself. */
  get state(): AutomaticState | undefined {
    const { forgetting, isOurTurn } = this.#parts;
    if (!forgetting.isAllowed || !isOurTurn()) return undefined;
    return { lastMs: this.#last?.atMs, failed: this.#last?.failed, nextMs: this.#nextMs };
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#abort.abort();
    await this.#running;
  }

  #after(delayMs: number): void {
    this.#nextMs = this.#parts.clock.nowMs() + delayMs;
    this.#timer = this.#parts.clock.after(delayMs, () => {
      this.#running = this.#run().finally(() => {
        if (!this.#abort.signal.aborted) this.#after(everyMs);
      });
    });
  }

  async #run(): Promise<void> {
    const { forgetting, tree, isOurTurn, isLeftOver } = this.#parts;
    if (!forgetting.isAllowed || !isOurTurn()) return;
    try {
      if (isLeftOver() || (await this.#hasRules(tree)))
        await forgetting.forget([], this.#abort.signal);
      this.#ended(undefined);
    } catch (error) {
      const { code, message, detail } = toVaultError(error, 'vault.forget');
      if (code === 'cancelled') return;
      this.#parts.log.warn(
        { code, message },
        'old versions did not go; it is tried again tomorrow',
      );
      this.#ended(detail ?? message);
    }
  }

  #ended(failed: string | undefined): void {
    // What goes wrong every day is told once.
    if (failed !== undefined && failed !== this.#last?.failed) this.#parts.onFailed(failed);
    this.#last = { atMs: this.#parts.clock.nowMs(), failed };
  }

  async #hasRules(tree: Tree): Promise<boolean> {
    const slices = new Slices(this.#parts.clock, this.#abort.signal);
    const top = { node: tree.root(), path: [] };
    for await (const each of ruledBelow(tree, top, slices)) return each !== undefined;
    return false;
  }
}
