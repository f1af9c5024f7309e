/**
 * Random histories of two to six devices over agent/namespace. Each device works on its own tree, with
 * every kind of operation; its clock is wrong, sometimes by years. The network falls apart and comes
 * together; batches travel late, twice and in any order between journals, and from device to device.
 * Devices start again, and come back from old backups. In half of the histories one device is faulty: it
 * names what does not exist, makes one node twice, lies about what it has seen. At the end, and now and
 * then on the way, every tree has to equal the oracle's.
 */
import assert from 'node:assert/strict';
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import { createTree, type JournaledTree, type TreeOptions } from '../../agent/namespace/tree.ts';
import type { EpochId, JournalId } from '../../protocol/ids.ts';
import { decodeBatchBody, encodeBatchBody } from '../../protocol/messages/batch-wire.ts';
import type { BatchBody, Op } from '../../protocol/messages/op.ts';
import { Dice } from './dice.ts';
import {
  checkConflictsListed,
  checkNothingLost,
  compareWithOracle,
  labelOf,
} from './namespace-checks.ts';
import { HistoryDevice } from './namespace-device.ts';
import { faultyBody } from './namespace-faults.ts';
import { honestOps } from './namespace-work.ts';

export interface HistoryOptions {
  readonly seed: number;
  readonly count: number;
  /** Nodes that rest in one page at most; the product's number without it. */
  readonly pageNodesMax?: number;
  /**
   * Gets a device's tree, and what is in it, now and then; the device goes on with what it gives, and
   * neither starts again nor comes back from a backup.
   */
  readonly swap?: (tree: JournaledTree, batches: readonly OpenedBatch[]) => JournaledTree;
  /** Called after every history. */
  readonly onDone?: (seed: number) => void;
}

export interface HistoryCounts {
  histories: number;
  ops: number;
  rows: number;
  conflicts: number;
  comparisons: number;
  partitions: number;
  restarts: number;
  restored: number;
  /** Operations by what they are. */
  readonly kinds: Map<Op['type'], number>;
}

/** Runs histories of seeds `seed`, `seed + 1`, …; rejects with the seed of the first that fails. */
export async function runHistories(options: HistoryOptions): Promise<HistoryCounts> {
  const { seed, count, onDone } = options;
  const counts: HistoryCounts = {
    ...{ histories: 0, ops: 0, rows: 0, conflicts: 0, comparisons: 0 },
    ...{ partitions: 0, restarts: 0, restored: 0 },
    kinds: new Map(),
  };
  for (let at = seed; at < seed + count; at += 1) {
    try {
      await new History(at, counts, options).run();
    } catch (error) {
      throw new Error(`history of seed ${String(at)} failed: ${String(error)}`, { cause: error });
    }
    counts.histories += 1;
    onDone?.(at);
  }
  return counts;
}

const epoch = 'e0'.repeat(32) as EpochId;

class History {
  readonly #dice: Dice;
  readonly #counts: HistoryCounts;
  readonly #devices: readonly HistoryDevice[];
  /** Every batch that is somewhere. */
  readonly #journals = new Map<JournalId, OpenedBatch[]>();
  readonly #onlyDirectories: boolean;
  readonly #options: HistoryOptions;
  readonly #treeOptions: TreeOptions;
  #nowMs = Date.UTC(2026, 10, 21);

