/**
 * Batches while they are being filled: what use cases want to say, how much of it fits into one, and
 * who waits for the answer.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { JournalId, StatementId } from '../../protocol/ids.ts';
import { journal as journalLimits } from '../../protocol/limits.ts';
import type { NamedChunk, Op, OpId, Reissued } from '../../protocol/messages/op.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import { isOfSameContribution, withRefs } from '../journal/op-refs.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { SmallRecord, StoredBatch } from '../store/store.ts';

/** What one use case wants to say in the journal. */
export interface Publication {
  /**
   * Names that it decides about: two publications that share one never stand in the same batch,
   * because the second has to see the first.
   */
  readonly keys: readonly string[];
  /**
   * One of many that follow each other: it may wait some milliseconds for the next ones, so that they
   * share a batch, a signature and a sync.
   */
  readonly patient?: boolean;
  /** Makes the operations, against the tree as it is when its turn comes. Runs once. */
  readonly build: (tree: Tree) => Contribution;
}

/** Operations, and the chunks and small records that they name. */
export interface Contribution {
  readonly ops: readonly Op[];
  readonly chunksAdded?: readonly NamedChunk[];
  readonly chunksReused?: readonly NamedChunk[];
  readonly small?: readonly SmallRecord[];
  /** Releases that were looked at: what is needed of them is named here or was named before. */
  readonly acknowledges?: readonly StatementId[];
  /** What the operations say again, `at` counted from the first of this contribution. */
  readonly reissued?: readonly Omit<Reissued, 'at'>[];
}

export interface Waiting {
  readonly publication: Publication;
  readonly resolve: (ids: readonly OpId[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A batch being filled, and who waits for it. */
export interface Draft {
  readonly ops: Op[];
  readonly chunksAdded: NamedChunk[];
  readonly chunksReused: NamedChunk[];
  readonly small: SmallRecord[];
  smallBytes: number;
  readonly acknowledges: StatementId[];
  readonly reissued: Reissued[];
  readonly waiting: { readonly entry: Waiting; readonly first: number; readonly count: number }[];
  bytes: number;
}

export function emptyDraft(): Draft {
  return {
    ops: [],
    chunksAdded: [],
    chunksReused: [],
    small: [],
    smallBytes: 0,
    acknowledges: [],
    reissued: [],
    waiting: [],
    bytes: 0,
  };
}

export function fits(draft: Draft, contribution: Contribution): boolean {
  const ids = idCount(draft) + idCount(contribution);
  return (
    draft.bytes + sizeOf(contribution) <= journalLimits.batchOpsBytes &&
    draft.ops.length + contribution.ops.length <= journalLimits.opsPerBatchMax &&
    ids <= journalLimits.idsPerBatchMax &&
    draft.smallBytes + smallBytesOf(contribution) <= journalLimits.smallBytesPerBatchMax &&
    draft.acknowledges.length + (contribution.acknowledges?.length ?? 0) <=
      journalLimits.acknowledgesPerBatchMax &&
    draft.reissued.length < journalLimits.reissuesPerBatchMax
  );
}

export function add(draft: Draft, entry: Waiting, contribution: Contribution): void {
  const first = draft.ops.length;
  draft.waiting.push({ entry, first, count: contribution.ops.length });
  for (const note of contribution.reissued ?? []) draft.reissued.push({ ...note, at: first });
  draft.ops.push(...contribution.ops);
  draft.chunksAdded.push(...(contribution.chunksAdded ?? []));
  draft.chunksReused.push(...(contribution.chunksReused ?? []));
  draft.small.push(...(contribution.small ?? []));
  draft.smallBytes += smallBytesOf(contribution);
  draft.acknowledges.push(...(contribution.acknowledges ?? []));
  draft.bytes += sizeOf(contribution);
}

/** The operations of a draft, with names for those that name another one of their contribution. */
export function opsAt(
  draft: Draft,
  place: { readonly journal: JournalId; readonly sequence: number },
): readonly Op[] {
  if (draft.reissued.length === 0) return draft.ops;
  return draft.waiting.flatMap(({ first, count }) =>
    draft.ops
      .slice(first, first + count)
      .map((op) =>
        withRefs(op, (id) => [
          isOfSameContribution(id) ? { ...place, index: first + id.index } : id,
        ]),
      ),
  );
}

export function checkSize(contribution: Contribution): void {
  if (
    idCount(contribution) > journalLimits.idsPerBatchMax ||
    contribution.ops.length > journalLimits.opsPerBatchMax ||
    smallBytesOf(contribution) > journalLimits.smallBytesPerBatchMax
  ) {
    throw new VaultError('too-large', {
      op: 'publisher.publish',
      detail: 'one change does not fit into a batch',
      next: 'make the change in several steps',
    });
  }
}

/** Of an unchanged directory there is nothing to say: a batch for it would stay in all journals for good. */
export function saysSomething(contribution: Contribution): boolean {
  const { ops, acknowledges = [], reissued = [] } = contribution;
  return ops.length + idCount(contribution) + acknowledges.length + reissued.length > 0;
}

function idCount(part: Contribution | Draft): number {
  return (
    (part.chunksAdded?.length ?? 0) + (part.chunksReused?.length ?? 0) + (part.small?.length ?? 0)
  );
}

function smallBytesOf({ small = [] }: Contribution): number {
  return small.reduce((sum, { body }) => sum + body.length, 0);
}

/** A close guess at the encoded size: the parts of an operation that are not small and fixed. */
function sizeOf(contribution: Contribution): number {
  let bytes = 0;
  for (const op of contribution.ops) {
    bytes += 256;
    if ('name' in op) bytes += op.name.length;
    if (op.type === 'make') bytes += op.target?.length ?? 0;
    if ('attributes' in op)
      for (const value of op.attributes.xattrs?.values() ?? []) bytes += 64 + (value?.length ?? 0);
  }
  return bytes;
}

export function toStored(
  drafts: readonly Draft[],
): (batch: OpenedBatch, index: number) => StoredBatch {
  return (batch, index) => ({
    journal: batch.header.journal,
    sequence: batch.header.sequence,
    hash: batch.hash,
    previous: batch.header.previous,
    bytes: batch.bytes,
    small: drafts[index]?.small ?? [],
  });
}

export function answer(draft: Draft, batch: OpenedBatch): void {
  const { journal, sequence } = batch.header;
  for (const { entry, first, count } of draft.waiting) {
    const ids: OpId[] = [];
    for (let index = first; index < first + count; index++) ids.push({ journal, sequence, index });
    entry.resolve(ids);
  }
}
