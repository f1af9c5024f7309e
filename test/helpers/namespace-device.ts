/**
 * One device of a random history: a tree, a clock that may be wrong by years, the journal it writes, what
 * it saved of its tree, and a backup of its home.
 */
import assert from 'node:assert/strict';
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import { createHybridClock, type HybridClock } from '../../agent/namespace/clock.ts';
import { createTree, type JournaledTree, type TreeOptions } from '../../agent/namespace/tree.ts';
import {
  journalId,
  type DeviceId,
  type IncarnationId,
  type JournalId,
  type NodeId,
} from '../../protocol/ids.ts';
import type { BatchBody, Op, Seen, Stamp } from '../../protocol/messages/op.ts';
import type { Dice } from './dice.ts';
import { SavedTree } from './saved-trees.ts';

/** No clock follows a stamp that is further ahead of its own time. */
const followedMs = 10 * 60_000;
const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

/** What a copy of the whole home holds. */
export interface Backup {
  readonly journal: JournalId;
  readonly vector: ReadonlyMap<JournalId, number>;
  readonly nodes: readonly NodeId[];
}

export interface DeviceOptions {
  readonly isFaulty: boolean;
  readonly tree: TreeOptions;
  /** True time. */
  readonly nowMs: () => number;
}

export class HistoryDevice {
  readonly id: DeviceId;
  readonly isFaulty: boolean;
  tree: JournaledTree;
  journal: JournalId;
  backup: Backup | undefined;
  /** Who is in another part of a divided network is not reached. */
  part = 0;
  /** Nodes that it made; some are gone by now. */
  nodes: NodeId[] = [];
  readonly #options: DeviceOptions;
  #skewMs: number;
  #clock: HybridClock;
  #seen = new Map<JournalId, number>();
  #saved: SavedTree | undefined;

  constructor(dice: Dice, options: DeviceOptions) {
    this.#options = options;
    this.isFaulty = options.isFaulty;
    this.id = dice.hex(16) as DeviceId;
    this.journal = this.newJournal(dice);
    this.#skewMs = someSkewMs(dice);
    this.tree = createTree(options.tree);
    this.#clock = this.#newClock();
  }

  newJournal(dice: Dice): JournalId {
    this.journal = journalId(this.id, dice.hex(8) as IncarnationId);
    this.#seen = new Map();
    return this.journal;
  }

  wallMs(): number {
    return this.#options.nowMs() + this.#skewMs;
  }

  setClock(dice: Dice): void {
    this.#skewMs = someSkewMs(dice);
  }

  honestBody(ops: readonly Op[]): BatchBody {
    for (const op of ops) if (op.type === 'make') this.nodes.push(op.node);
    return { stamp: this.#stamp(ops.length), ...this.#place(), ops };
  }

  #place(): Pick<BatchBody, 'lamport' | 'seen'> {
    return { lamport: this.tree.lamport() + 1, seen: this.#newlySeen() };
  }

  #stamp(count: number): Stamp {
    const stamp = this.#clock.next(count);
    const limitMs = this.wallMs() + followedMs + 1000;
    assert.ok(stamp.wallMs <= limitMs, 'a clock that is wrong by years takes no other one along');
    return stamp;
  }

  #newClock(): HybridClock {
    return createHybridClock({ nowMs: () => this.wallMs() }, this.tree);
  }

  #newlySeen(): Seen[] {
    const seen: Seen[] = [];
    for (const [journal, sequence] of this.tree.vector()) {
      if (journal === this.journal || this.#seen.get(journal) === sequence) continue;
      this.#seen.set(journal, sequence);
      seen.push({ journal, sequence });
    }
    return seen;
  }

  save(): void {
    this.#saved ??= new SavedTree();
    this.#saved.save(this.tree);
  }

  /**
   * Ends, and starts again with what was saved of its tree and with its journals, or without the former.
   * @param batches what its journals hold
   */
  restart(batches: readonly OpenedBatch[], withSaved: boolean): void {
    if (!withSaved) this.#saved = undefined;
    const tree = this.#saved?.load(this.#options.tree) ?? createTree(this.#options.tree);
    tree.applyAll(beyond(tree, batches));
    this.become(tree);
  }

  takeBackup(): void {
    const { journal, nodes } = this;
    this.backup = { journal, vector: new Map(this.tree.vector()), nodes: [...nodes] };
  }

  /** @param batches what the journals of the backup hold */
  restore(backup: Backup, batches: readonly OpenedBatch[]): void {
    this.nodes = [...backup.nodes];
    this.journal = backup.journal;
    this.#seen = new Map();
    this.restart(batches, false);
  }

  /** Goes on with another tree that shows the same. */
  become(tree: JournaledTree): void {
    this.tree = tree;
    this.#clock = this.#newClock();
  }
}

/** A few hours mostly, years now and then. */
function someSkewMs(dice: Dice): number {
  if (dice.chance(0.2)) return dice.pick([-50, -10, -1, 1, 10, 300]) * yearMs;
  return dice.between(-3, 3) * hourMs;
}

/** What a tree lacks of some batches. */
export function beyond(tree: JournaledTree, batches: readonly OpenedBatch[]): OpenedBatch[] {
  const vector = tree.vector();
  return batches.filter(({ header }) => header.sequence > (vector.get(header.journal) ?? 0));
}
