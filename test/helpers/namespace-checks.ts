/** What is checked of a tree in random histories: that it is the oracle's, and that nothing is lost. */
import assert from 'node:assert/strict';
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import type { Snapshot } from '../../agent/namespace/snapshots.ts';
import type { JournaledTree } from '../../agent/namespace/tree.ts';
import type { EntryView } from '../../agent/namespace/tree.types.ts';
import { ConflictIndex } from '../../agent/vault/conflict-index.ts';
import { clashesIn } from '../../agent/vault/conflicts.ts';
import { rootNodeId, type DeviceId, type NodeId } from '../../protocol/ids.ts';
import type { LinkOp, MakeOp, MoveOp, Op, OpId } from '../../protocol/messages/op.ts';
import { createManualClock } from './manual-clock.ts';
import {
  contentText,
  keyOf,
  oracle,
  type OracleRow,
  type OracleSnapshot,
} from './namespace-oracle.ts';

export const labelOf = (device: DeviceId): string => `dev-${device.slice(0, 2)}`;

/** @returns what both show */
export function compareWithOracle(
  tree: JournaledTree,
  batches: readonly OpenedBatch[],
  deviceName = labelOf,
): readonly OracleRow[] {
  const expected = oracle(batches, deviceName);
  const rows = rowsOfTree(tree);
  assert.deepEqual(rows, expected.rows, 'what the tree shows is what the oracle shows');
  assert.deepEqual(tree.totals(), expected.totals, 'totals');
  assert.deepEqual(tree.snapshots().map(snapshotRow), expected.snapshots, 'snapshots');
  const notes = tree.notes().map(({ id, op }) => `${id} ${keyOf(op)}`);
  assert.deepEqual(notes, expected.notes, 'notes');
  assert.equal(tree.rejected, expected.rejected, 'rejected');
  return rows;
}

/** Every version is superseded, was deleted by somebody who saw it, or is shown, if its node has a place. */
export function checkNothingLost(tree: JournaledTree, batches: readonly OpenedBatch[]): void {
  const ops = batches.flatMap(({ body }) => body.ops);
  const named = new Set(ops.flatMap((op) => namedVersions(op).map(keyOf)));
  const outOfReach = nodesOutOfReach(ops);
  const shown = new Set(rowsOfTree(tree).map(({ content }) => content));
  for (const { header, body } of batches) {
    for (const [index, op] of body.ops.entries()) {
      if ((op.type !== 'make' && op.type !== 'write') || op.content === undefined) continue;
      if (outOfReach.has(op.node)) continue;
      const key = keyOf({ journal: header.journal, sequence: header.sequence, index });
      assert.ok(named.has(key) || shown.has(contentText(op.content)), `version ${key} is lost`);
    }
  }
}

/**
 * Nodes of which nobody has the beginning, and what only ever stood below such: it went with a disk before
 * anybody else had it, or waits on a branch that does not count.
 */
function nodesOutOfReach(ops: readonly Op[]): ReadonlySet<NodeId> {
  const made = new Set<NodeId>([rootNodeId]);
  for (const op of ops) if (op.type === 'make') made.add(op.node);
  const places = Map.groupBy(ops.filter(isPlacing), ({ node }) => node);
  const lost = new Set<NodeId>();
  for (const op of ops) if ('node' in op && !made.has(op.node)) lost.add(op.node);
  for (let size = -1; size !== lost.size;) {
    size = lost.size;
    for (const [node, placings] of places) {
      if (placings.every(({ parent }) => lost.has(parent) || !made.has(parent))) lost.add(node);
    }
  }
  return lost;
}

function isPlacing(op: Op): op is MakeOp | LinkOp | MoveOp {
  return op.type === 'make' || op.type === 'link' || op.type === 'move';
}

/** `vault conflicts` lists each row that somebody may want to decide about, and no clash without one. */
export async function checkConflictsListed(
  tree: JournaledTree,
  rows: readonly OracleRow[],
): Promise<void> {
  const directories = await new ConflictIndex(createManualClock()).directories(tree);
  const clashes = directories.flatMap((node) =>
    clashesIn(tree, { node, directory: tree.pathOf(node) ?? [] }),
  );
  const listed = clashes.map((clash) =>
    clash.rows.map((row) =>
      [...clash.directory, row.name].map((name) => name.toString('latin1')).join('/'),
    ),
  );
  const waiting = rows.filter(({ conflict, again }) => conflict || again).map(({ path }) => path);
  const all = new Set(listed.flat());
  for (const path of waiting) assert.ok(all.has(path), `the conflict at ${path} is not listed`);
  const expected = new Set(waiting);
  for (const paths of listed) {
    assert.ok(
      paths.some((path) => expected.has(path)),
      `a conflict is listed that is none: ${paths.join(', ')}`,
    );
  }
}

/** Everything below the root as the oracle writes it, found by listing, and checked by path. */
export function rowsOfTree(tree: JournaledTree): OracleRow[] {
  const rows: OracleRow[] = [];
  const walk = (directory: NodeId, path: readonly Buffer[]): void => {
    assert.ok(path.length < 200, 'a tree has no circle');
    for (const view of tree.list(directory) ?? []) {
      const at = [...path, view.name];
      rows.push(rowOf(tree, view, at));
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

function rowOf(tree: JournaledTree, view: EntryView, path: readonly Buffer[]): OracleRow {
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
    again:
      node.kind === 'directory'
        ? !tree.mergedWith(node.id).some((member) => tree.isWanted(member.node))
        : tree.isShownAgain(entry, node.id),
  };
}

function snapshotRow({ id, name, vector, op }: Snapshot): OracleSnapshot {
  const reach = [...vector].map(([journal, sequence]) => `${journal}/${String(sequence)}`);
  return { id, name, vector: reach.sort(), op: keyOf(op) };
}

function namedVersions(op: Op): readonly OpId[] {
  if (op.type === 'write') return op.supersedes;
  if (op.type === 'unlink') return op.heads;
  return isPlacing(op) ? (op.over?.heads ?? []) : [];
}
