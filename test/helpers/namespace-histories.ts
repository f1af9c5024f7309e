/**
 * Random histories of several devices over agent/namespace: each device works on its own tree, with a
 * clock that is wrong, and batches travel late, twice and in any order between journals. In half of
 * the histories one device is faulty: it names what does not exist, makes one node twice, lies about
 * what it has seen. At the end, and now and then on the way, every tree has to equal the oracle's.
 */
import assert from 'node:assert/strict';
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import { createTree, type JournaledTree } from '../../agent/namespace/tree.ts';
import type { EntryView } from '../../agent/namespace/tree.types.ts';
import {
  journalId,
  rootNodeId,
  type DeviceId,
  type EpochId,
  type IncarnationId,
  type JournalId,
  type NodeId,
} from '../../protocol/ids.ts';
import { decodeBatchBody, encodeBatchBody } from '../../protocol/messages/batch-wire.ts';
import type { BatchBody, Op, OpId, Seen } from '../../protocol/messages/op.ts';
import { Dice } from './dice.ts';
import { faultyBody } from './namespace-faults.ts';
import { oracle, contentText, keyOf, type OracleRow } from './namespace-oracle.ts';
import { honestOps } from './namespace-work.ts';

export interface HistoryOptions {
  readonly seed: number;
  readonly count: number;
  /** Nodes that rest in one page at most; the product's number without it. */
  readonly pageNodesMax?: number;
  /** Gets a device's tree, and what is in it, now and then; the device goes on with what it gives. */
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
}

/** Runs histories of seeds `seed`, `seed + 1`, …; throws with the seed of the first that fails. */
export function runHistories(options: HistoryOptions): HistoryCounts {
  const { seed, count, onDone } = options;
  const counts: HistoryCounts = { histories: 0, ops: 0, rows: 0, conflicts: 0, comparisons: 0 };
  for (let at = seed; at < seed + count; at += 1) {
    try {
      new History(at, counts, options).run();
    } catch (error) {
      throw new Error(`history of seed ${String(at)} failed: ${String(error)}`, { cause: error });
    }
    counts.histories += 1;
    onDone?.(at);
  }
  return counts;
}

interface HistoryDevice {
  readonly id: DeviceId;
  tree: JournaledTree;
  readonly skewMs: number;
  readonly isFaulty: boolean;
  journal: JournalId;
  seen: Map<JournalId, number>;
}

const epoch = 'e0'.repeat(32) as EpochId;
export const labelOf = (device: DeviceId): string => `dev-${device.slice(0, 2)}`;

class History {
  readonly #dice: Dice;
  readonly #counts: HistoryCounts;
  readonly #devices: readonly HistoryDevice[];
  readonly #journals = new Map<JournalId, OpenedBatch[]>();
  readonly #onlyDirectories: boolean;
  readonly #options: HistoryOptions;
  #nowMs = Date.UTC(2026, 10, 21);

