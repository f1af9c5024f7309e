/** The operations that an operation names: what it replaces, supersedes, covers or buries. Pure. */
import type { JournalId } from '../../protocol/ids.ts';
import type { Op, OpId, Replaced } from '../../protocol/messages/op.ts';

const nowhere = '' as JournalId;

/**
 * Names an operation of the batch that is being made, before its number is known: the `index`-th of
 * its own contribution. The publisher puts the real name in its place.
 */
export function opOfSameContribution(index: number): OpId {
  return { journal: nowhere, sequence: 0, index };
}

export function isOfSameContribution(id: OpId): boolean {
  return id.journal === nowhere;
}

/** The same operation with other names in it: `change` gives what stands for each. */
export function withRefs(op: Op, change: (id: OpId) => readonly OpId[]): Op {
  const all = (ids: readonly OpId[]): readonly OpId[] => ids.flatMap(change);
  const makingWay = (over: Replaced | undefined): { over?: Replaced } =>
    over === undefined ? {} : { over: { ...over, heads: all(over.heads) } };
  switch (op.type) {
    case 'make':
    case 'link':
      return { ...op, ...makingWay(op.over) };
    case 'move':
      return { ...op, replaces: all(op.replaces), ...makingWay(op.over) };
    case 'write':
      return { ...op, supersedes: all(op.supersedes), replaces: all(op.replaces) };
    case 'set-attributes':
    case 'remove-directory':
      return { ...op, replaces: all(op.replaces) };
    case 'unlink':
      return { ...op, heads: all(op.heads) };
    case 'take-snapshot':
    case 'drop-snapshot':
    case 'note':
    case 'unknown':
      return op;
  }
}
