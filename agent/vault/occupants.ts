/**
 * Who had a path: the node that has it now, and those that had it before they were removed, renamed or
 * moved away, or before a directory above them was. Pure but for the questions to tree and history.
 */
import type { NodeId } from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import { compareChanges } from '../history/compare-changes.ts';
import type { Change, Chronicle } from '../history/history.types.ts';
import { nodeSetOf } from '../history/node-set.ts';
import { isArrival, type Arrival } from '../history/place-before.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { VaultPath } from './path.ts';

export interface PastParts {
  readonly tree: Tree;
  readonly history: Chronicle;
}

export interface Occupant {
  readonly node: NodeId;
  /** What took the path from it; undefined: it has it still. */
  readonly until: Change | undefined;
}

/** Of one path, so that a directory that was replaced a thousand times does not cost as much. */
const occupantsMax = 256;

/** Those that have the path now first, then the others, the last one that left first. */
export async function occupantsOf(parts: PastParts, path: VaultPath): Promise<readonly Occupant[]> {
  let found: readonly Occupant[] = [{ node: parts.tree.root().id, until: undefined }];
  for (const name of path) {
    const next: Occupant[] = [];
    for (const directory of found) next.push(...(await occupantsIn(parts, directory, name)));
    found = latestFirst(next).slice(0, occupantsMax);
  }
  return found;
}

async function occupantsIn(
  parts: PastParts,
  directory: Occupant,
  name: Buffer,
): Promise<readonly Occupant[]> {
  const present = [...presentIn(parts.tree, directory.node, name)];
  const past = await formerIn(parts, directory.node, { name, present: new Set(present) });
  return [
    ...present.map((node) => ({ node, until: directory.until })),
    ...past.map(({ node, until }) => ({ node, until: until ?? directory.until })),
  ];
}

/** Nodes that are listed in the directory and want the name, the one that has it first. */
function* presentIn(tree: Tree, directory: NodeId, name: Buffer): Generator<NodeId> {
  const found = new Set<NodeId>();
  for (const row of tree.list(directory) ?? []) {
    if (!row.name.equals(name) && row.wanted?.equals(name) !== true) continue;
    found.add(row.node.id);
    if (row.node.kind !== 'directory') continue;
    for (const { node } of tree.mergedWith(row.node.id)) found.add(node);
  }
  yield* found;
}

/** Nodes that were in the directory under this name and are not any more. */
async function formerIn(
  { tree, history }: PastParts,
  directory: NodeId,
  { name, present }: { readonly name: Buffer; readonly present: ReadonlySet<NodeId> },
): Promise<readonly Occupant[]> {
  const arrivals = await history.arrivalsIn(directory);
  if (arrivals.length === 0) return [];
  const left = new Set<NodeId>();
  const arrived = nodeSetOf(arrivals.map(({ node }) => node));
  for await (const { node } of history.departuresOf(arrived)) left.add(node);
  const former = new Map<NodeId, Occupant>();
  for (const { node, op } of arrivals) {
    if (!left.has(node) || present.has(node) || former.has(node)) continue;
    const change = await changeAbout(history, op, node);
    if (change === undefined || !isAt(change, directory, name)) continue;
    const isListed = tree
      .placesOf(node)
      .some((place) => place.isListed && isPlace(place, directory, name));
    const until = isListed
      ? undefined
      : lastDeparture(await history.changesOf(node), directory, name);
    former.set(node, { node, until });
  }
  return [...former.values()];
}

/** The state of what was folded knows operations by their node only. */
export async function changeAbout(
  history: Pick<Chronicle, 'change' | 'changesOf'>,
  op: OpId,
  node: NodeId | undefined,
): Promise<Change | undefined> {
  const change = await history.change(op);
  if (change !== undefined || node === undefined) return change;
  return (await history.changesOf(node)).find((each) => isSameOp(each.op, op));
}

function isSameOp(a: OpId, b: OpId): boolean {
  return a.index === b.index && a.sequence === b.sequence && a.journal === b.journal;
}

/** What took the node away from the name for the last time. */
function lastDeparture(
  changes: readonly Change[],
  directory: NodeId,
  name: Buffer,
): Change | undefined {
  const arrival = changes
    .filter(isArrival)
    .filter((each) => isAt(each, directory, name))
    .at(-1);
  if (arrival === undefined) return undefined;
  const after = changes.filter(
    (each) => compareChanges(each, arrival) > 0 && leaves(each, arrival),
  );
  const move = after.findIndex(({ body }) => body.type === 'move');
  // An edit may have undone a removal, and then it was removed or moved again.
  return move === -1 ? after.at(-1) : after[move];
}

function leaves({ body }: Change, arrival: Arrival): boolean {
  switch (body.type) {
    case 'unlink':
      return body.entry === arrival.body.entry;
    case 'move':
      return (
        body.entry === arrival.body.entry && !isPlace(body, arrival.body.parent, arrival.body.name)
      );
    case 'remove-directory':
      return true;
    default:
      return 'over' in body && body.over?.entry === arrival.body.entry;
  }
}

function isAt(change: Change, directory: NodeId, name: Buffer): boolean {
  return isArrival(change) && isPlace(change.body, directory, name);
}

function isPlace(
  place: { readonly parent: NodeId; readonly name: Buffer },
  directory: NodeId,
  name: Buffer,
): boolean {
  return place.parent === directory && place.name.equals(name);
}

function latestFirst(occupants: readonly Occupant[]): Occupant[] {
  return occupants.toSorted((a, b) => {
    if (a.until === undefined || b.until === undefined) {
      return Number(a.until !== undefined) - Number(b.until !== undefined);
    }
    return compareChanges(b.until, a.until);
  });
}