  constructor(seed: number, counts: HistoryCounts, options: HistoryOptions) {
    const { pageNodesMax } = options;
    this.#options = options;
    this.#treeOptions = {
      deviceName: labelOf,
      ...(pageNodesMax === undefined ? {} : { pageNodesMax }),
    };
    this.#onlyDirectories = seed % 4 === 3;
    this.#dice = new Dice(seed);
    this.#counts = counts;
    const hasFaulty = seed % 2 === 1;
    this.#devices = Array.from({ length: this.#dice.between(2, 6) }, (_, at) =>
      this.#newDevice(hasFaulty && (at === 0 || (at === 1 && this.#onlyDirectories))),
    );
  }

  async run(): Promise<void> {
    const steps = this.#dice.between(10, 120);
    for (let step = 0; step < steps; step += 1) this.#step();
    for (const { tree } of this.#devices) this.#catchUp(tree);
    const batches = this.#all();
    for (const { tree } of this.#devices) this.#compare(tree, batches);
    this.#compare(this.#replay(batches), batches);
    const hashes = new Set(this.#devices.map(({ tree }) => tree.treeHash().toString('hex')));
    assert.equal(hashes.size, 1, 'all trees have one hash');
    const anew = this.#replay(batches).treeHash().toString('hex');
    assert.ok(hashes.has(anew), 'kept hashes are right');
    const { tree } = this.#devices[0]!;
    await checkConflictsListed(tree, compareWithOracle(tree, batches));
    if (this.#devices.every(({ isFaulty }) => !isFaulty)) checkNothingLost(tree, batches);
  }

  #newDevice(isFaulty: boolean): HistoryDevice {
    return new HistoryDevice(this.#dice, {
      isFaulty,
      tree: this.#treeOptions,
      nowMs: () => this.#nowMs,
    });
  }

  #step(): void {
    const dice = this.#dice;
    this.#nowMs += dice.between(0, 2000);
    const device = dice.pick(this.#devices);
    if (dice.chance(0.55)) this.#author(device);
    else this.#deliverSome(device);
    if (dice.chance(0.1)) device.tree.treeHash();
    if (dice.chance(0.04)) this.#compare(device.tree, this.#appliedBy(device));
    if (dice.chance(0.03)) this.#partition();
    if (dice.chance(0.01)) device.setClock(dice);
    const { swap } = this.#options;
    if (swap === undefined) this.#liveOn(device);
    else if (dice.chance(0.1)) device.become(swap(device.tree, this.#appliedBy(device)));
  }

  /** What happens to a home beside its owner's work. */
  #liveOn(device: HistoryDevice): void {
    const dice = this.#dice;
    if (dice.chance(0.05)) device.save();
    if (dice.chance(0.03)) {
      device.restart(this.#appliedBy(device), dice.chance(0.7));
      this.#counts.restarts += 1;
    }
    if (dice.chance(0.06)) device.takeBackup();
    if (dice.chance(0.04)) this.#restore(device);
  }

  /** The network falls into up to three parts, or comes together. */
  #partition(): void {
    const parts = this.#dice.between(1, 3);
    for (const device of this.#devices) device.part = this.#dice.between(1, parts);
    if (parts > 1) this.#counts.partitions += 1;
  }

  /**
   * A home comes back from its backup. Of what it wrote since, only what others have goes on existing.
   * Where they have some, it learns so from them and begins another journal; else it goes on in the old
   * one, with the same numbers. (Where it writes before it meets them, its journal forks: journal-histories.ts.)
   */
  #restore(device: HistoryDevice): void {
    const { backup } = device;
    if (backup === undefined) return;
    for (const [id, list] of this.#journals) {
      if (!id.startsWith(device.id)) continue;
      const known = this.#devices.map((other) =>
        other === device ? (backup.vector.get(id) ?? 0) : (other.tree.vector().get(id) ?? 0),
      );
      list.length = Math.max(...known);
    }
    const isAhead = (this.#journals.get(backup.journal)?.length ?? 0) > reach(backup);
    device.restore(backup, this.#upTo(backup.vector));
    if (isAhead) device.newJournal(this.#dice);
    this.#counts.restored += 1;
  }

  #author(device: HistoryDevice): void {
    const dice = this.#dice;
    if (dice.chance(0.03)) device.newJournal(dice);
    if (device.isFaulty && dice.chance(0.6)) {
      const body = faultyBody(dice, {
        known: this.#all(),
        journal: device.journal,
        wallMs: device.wallMs(),
        onlyDirectories: this.#onlyDirectories,
      });
      this.#append(device, body);
      return;
    }
    // What several operations of one action need to see of each other goes into batches of their own.
    for (const ops of honestOps(dice, device.tree, device.nodes)) {
      if (ops.length > 0) this.#append(device, device.honestBody(ops));
    }
  }

  #append(device: HistoryDevice, body: BatchBody): void {
    const journal = this.#journals.get(device.journal) ?? [];
    this.#journals.set(device.journal, journal);
    const base = { journal: device.journal, sequence: journal.length + 1, epoch };
    const batch = {
      header: base,
      author: device.id,
      body: decodeBatchBody(encodeBatchBody(body, base), base),
    } as unknown as OpenedBatch;
    assert.deepEqual(batch.body, asDecoded(body), 'an encoded body reads back as it was');
    journal.push(batch);
    device.tree.apply(batch);
    this.#counts.ops += body.ops.length;
    const { kinds } = this.#counts;
    for (const { type } of body.ops) kinds.set(type, (kinds.get(type) ?? 0) + 1);
  }

  /** Some of what another one has that can be reached. */
  #deliverSome(device: HistoryDevice): void {
    const dice = this.#dice;
    const reached = this.#devices.filter((other) => other !== device && other.part === device.part);
    if (reached.length === 0) return;
    const peer = dice.pick(reached).tree.vector();
    const vector = device.tree.vector();
    const behind = [...peer].filter(([id, sequence]) => (vector.get(id) ?? 0) < sequence);
    if (behind.length === 0) return;
    const [id, sequence] = dice.pick(behind);
    const list = (this.#journals.get(id) ?? []).slice(0, sequence);
    const from = vector.get(id) ?? 0;
    const batches = list.slice(from, from + dice.between(1, 6));
    if (dice.chance(0.5)) device.tree.applyAll(batches);
    else for (const batch of batches) device.tree.apply(batch);
    // Once more: it must not matter.
    if (dice.chance(0.2)) device.tree.apply(dice.pick(batches));
    if (dice.chance(0.05)) device.tree.applyAll(list.slice(0, from));
  }

  #replay(batches: readonly OpenedBatch[]): JournaledTree {
    const tree = createTree(this.#treeOptions);
    this.#catchUp(tree);
    const applied = [...tree.vector().values()].reduce((a, b) => a + b, 0);
    assert.equal(applied, batches.length);
    return tree;
  }

  /** Delivers everything, journals mixed at random. */
  #catchUp(tree: JournaledTree): void {
    const dice = this.#dice;
    for (;;) {
      const behind = [...this.#journals].filter(
        ([id, list]) => (tree.vector().get(id) ?? 0) < list.length,
      );
      if (behind.length === 0) return;
      const [id, list] = dice.pick(behind);
      const from = tree.vector().get(id) ?? 0;
      tree.applyAll(list.slice(from, from + dice.between(1, 9)));
    }
  }

  #all(): OpenedBatch[] {
    return [...this.#journals.values()].flat();
  }

  #appliedBy({ tree }: HistoryDevice): OpenedBatch[] {
    return this.#upTo(tree.vector());
  }

  #upTo(vector: ReadonlyMap<JournalId, number>): OpenedBatch[] {
    return [...this.#journals].flatMap(([id, list]) => list.slice(0, vector.get(id) ?? 0));
  }

  #compare(tree: JournaledTree, batches: readonly OpenedBatch[]): void {
    const rows = compareWithOracle(tree, batches);
    this.#counts.comparisons += 1;
    this.#counts.rows += rows.length;
    this.#counts.conflicts += rows.filter(({ conflict }) => conflict).length;
  }
}

function reach({ journal, vector }: NonNullable<HistoryDevice['backup']>): number {
  return vector.get(journal) ?? 0;
}

/** Fields that are undefined are absent after a trip over the wire; empty xattrs too. */
function asDecoded(body: BatchBody): BatchBody {
  return { ...body, ops: body.ops.map((op) => pruned(op) as Op) };
}

function pruned(value: unknown): unknown {
  if (
    Buffer.isBuffer(value) ||
    value instanceof Map ||
    typeof value !== 'object' ||
    value === null
  ) {
    return value;
  }
  if (Array.isArray(value)) return value.map(pruned);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined && !(item instanceof Map && item.size === 0))
      .map(([key, item]) => [key, pruned(item)]),
  );
}