  constructor(seed: number, counts: HistoryCounts, options: HistoryOptions) {
    this.#options = options;
    this.#onlyDirectories = seed % 4 === 3;
    this.#dice = new Dice(seed);
    this.#counts = counts;
    const hasFaulty = seed % 2 === 1;
    this.#devices = Array.from({ length: this.#dice.between(2, 6) }, (_, at) =>
      this.#newDevice(hasFaulty && (at === 0 || (at === 1 && this.#onlyDirectories))),
    );
  }

  run(): void {
    const steps = this.#dice.between(10, 120);
    for (let step = 0; step < steps; step += 1) this.#step();
    this.#exchangeAll();
    const batches = [...this.#journals.values()].flat();
    for (const { tree } of this.#devices) this.#compare(tree, batches);
    this.#compare(this.#replay(batches), batches);
    const hashes = new Set(this.#devices.map(({ tree }) => tree.treeHash().toString('hex')));
    assert.equal(hashes.size, 1, 'all trees have one hash');
    const { tree } = this.#devices[0]!;
    assert.ok(
      hashes.has(this.#replay(batches).treeHash().toString('hex')),
      'kept hashes are right',
    );
    if (this.#devices.every(({ isFaulty }) => !isFaulty)) this.#checkNothingLost(tree, batches);
  }

  #newDevice(isFaulty: boolean): HistoryDevice {
    const id = this.#dice.hex(16) as DeviceId;
    return {
      id,
      tree: this.#newTree(),
      skewMs: this.#dice.between(-3, 3) * 3_600_000,
      isFaulty,
      journal: journalId(id, this.#dice.hex(8) as IncarnationId),
      seen: new Map(),
    };
  }

  #step(): void {
    const dice = this.#dice;
    this.#nowMs += dice.between(0, 2000);
    const device = dice.pick(this.#devices);
    if (dice.chance(0.55)) this.#author(device);
    else this.#deliverSome(device);
    if (dice.chance(0.1)) device.tree.treeHash();
    if (dice.chance(0.04)) this.#compare(device.tree, this.#appliedBy(device));
    const { swap } = this.#options;
    if (swap !== undefined && dice.chance(0.1)) {
      device.tree = swap(device.tree, this.#appliedBy(device));
    }
  }

  #newTree(): JournaledTree {
    const { pageNodesMax } = this.#options;
    return createTree({
      deviceName: labelOf,
      ...(pageNodesMax === undefined ? {} : { pageNodesMax }),
    });
  }

  #author(device: HistoryDevice): void {
    const dice = this.#dice;
    if (dice.chance(0.03)) {
      device.journal = journalId(device.id, dice.hex(8) as IncarnationId);
      device.seen = new Map();
    }
    if (device.isFaulty && dice.chance(0.6)) {
      const known = [...this.#journals.values()].flat();
      const body = faultyBody(dice, {
        known,
        journal: device.journal,
        wallMs: this.#wallMs(device),
        onlyDirectories: this.#onlyDirectories,
      });
      this.#append(device, body);
      return;
    }
    // What several operations of one action need to see of each other goes into batches of their own.
    for (const ops of honestOps(dice, device.tree)) {
      if (ops.length > 0) this.#append(device, this.#honestBody(device, ops));
    }
  }

  #honestBody(device: HistoryDevice, ops: readonly Op[]): BatchBody {
    return {
      stamp: { wallMs: this.#wallMs(device), counter: this.#dice.between(0, 2) },
      lamport: device.tree.lamport() + 1,
      seen: newlySeen(device),
      ops,
    };
  }

  #wallMs(device: HistoryDevice): number {
    return this.#nowMs + device.skewMs;
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
  }

  #deliverSome(device: HistoryDevice): void {
    const dice = this.#dice;
    const vector = device.tree.vector();
    const behind = [...this.#journals].filter(([id, list]) => (vector.get(id) ?? 0) < list.length);
    if (behind.length === 0) return;
    const [id, list] = dice.pick(behind);
    const from = vector.get(id) ?? 0;
    const batches = list.slice(from, from + dice.between(1, 6));
    if (dice.chance(0.5)) device.tree.applyAll(batches);
    else for (const batch of batches) device.tree.apply(batch);
    // Once more: it must not matter.
    if (dice.chance(0.2)) device.tree.apply(dice.pick(batches));
  }

  #exchangeAll(): void {
    for (const { tree } of this.#devices) this.#catchUp(tree);
  }

  #replay(batches: readonly OpenedBatch[]): JournaledTree {
    const tree = this.#newTree();
    this.#catchUp(tree);
    assert.equal(
      [...tree.vector().values()].reduce((a, b) => a + b, 0),
      batches.length,
    );
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

  #appliedBy({ tree }: HistoryDevice): OpenedBatch[] {
    return [...this.#journals].flatMap(([id, list]) => list.slice(0, tree.vector().get(id) ?? 0));
  }

  #compare(tree: JournaledTree, batches: readonly OpenedBatch[]): void {
    const expected = oracle(batches, labelOf);
    const rows = rowsOfTree(tree);
    assert.deepEqual(rows, expected.rows, 'what the tree shows is what the oracle shows');
    assert.deepEqual(tree.totals(), expected.totals, 'totals');
    assert.equal(tree.rejected, expected.rejected, 'rejected');
    this.#counts.comparisons += 1;
    this.#counts.rows += rows.length;
    this.#counts.conflicts += rows.filter(({ conflict }) => conflict).length;
  }

  /** Every version is superseded, was deleted by somebody who saw it, or is shown. */
  #checkNothingLost(tree: JournaledTree, batches: readonly OpenedBatch[]): void {
    const named = new Set<string>();
    for (const { body } of batches) {
      for (const op of body.ops) for (const id of namedVersions(op)) named.add(keyOf(id));
    }
    const shown = new Set(rowsOfTree(tree).map(({ content }) => content));
    for (const { header, body } of batches) {
      for (const [index, op] of body.ops.entries()) {
        if ((op.type !== 'make' && op.type !== 'write') || op.content === undefined) continue;
        const key = keyOf({ journal: header.journal, sequence: header.sequence, index });
        assert.ok(named.has(key) || shown.has(contentText(op.content)), `version ${key} is lost`);
      }
    }
  }
}

/** Everything below the root as the oracle writes it, found by listing, and checked by path. */
export function rowsOfTree(tree: JournaledTree): OracleRow[] {
  const rows: OracleRow[] = [];
  const walk = (directory: NodeId, path: readonly Buffer[]): void => {
    assert.ok(path.length < 200, 'a tree has no circle');
    for (const view of tree.list(directory) ?? []) {
      const at = [...path, view.name];
      rows.push(rowOf(view, at));
      assert.deepEqual(tree.resolve(at), view, 'a path resolves to its row');
      checkPathOf(tree, view, at);
      if (view.node.kind === 'directory') walk(view.node.id, at);
    }
  };
  walk(rootNodeId, []);
  return rows;
}

function checkPathOf(tree: JournaledTree, view: EntryView, at: readonly Buffer[]): void {
  const path = tree.pathOf(view.node.id);
  assert.ok(path !== undefined, 'a shown node has a path');
  assert.equal(tree.resolve(path)?.node.id, view.node.id, 'the path of a node leads to it');
  if (view.node.kind === 'directory') assert.deepEqual(path, at, 'a directory has one path');
}

function rowOf(view: EntryView, path: readonly Buffer[]): OracleRow {
  const { node, entry, version, conflict } = view;
  const { seconds, nanoseconds } = version?.mtime ?? node.mtime;
  return {
    path: path.map((name) => name.toString('latin1')).join('/'),
    kind: node.kind,
    node: node.id,
    entry,
    mode: version?.mode ?? node.mode,
    mtime: `${String(seconds)}.${String(nanoseconds)}`,
    xattrs: [...node.xattrs]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${value.toString('hex')}`)
      .join(','),
    target: node.target?.toString('latin1') ?? '',
    content: contentText(version?.content),
    version: version === undefined ? '' : keyOf(version.op),
    conflict,
  };
}

function namedVersions(op: Op): readonly OpId[] {
  if (op.type === 'write') return op.supersedes;
  if (op.type === 'unlink') return op.heads;
  return op.type === 'make' || op.type === 'link' || op.type === 'move'
    ? (op.over?.heads ?? [])
    : [];
}

function newlySeen(device: HistoryDevice): Seen[] {
  const seen: Seen[] = [];
  for (const [journal, sequence] of device.tree.vector()) {
    if (journal === device.journal || device.seen.get(journal) === sequence) continue;
    device.seen.set(journal, sequence);
    seen.push({ journal, sequence });
  }
  return seen;
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
