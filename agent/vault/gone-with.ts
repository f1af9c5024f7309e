/**
 * What went with a directory when it was deleted. Removing a tree is many operations, and nothing says
 * that they are one deed: those of the same device that follow each other closely, up to the removal of
 * the directory, are taken for it.
 */
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import type { DepartureNote } from '../history/history.types.ts';
import { nodeSetOf } from '../history/node-set.ts';
import type { Place } from '../history/place-before.ts';
import type { Clock } from '../ports.ts';
import type { Placement } from '../namespace/tree.types.ts';
import { cameBack } from './came-back.ts';
import type { Occupant, PastParts } from './occupants.ts';
import { isSameDevice } from './past-events.ts';
import { Slices } from './slices.ts';

export interface GoneEntry extends Place {
  readonly node: NodeId;
}

export interface GoneDirectory extends GoneEntry {
  readonly entry: EntryId;
}

export interface GoneTree {
  /** The directory itself first, parents before their children. */
  readonly directories: readonly GoneDirectory[];
  /** Files and symlinks. */
  readonly entries: readonly GoneEntry[];
}

/** Two removals that are further apart are two deeds. */
const pauseMsMax = 10_000;

export async function goneWith(
  parts: PastParts & { readonly clock: Clock },
  { node: top, until }: Occupant,
): Promise<GoneTree> {
  const below = await placedBelow(parts, top);
  const removed = until === undefined ? new Set([top]) : await removedWith(parts, below, until);
  removed.add(top);
  const directories: GoneDirectory[] = [];
  const entries: GoneEntry[] = [];
  // Parents come first: a child of one that stays away stays away too.
  const kept = new Set<NodeId>([top]);
  for (const [node, places] of below) {
    const isDirectory = parts.tree.node(node)?.kind === 'directory';
    if (until !== undefined && cameBack(parts.tree, node, until.stamp.wallMs)) continue;
    for (const { entry, parent, name } of removed.has(node) ? places : []) {
      if (node !== top && !kept.has(parent)) continue;
      if (isDirectory) {
        kept.add(node);
        directories.push({ node, entry, parent, name });
      } else entries.push({ node, parent, name });
    }
  }
  return { directories, entries };
}

/** Nodes whose last place is in the directory or below it and that are not there now, itself first. */
async function placedBelow(
  { tree, history, clock }: PastParts & { readonly clock: Clock },
  top: NodeId,
): Promise<ReadonlyMap<NodeId, readonly Placement[]>> {
  const slices = new Slices(clock);
  const found = new Map<NodeId, readonly Placement[]>([[top, tree.placesOf(top).slice(0, 1)]]);
  for (const directory of found.keys()) {
    if (tree.node(directory)?.kind !== 'directory') continue;
    for (const { node } of await history.arrivalsIn(directory)) {
      await slices.step();
      if (found.has(node)) continue;
      const places = tree
        .placesOf(node)
        .filter(({ parent, isListed }) => parent === directory && !isListed);
      if (places.length > 0) found.set(node, places);
    }
  }
  return found;
}

/** Those of the nodes that the same deed removed. */
async function removedWith(
  { history }: PastParts,
  below: ReadonlyMap<NodeId, unknown>,
  until: NonNullable<Occupant['until']>,
): Promise<Set<NodeId>> {
  const notes: DepartureNote[] = [];
  for await (const note of history.departuresOf(nodeSetOf(below.keys()))) {
    if (note.kind === 'move' || note.kind === 'replace' || !below.has(note.node)) continue;
    if (isSameDevice(note.op, until.op) && note.wallMs <= until.stamp.wallMs) notes.push(note);
  }
  return new Set(oneDeed(notes, until.stamp.wallMs).map(({ node }) => node));
}

/**
 * Those that follow each other closely, up to a time.
 * @param notes by time, oldest first
 */
export function oneDeed<Timed extends { readonly wallMs: number }>(
  notes: readonly Timed[],
  endMs: number,
): readonly Timed[] {
  let lastMs = endMs;
  for (let at = notes.length - 1; at >= 0; at--) {
    const { wallMs } = notes[at] as Timed;
    if (lastMs - wallMs > pauseMsMax) return notes.slice(at + 1);
    lastMs = wallMs;
  }
  return notes;
}
