/** Which operations this device's mount has said: it has shown what they change before they were said. */
import type { Op } from '../../protocol/messages/op.ts';
import type { OpenedBatch } from '../journal/batch.ts';

export class OwnOps {
  readonly #said = new WeakSet<Op>();

  add(ops: readonly Op[]): void {
    for (const op of ops) this.#said.add(op);
  }

  /** Whether nobody else says anything in these batches. */
  areAll(batches: readonly Pick<OpenedBatch, 'body'>[]): boolean {
    return batches.every(({ body }) => body.ops.every((op) => this.#said.has(op)));
  }
}
