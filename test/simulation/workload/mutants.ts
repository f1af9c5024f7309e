/** Checks of the product without which something goes wrong, and what is found then. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunOptions } from './run.ts';

export interface Change {
  /** Of the product, below the root. */
  readonly file: string;
  /** Stands there once. */
  readonly from: string;
  readonly to: string;
}

export interface Mutant {
  /** Goes on after "without". */
  readonly name: string;
  readonly changes: readonly Change[];
  readonly found: string;
  /** The likeliest first. */
  readonly seeds: readonly number[];
  /** What is played: a simulated history, or the story of a device that is away, of two apart, or of a fold. */
  readonly options: Omit<RunOptions, 'seed'> | 'away' | 'apart' | 'folded';
}

const world = {
  devices: 2,
  liars: 1,
  rounds: 1,
  roundMs: 20_000,
  malice: { pauseMs: 4_000 },
} satisfies Omit<RunOptions, 'seed'>;

export const mutants: readonly Mutant[] = [
  {
    name: 'the hash of chunks that come in',
    changes: [
      {
        file: 'agent/replication/receive-chunk.ts',
        from: '    checkChunk(id, body);\n',
        to: '',
      },
    ],
    found: 'has a wrong chunk',
    seeds: [3, 1, 2, 4, 5, 6],
    options: { ...world, lies: ['that it holds everything', 'a chunk of which a bit is another'] },
  },
  {
    name: 'the signature of statements',
    changes: [
      {
        file: 'agent/members/sign-key.ts',
        from: 'return verify(null, message, keyObject(publicKey), signature);',
        to: 'verify(null, message, keyObject(publicKey), signature); return true;',
      },
    ],
    found: 'liar-0 joined as reader and is nobody',
    seeds: [1, 2, 3, 4],
    options: { ...world, lies: ['a statement in the name of the owner'] },
  },
  {
    name: 'the wait for all that may write, before what was released is dropped',
    changes: [
      {
        file: 'agent/replication/release-book.ts',
        from: 'release.isSettled = isWhole && waitsFor.length === 0;',
        to: 'release.isSettled = isWhole;',
      },
    ],
    found: 'cannot read the copy',
    seeds: [1],
    options: 'away',
  },
  {
    name: 'what others have seen, before old history is folded',
    changes: [
      {
        file: 'agent/vault/retention/fold-plan.ts',
        from: 'await stableVector({ ...sources, writers }, slices)',
        to: 'highest',
      },
      {
        file: 'agent/vault/retention/checkpoint-keeper.ts',
        from: "(await this.#hasSeenAll(checkpoint)) ? undefined : 'unseen'",
        to: 'undefined',
      },
    ],
    found: 'has not seen what was folded',
    seeds: [1],
    options: 'apart',
  },
  {
    name: 'a batch that names the state of what is folded',
    changes: [
      {
        file: 'agent/vault/fold/fold-issuer.ts',
        from: 'chunksAdded: pages',
        to: 'chunksAdded: []',
      },
    ],
    found: 'does not know the file that was folded',
    seeds: [1],
    options: 'folded',
  },
];

/** What the checkers say about the product without this check; empty when they find nothing. */
export async function runMutant(mutant: Mutant): Promise<string> {
  const inFolder = (name: string): string => join(import.meta.dirname, name);
  const words = ['--import', inFolder('mutant-hook.ts'), inFolder('mutant-run.ts')];
  const { stdout } = await promisify(execFile)(process.execPath, words, {
    env: { ...process.env, MUTANT: JSON.stringify(mutant) },
  });
  return stdout;
}
