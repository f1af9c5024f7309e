/**
 * Snapshots that were taken: each is a name for a version vector. A snapshot that was dropped stays
 * dropped, whatever comes in which order; of several that claim one id, the one whose operation has the
 * lowest name counts.
 */
import type { JournalId } from '../../protocol/ids.ts';
import type { OpId, Stamp, TakeSnapshotOp } from '../../protocol/messages/op.ts';
import { compareOps } from './records.ts';

export interface Snapshot {
  /** 32 hex digits. */
  readonly id: string;
  readonly name: string;
  /** Up to which batch of each journal the tree is meant. */
  readonly vector: ReadonlyMap<JournalId, number>;
  /** Who took it, and when. */
  readonly op: OpId;
  readonly stamp: Stamp;
}

export class SnapshotRegister {
  readonly #taken = new Map<string, Snapshot>();
  readonly #dropped = new Set<string>();

  take(op: TakeSnapshotOp, by: OpId, stamp: Stamp): void {
    const { id, name } = op;
    if (this.#dropped.has(id)) return;
    const known = this.#taken.get(id);
    if (known !== undefined && compareOps(known.op, by) <= 0) return;
    this.#taken.set(id, { id, name, vector: vectorOf(op), op: by, stamp });
  }

  drop(id: string): void {
    this.#dropped.add(id);
    this.#taken.delete(id);
  }

  /** By stamp, the oldest first. */
  list(): readonly Snapshot[] {
    return [...this.#taken.values()].sort(
      (a, b) =>
        a.stamp.wallMs - b.stamp.wallMs ||
        a.stamp.counter - b.stamp.counter ||
        compareOps(a.op, b.op),
    );
  }

  /** Puts back what `list` and `dropped` said. */
  restore(taken: readonly Snapshot[], dropped: readonly string[]): void {
    for (const snapshot of taken) this.#taken.set(snapshot.id, snapshot);
    for (const id of dropped) this.#dropped.add(id);
  }

  /** Ids that stay dropped. */
  dropped(): readonly string[] {
    return [...this.#dropped];
  }
}

function vectorOf({ vector }: TakeSnapshotOp): ReadonlyMap<JournalId, number> {
  return new Map(vector.map(({ journal, sequence }) => [journal, sequence]));
}
