/**
 * Runs the jobs of `jobs.ts`. A worker thread has one runner, and so has the simulator's inline pool:
 * both execute the same code, and a job is a function of its input.
 *
 * A keyed hash is made once a key (only the WebAssembly build needs to wait for it) and kept: that is
 * the runner's whole state.
 */
import type { HashFunction } from '../../protocol/hash.ts';
import { keyedBlake3 } from '../../protocol/hash.ts';
import type { WorkInput, WorkName, WorkOutput } from './jobs.ts';
import { runOpen } from './open-many.ts';
import { runSplit, runSplitSeal } from './split-seal.ts';
import { runStretch } from './stretch.ts';

export interface JobRunner {
  /**
   * Runs one job. Rejects with what the job throws.
   */
  run<Name extends WorkName>(name: Name, input: WorkInput<Name>): Promise<WorkOutput<Name>>;
}

type JobTable = {
  readonly [Name in WorkName]: (input: WorkInput<Name>) => Promise<WorkOutput<Name>>;
};

/** A vault has one dedupKey for its whole life; more than a few never live in one process. */
const keysMax = 8;

export function createJobRunner(): JobRunner {
  const hashes = new Map<string, HashFunction>();

  async function keyedHash(key: Uint8Array): Promise<HashFunction> {
    const name = Buffer.from(key).toString('hex');
    const known = hashes.get(name);
    if (known !== undefined) return known;
    if (hashes.size >= keysMax) hashes.clear();
    const made = await keyedBlake3(key);
    hashes.set(name, made);
    return made;
  }

  const table: JobTable = {
    split: (input) => Promise.resolve(runSplit(input)),
    splitSeal: async (input) => runSplitSeal(input, await keyedHash(input.keys.dedupKey)),
    open: async (input) =>
      runOpen(input, input.dedupKey === undefined ? undefined : await keyedHash(input.dedupKey)),
    stretch: (input) => Promise.resolve(runStretch(input)),
  };
  return { run: (name, input) => table[name](input) };
}
