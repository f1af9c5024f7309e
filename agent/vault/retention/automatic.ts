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
}

const firstAfterMs = 10 * 60_000;
const everyMs = 24 * 3_600_000;

export class AutomaticForgetting {
  readonly #parts: AutomaticParts;
  readonly #abort = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: AutomaticParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#after(firstAfterMs);
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#abort.abort();
    await this.#running;
  }

  #after(delayMs: number): void {
    this.#timer = this.#parts.clock.after(delayMs, () => {
      this.#running = this.#run().finally(() => {
        if (!this.#abort.signal.aborted) this.#after(everyMs);
      });
    });
  }

  async #run(): Promise<void> {
    const { forgetting, tree, log, isOurTurn } = this.#parts;
    if (!forgetting.isAllowed || !isOurTurn()) return;
    try {
      if (!(await this.#hasRules(tree))) return;
      await forgetting.forget([], this.#abort.signal);
    } catch (error) {
      const { code, message } = toVaultError(error, 'vault.forget');
      if (code !== 'cancelled')
        log.warn({ code, message }, 'old versions did not go; it is tried again tomorrow');
    }
  }

  async #hasRules(tree: Tree): Promise<boolean> {
    const slices = new Slices(this.#parts.clock, this.#abort.signal);
    const top = { node: tree.root(), path: [] };
    for await (const each of ruledBelow(tree, top, slices)) return each !== undefined;
    return false;
  }
}
