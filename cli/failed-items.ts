/**
 * Items that failed while the others went on: each is named at once, and together they make the exit
 * status. Status 1 says that some are missing; when nothing at all was done, and for one reason, the
 * status is that reason's, as if a single item had been asked for.
 */
import type { VaultError } from '../protocol/errors.ts';
import { exitStatusOf } from '../protocol/exit-status.ts';
import type { ExitStatus } from '../protocol/exit-status.ts';

export interface FailedItems {
  readonly count: number;
  add(error: VaultError): void;
  /** @param done how many items did not fail */
  status(done: number): ExitStatus;
}

/** @param tell shows one failure */
export function createFailedItems(tell: (error: VaultError) => void): FailedItems {
  let count = 0;
  let first: VaultError | undefined;
  let oneReason = true;
  return {
    get count() {
      return count;
    },
    add(error) {
      count += 1;
      first ??= error;
      oneReason &&= error.code === first.code;
      tell(error);
    },
    status(done) {
      if (first === undefined) return 0;
      return done === 0 && oneReason ? exitStatusOf(first) : 1;
    },
  };
}
