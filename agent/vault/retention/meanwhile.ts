/** Contents that operations between two moments took the place of, buried or brought. */
import type { JournalId } from '../../../protocol/ids.ts';
import type { Content, Op, OpId } from '../../../protocol/messages/op.ts';
import type { BatchSource } from '../../history/history.types.ts';

type Vector = ReadonlyMap<JournalId, number>;

/** @throws VaultError `damaged`, `io` */
export async function* replacedSince(
  { source }: { readonly source: BatchSource },
  from: Vector,
  to: Vector,
): AsyncGenerator<Content> {
  for (const [journal, last] of to) {
    const first = from.get(journal) ?? 0;
    if (first >= last) continue;
    for await (const batch of source.read(journal, first)) {
      if (batch.header.sequence > last) break;
      for (const op of batch.body.ops) {
        if ('content' in op && op.content !== undefined) yield op.content;
        for (const name of versionsNamedBy(op)) yield* contentOf(source, name);
      }
    }
  }
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
