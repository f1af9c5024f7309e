/**
 * The work pool of the simulator and of unit tests: runs every job in place, with the code that the
 * worker threads run. Inputs are cloned and memory is shared, as in the product.
 */
import { createJobRunner } from '../../../agent/chunks/jobs-run.ts';
import type { WorkPool } from '../../../agent/ports.ts';
import { VaultError } from '../../../protocol/errors.ts';

export function createInlineWorkPool(): WorkPool {
  const runner = createJobRunner();
  let closed = false;
  return {
    width: 1,
    async run(name, input) {
      if (closed) throw new VaultError('closed', { op: 'work.run', subject: name });
      return runner.run(name, structuredClone(input));
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}
