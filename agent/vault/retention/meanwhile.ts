/** Contents that operations between two moments took the place of, buried or brought. */
import type { JournalId } from '../../../protocol/ids.ts';
import type { Content, Op, OpId } from '../../../protocol/messages/op.ts';
import type { BatchSource } from '../../history/history.types.ts';
import { stateVersions } from '../../namespace/state/state-versions.ts';
import type { JournaledTree } from '../../namespace/tree.ts';

type Vector = ReadonlyMap<JournalId, number>;

export interface ReplacedParts {
  readonly source: BatchSource;
  /** The tree that the journals begin with; undefined: nothing is folded. */
  readonly folded?: () => Promise<JournaledTree | undefined>;
}

/** @throws VaultError `damaged`, `io` */
export async function* replacedSince(
  { source, folded }: ReplacedParts,
  from: Vector,
  to: Vector,
): AsyncGenerator<Content> {
  let isOfState = false;
  for (const [journal, last] of to) {
    const first = from.get(journal) ?? 0;
    if (first >= last) continue;
    for await (const batch of source.read(journal, first)) {
      if (batch.header.sequence > last) break;
      for (const op of batch.body.ops) {
        if ('content' in op && op.content !== undefined) yield op.content;
        for (const name of versionsNamedBy(op)) {
          if (isFolded(source, name)) isOfState = true;
          else yield* contentOf(source, name);
        }
      }
    }
  }
  // Which one it was is not worth looking for: all that the state has stays in use this time.
  const begun = isOfState ? await folded?.() : undefined;
  for (const { versions } of begun === undefined ? [] : stateVersions(begun))
    for (const { content } of versions) yield content;
}

function isFolded(source: BatchSource, { journal, sequence }: OpId): boolean {
  return sequence <= (source.beginningOf?.(journal)?.sequence ?? 0);
}

function versionsNamedBy(op: Op): readonly OpId[] {
  switch (op.type) {
    case 'write':
      return op.supersedes;
    case 'unlink':
      return op.heads;
    default:
      return 'over' in op ? (op.over?.heads ?? []) : [];
  }
}

async function* contentOf(
  source: BatchSource,
  { journal, sequence, index }: OpId,
): AsyncGenerator<Content> {
  for await (const batch of source.read(journal, sequence - 1)) {
    const op = batch.header.sequence === sequence ? batch.body.ops[index] : undefined;
    if (op !== undefined && 'content' in op && op.content !== undefined) yield op.content;
    return;
  }
}
