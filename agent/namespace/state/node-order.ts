/**
 * The order of nodes in a state. What one directory lists stands together, by name, so that whoever loads
 * it fills page after page; and nothing has to be sorted that is in order already. Which directory lists
 * what follows from the batches alone, and so does the order.
 */
import type { NodeId } from '../../../protocol/ids.ts';
import { valuesOf } from '../one-or-many.ts';
import type { NodeRecord } from '../records.ts';
import { compareText } from '../rows.ts';
import { peekNode, type TreeState } from '../state.ts';
import { IdOrder } from './id-order.ts';

/**
 * Every node once: directories by id; then what is listed in one place only, by the id of the directory,
 * the name, and its own id; then all others, by id. Undefined after a little work.
 */
export function* nodesInOrder(state: TreeState): Generator<NodeRecord | undefined> {
  const order = new IdOrder();
  const others = new IdOrder();
  for (const node of state.nodes.values()) {
    if (node.directory !== undefined) order.add(node.id);
    else if (!isListedOnce(node)) others.add(node.id);
    yield undefined;
  }
  for (const id of state.frozen.unlistedIds()) {
    others.add(id);
    yield undefined;
  }
  const directories: NodeId[] = [];
  for (const id of order.take()) {
    directories.push(id);
    yield state.nodes.get(id);
  }
  for (const id of directories) yield* listedIn(state, state.nodes.get(id));
  for (const id of others.take()) yield peekNode(state, id);
}

function* listedIn(state: TreeState, directory: NodeRecord | undefined): Generator<NodeRecord> {
  if (directory === undefined) return;
  const awake = awakeIn(directory);
  let next = 0;
  for (const [name, { node }] of state.frozen.entriesOf(directory)) {
    for (let row = awake[next]; row !== undefined && row.name < name; row = awake[next]) {
      yield row.node;
      next += 1;
    }
    yield node;
  }
  for (const { node } of awake.slice(next)) yield node;
}

/** What does not rest, in order; nothing that rests has one of these names. */
function awakeIn({
  directory,
}: NodeRecord): { readonly name: string; readonly node: NodeRecord }[] {
  const rows: { name: string; node: NodeRecord }[] = [];
  for (const [name, entries] of directory?.files ?? []) {
    for (const { node } of valuesOf(entries)) if (isListedOnce(node)) rows.push({ name, node });
  }
  return rows.sort((a, b) => compareText(a.name, b.name) || compareText(a.node.id, b.node.id));
}

function isListedOnce(node: NodeRecord): boolean {
  let listed = 0;
  for (const entry of valuesOf(node.entries)) if (entry.listed !== undefined) listed += 1;
  return listed === 1;
}
