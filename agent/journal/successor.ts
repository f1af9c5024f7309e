/** The chain of a journal: sequence numbers without gaps, each batch naming the hash of the one before. */
import type { BatchHash } from '../../protocol/ids.ts';
import type { VerifiedBatch } from './batch.ts';

/** The newest batch of a journal that is here. */
export interface ChainTip {
  readonly sequence: number;
  readonly hash: BatchHash;
}

/**
 * How a batch stands to the tip of its journal:
 * - `next` continues it;
 * - `known` is the tip itself;
 * - `past` has a number that the journal is beyond: a copy or a fork, as the stored hash of that
 *   number tells;
 * - `gap` comes later: batches in between are missing;
 * - `fork` contradicts the tip: the journal has two batches of one number, here or just before.
 */
export type Successor = 'next' | 'known' | 'past' | 'gap' | 'fork';

export function checkSuccessor(tip: ChainTip | undefined, batch: VerifiedBatch): Successor {
  const { sequence, previous } = batch.header;
  const tipSequence = tip?.sequence ?? 0;
  if (sequence > tipSequence + 1) return 'gap';
  if (sequence < tipSequence) return 'past';
  if (sequence === tipSequence) return batch.hash === tip?.hash ? 'known' : 'fork';
  return previous === tip?.hash ? 'next' : 'fork';
}
