/**
 * The work pool of the simulator and of unit tests: runs every job in place, with the code that the
 * worker threads run. Transferred buffers are detached as they are in the product, so that a caller
 * who looks at one afterwards fails here too.
 */
import { createJobRunner } from '../../../agent/chunks/jobs-run.ts';
import type { WorkPool } from '../../../agent/ports.ts';
import { VaultError } from '../../../protocol/errors.ts';

export function createInlineWorkPool(): WorkPool {
  const runner = createJobRunner();
  let closed = false;
  return {
    width: 1,
    async run(name, input, transfer = []) {
      if (closed) throw new VaultError('closed', { op: 'work.run', subject: name });
      const moved = structuredClone(input, { transfer: [...transfer] });
      const { output } = await runner.run(name, moved);
      return output;
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}
