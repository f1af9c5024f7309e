/**
 * From what a person calls a moment to the tree as it was then: which batches that means, whether all
 * of them are here, and who makes the tree.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import type { Moment, MomentRequest } from '../../protocol/messages/control-moment.ts';
import type { BatchSource } from '../history/history.types.ts';
import type { Snapshot } from '../namespace/snapshots.ts';
import type { JournaledTree } from '../namespace/tree.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { Clock } from '../ports.ts';
import { buildTreeAt, foldedAway, tooShort, type TreeBase } from './at-tree.ts';
import { BatchTimes, type Vector } from './batch-times.ts';
import { PastTrees } from './past-trees.ts';
import { Slices } from './slices.ts';
import { describeGaps, findSnapshot, gapsOf, snapshotsCalled, type Gap } from './snapshots.ts';
import { unreadableJournals, type UnreadableParts } from './unreadable.ts';

export interface MomentsParts extends UnreadableParts {
  /** The tree as it is now: its batches are all that count. */
  readonly tree: () => Tree;
  readonly source: BatchSource;
  readonly clock: Clock;
  readonly deviceName: (device: DeviceId) => string;
  readonly seed: () => number;
  /** What the journals begin with, where old history was folded. */
  readonly base?: TreeBase;
}

export interface TreeAtOptions {
  /** Nobody waits any more. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((batchesDone: number, batchesTotal: number) => void) | undefined;
}

export class Moments {
  readonly #parts: MomentsParts;
  readonly #times: BatchTimes;
  readonly #trees: PastTrees;
  #generation = 0;

  constructor(parts: MomentsParts) {
    this.#parts = parts;
    this.#times = new BatchTimes(parts.source, () => parts.base?.places ?? new Map());
    this.#trees = new PastTrees(parts);
  }

  /**
   * The moment that a person means: a snapshot of this name or id, else the time.
   * @throws VaultError `not-found`, `conflict`
   */
  find({ text, timeMs }: MomentRequest): Moment {
    const tree = this.#parts.tree();
    if (snapshotsCalled(tree, text).length > 0) {
      return { type: 'snapshot', id: findSnapshot(tree, text).id };
    }
    if (timeMs !== undefined) return { type: 'time', timeMs };
    throw new VaultError('not-found', {
      op: 'vault.findMoment',
      subject: text,
      detail: 'it is neither a snapshot nor a time',
      next: 'vault snapshot list shows the snapshots; times are like 2026-11-01T12:00, yesterday or "2h ago"',
    });
  }

  /**
   * The tree as it was. It changes no more.
   * @throws VaultError `not-found`; `chunk-missing` or `no-key` when a part of the snapshot cannot be
   * shown; `cancelled`, and what the journals cannot be read with
   */
  treeAt(moment: Moment, options: TreeAtOptions = {}): Promise<JournaledTree> {
    return this.#again(() => this.#make(moment, options), options);
  }

  /**
   * The tree of exactly these batches, which all have to count. It is made for the caller and kept by nobody.
   * @throws VaultError `cancelled`, and what the journals cannot be read with
   */
  treeOf(vector: Vector, options: Pick<TreeAtOptions, 'signal'> = {}): Promise<JournaledTree> {
    const { signal } = options;
    const make = (): Promise<JournaledTree> =>
      buildTreeAt(this.#parts, vector, {
        slices: new Slices(this.#parts.clock, signal),
        onBatch: () => undefined,
      });
    return this.#again(make, options);
  }

  async #again(make: () => Promise<JournaledTree>, options: TreeAtOptions): Promise<JournaledTree> {
    for (;;) {
      const generation = this.#generation;
      try {
        const tree = await make();
        if (generation === this.#generation) return tree;
      } catch (error) {
        if (generation === this.#generation || options.signal?.aborted === true) throw error;
      }
      // Other batches count by now, so it may be another past.
    }
  }

  async #make(moment: Moment, options: TreeAtOptions): Promise<JournaledTree> {
    const bound = new Map(this.#parts.tree().vector());
    const toRead = moment.type === 'time' ? this.#times.missing(bound) : 0;
    const vector = await this.#vectorAt(moment, bound, options);
    const total = toRead + sumOf(vector);
    return this.#trees.at(vector, {
      signal: options.signal,
      onProgress: (batches) => options.onProgress?.(toRead + batches, total),
    });
  }

  /** What is missing to show a snapshot. */
  async gapsOf(snapshot: Snapshot): Promise<readonly Gap[]> {
    const { journals } = this.#parts;
    const applied = this.#parts.tree().vector();
    const unreadable = await unreadableJournals(this.#parts, applied, snapshot.vector);
    return gapsOf(snapshot, {
      applied,
      stored: (journal) => journals.tip(journal)?.sequence ?? 0,
      isUnreadable: (journal) => unreadable.has(journal),
    });
  }

  /** Other batches count than before, or a person's name for a device changed. */
  forget(): void {
    this.#generation += 1;
    this.#times.forget();
    this.#trees.forget();
  }

  /** Ends what is being made. */
  close(): void {
    this.#trees.forget();
  }

  async #vectorAt(moment: Moment, bound: Vector, options: TreeAtOptions): Promise<Vector> {
    if (moment.type === 'time') return this.#vectorAtTime(moment.timeMs, bound, options);
    const snapshot = findSnapshot(this.#parts.tree(), moment.id);
    const gaps = await this.gapsOf(snapshot);
    if (gaps.length > 0) throw this.#incomplete(snapshot, gaps);
    const within = [...snapshot.vector].map(
      ([journal, sequence]) => [journal, Math.min(sequence, bound.get(journal) ?? 0)] as const,
    );
    return new Map(within);
  }

  async #vectorAtTime(
    timeMs: number,
    bound: Vector,
    { signal, onProgress }: TreeAtOptions,
  ): Promise<Vector> {
    const { base } = this.#parts;
    if (base?.latestMs !== undefined && timeMs < base.latestMs) throw foldedAway(base);
    let done = 0;
    const total = this.#times.missing(bound) + sumOf(bound);
    const slices = new Slices(this.#parts.clock, signal);
    await this.#times.read(bound, slices, () => onProgress?.(++done, total));
    const [short] = this.#times.missingFrom(bound);
    if (short !== undefined) throw tooShort(short);
    return this.#times.cutAt(timeMs, bound);
  }

  #incomplete(snapshot: Snapshot, gaps: readonly Gap[]): VaultError {
    const withoutKey = gaps.every(({ state }) => state === 'no-key');
    return new VaultError(withoutKey ? 'no-key' : 'chunk-missing', {
      op: 'vault.treeAt',
      subject: `snapshot ${snapshot.name}`,
      detail: describeGaps(gaps, this.#parts.deviceName),
      next: withoutKey
        ? 'connect a device that has the key; vault peers shows who is away'
        : 'connect a device that has them; vault snapshot list shows when it is complete',
    });
  }
}

function sumOf(vector: Vector): number {
  let sum = 0;
  for (const sequence of vector.values()) sum += sequence;
  return sum;
}
