/**
 * Requests whose answer has to be waited for. Each gets exactly one: what its work gives, or sooner an
 * error, when its deadline is over or whoever waits is interrupted. What still comes of the work then is
 * for nobody; it goes on, since others may have asked for the same.
 */
import { VaultError } from '../../protocol/errors.ts';
import { mount as limits } from '../../protocol/limits.ts';
import { refusal } from '../errno.ts';
import type { ScratchClock } from '../operations/port.ts';
import type { Asking } from './asking.ts';
import type { Operation } from './trace.ts';

/** What only looks; the deadline of these is short. */
const looks: ReadonlySet<string> = new Set(['lookup', 'open', 'opendir', 'read', 'getxattr']);
/** Of them, what leaves nothing behind in the kernel's books or ours, so that it can end at any moment. */
const leavesNothing: ReadonlySet<string> = new Set(['read', 'getxattr']);

export interface Wait<Result> {
  readonly work: Promise<Result>;
  readonly asking: Asking;
  answered(result: Result): void;
  failed(error: unknown): void;
}

interface Row {
  readonly operation: Operation;
  readonly asking: Asking;
  /** Gives the answer before the work does. */
  end(error: unknown): void;
}

export class Waiting {
  readonly #clock: ScratchClock;
  readonly #ended: (operation: Operation, isFailed: boolean) => void;
  readonly #rows = new Map<unknown, Row>();
  #isLooking = false;

  /** @param ended hears of each operation once, when it has its answer */
  constructor(clock: ScratchClock, ended: (operation: Operation, isFailed: boolean) => void) {
    this.#clock = clock;
    this.#ended = ended;
  }

  *operations(): Iterable<Operation> {
    for (const { operation } of this.#rows.values()) yield operation;
  }

  /** @param key by which it can be interrupted */
  add<Result>(key: unknown, operation: Operation, wait: Wait<Result>): void {
    const { work, asking } = wait;
    let isOver = false;
    const over = (isFailed: boolean): boolean => {
      if (isOver) return false;
      isOver = true;
      this.#rows.delete(key);
      this.#ended(operation, isFailed);
      return true;
    };
    const end = (error: unknown): void => {
      if (!over(true)) return;
      asking.isOver = true;
      wait.failed(error);
      asking.abort();
    };
    this.#rows.set(key, { operation, asking, end });
    this.#lookLater();
    work.then(
      (result) => {
        if (over(false)) wait.answered(result);
        asking.answered();
      },
      (error: unknown) => {
        if (over(true)) wait.failed(error);
        asking.answered();
      },
    );
  }

  /** A signal has come to whoever waits. Changes go on: nobody could say whether they were made. */
  interrupt(key: unknown): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    if (leavesNothing.has(row.operation.op)) row.end(refusal('EINTR'));
    else row.asking.abort();
  }

  /** Nobody waits any more. */
  abortAll(): void {
    for (const { asking } of this.#rows.values()) {
      asking.isOver = true;
      asking.abort();
    }
  }

  /** One timer for all: most requests are answered long before it runs. */
  #lookLater(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#clock.after(limits.lookEveryMs, () => {
      this.#isLooking = false;
      this.#endOverdue();
      if (this.#rows.size > 0) this.#lookLater();
    });
  }

  #endOverdue(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const { operation, end } of [...this.#rows.values()]) {
      const timeoutMs = looks.has(operation.op) ? limits.lookTimeoutMs : limits.changeTimeoutMs;
      if (nowMs - operation.startedMs >= timeoutMs) end(overdue(operation.op, timeoutMs));
    }
  }
}

function overdue(op: string, timeoutMs: number): VaultError {
  return new VaultError('timeout', {
    op: `mount.${op}`,
    detail: `no answer in ${String(timeoutMs / 1000)} s`,
    next: 'vault why PATH says what is missing, vault doctor what is wrong with this device',
  });
}
