/** The past of every node, kept in memory and looked up without an index: what agent/history has to say. */
import type { Change, History } from '../../agent/history/history.types.ts';
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import type { NodeId } from '../../protocol/ids.ts';
import type { Op, OpId } from '../../protocol/messages/op.ts';

export class MemoryHistory implements History {
  readonly #changes = new Map<string, Change>();

  observe(batches: readonly OpenedBatch[]): void {
    for (const { header, author, body } of batches) {
      const { journal, sequence } = header;
      for (const [index, op] of body.ops.entries()) {
        const stamp = { wallMs: body.stamp.wallMs, counter: body.stamp.counter + index };
        const id = { journal, sequence, index };
        this.#changes.set(keyOf(id), { op: id, author, stamp, body: op });
      }
    }
  }

  changesOf(node: NodeId): Promise<readonly Change[]> {
    return Promise.resolve(this.#all(({ body }) => 'node' in body && body.node === node));
  }

  change(op: OpId): Promise<Change | undefined> {
    return Promise.resolve(this.#changes.get(keyOf(op)));
  }

  /** Not needed by those who use this one. */
  departuresFrom(): Promise<readonly Change[]> {
    return Promise.reject(new Error('departures are not kept here'));
  }

  lineageOf(node: NodeId): Promise<readonly NodeId[]> {
    const found = new Set<NodeId>([node]);
    for (const each of found) {
      for (const { body } of this.#all((change) => nodeOf(change.body) === each)) {
        const over = 'over' in body ? body.over : undefined;
        if (over !== undefined) found.add(over.node);
      }
    }
    return Promise.resolve([...found]);
  }

  #all(isWanted: (change: Change) => boolean): readonly Change[] {
    return [...this.#changes.values()]
      .filter(isWanted)
      .sort((a, b) => a.stamp.wallMs - b.stamp.wallMs || a.stamp.counter - b.stamp.counter);
  }
}

function nodeOf(op: Op): NodeId | undefined {
  return 'node' in op ? op.node : undefined;
}

function keyOf({ journal, sequence, index }: OpId): string {
  return `${journal}/${String(sequence)}/${String(index)}`;
}
