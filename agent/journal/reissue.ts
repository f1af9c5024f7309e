/**
 * Issuing operations again that stand in a batch which may never count: the new ones mean the same.
 * They are about the same nodes and entries, so nothing appears twice, and what concurrent operations
 * of other devices and of the other branch do to them is decided by the rules of the tree as ever.
 *
 * What an old one names in a batch that was issued again is named as what stands for it now, and never
 * by its old name: on another branch, which may come to count, that is the name of another operation.
 */
import type { JournalId } from '../../protocol/ids.ts';
import { journal as limits } from '../../protocol/limits.ts';
import type { Op, OpId } from '../../protocol/messages/op.ts';
import { opOfSameContribution, withRefs } from './op-refs.ts';

/** A batch of which operations are said again. */
export interface OldBatch {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly ops: readonly Op[];
}

/** Operations of one batch: `first` to `first + count - 1`. */
export interface OpRange {
  readonly first: number;
  readonly count: number;
}

/**
 * The operations of a range again, one for one.
 * @param standIn what stands for an operation outside of the range: itself, or the one that says it
 *   again; undefined when there is none any more
 */
export function opsAgain(
  { journal, sequence, ops }: OldBatch,
  { first, count }: OpRange,
  standIn: (id: OpId) => OpId | undefined,
): readonly Op[] {
  const change = (id: OpId): readonly OpId[] => {
    const isNear = id.journal === journal && id.sequence === sequence;
    if (isNear && id.index >= first && id.index < first + count) {
      return [opOfSameContribution(id.index - first)];
    }
    const other = standIn(id);
    return other === undefined ? [] : [other];
  };
  return ops.slice(first, first + count).map((op) => withRefs(op, change));
}

/** The operations of a batch in ranges that fit into a batch each with room to spare. */
export function rangesOf(ops: readonly Op[], opsMax = limits.opsPerBatchMax / 4): OpRange[] {
  const ranges: OpRange[] = [];
  for (let first = 0; first < ops.length; first += opsMax) {
    ranges.push({ first, count: Math.min(opsMax, ops.length - first) });
  }
  return ranges;
}
