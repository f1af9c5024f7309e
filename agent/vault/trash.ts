/**
 * What was deleted and is not back: one row for each file, and for each directory with all that went
 * with it, the latest first. The tree knows where each was and what it held; the history knows when it
 * went.
 */
import { splitJournalId, type DeviceId, type NodeId } from '../../protocol/ids.ts';
import type { TrashRow } from '../../protocol/messages/control-history.ts';
import type { DepartureNote } from '../history/history.types.ts';
import type { Placement, Tree } from '../namespace/tree.types.ts';
import type { Clock } from '../ports.ts';
import { sizeOf, type ReleasedChunks } from './browse.ts';
import { cameBack } from './came-back.ts';
import { isForgotten } from './forgotten.ts';
import { oneDeed } from './gone-with.ts';
import { occupantsOf, type PastParts } from './occupants.ts';
import { isSameDevice } from './past-events.ts';
import { pathOfPlace } from './past-places.ts';
import { neverThere } from './path-log.ts';
import { joinPath, type VaultPath } from './path.ts';
import { EffectiveRules } from './retention/rules.ts';
import { Slices } from './slices.ts';
import { formatVersion } from './version-id.ts';

export interface TrashParts extends PastParts {
  readonly clock: Clock;
  readonly deviceName: (device: DeviceId) => string;
  readonly released: ReleasedChunks;
}

/** Of one list, the latest. */
const rowsMax = 10_000;
const dayMs = 24 * 3_600_000;

/** Something that went by itself, with what went below it by the same device. */
interface Heap {
  readonly note: DepartureNote;
  readonly place: Placement;
  readonly parts: { readonly wallMs: number; readonly size: number }[];
}

/**
 * @throws VaultError `not-found` when there never was such a directory; `overload`
 */
export async function* trashBelow(parts: TrashParts, path: VaultPath): AsyncGenerator<TrashRow> {
  for await (const { row } of deedsBelow(parts, path)) yield row;
}

/** The same, each with the time when the first of what went with it went. */
export async function* deedsBelow(
  parts: TrashParts,
  path: VaultPath,
): AsyncGenerator<{ readonly row: TrashRow; readonly beganMs: number }> {
  const heaps = await heapsBelow(parts, path);
  const rules = new EffectiveRules(parts.tree);
  for (const heap of heaps.toReversed()) {
    // What went for good is in no trash any more.
    const [head] = parts.tree.everyHeadOf(heap.note.node);
    if (head !== undefined && isForgotten(parts, head.content)) continue;
    const gone = oneDeed(heap.parts, heap.note.wallMs);
    const beganMs = gone.reduce((min, { wallMs }) => Math.min(min, wallMs), heap.note.wallMs);
    yield { row: rowOf(parts, heap, rules), beganMs };
  }
}

async function heapsBelow(parts: TrashParts, path: VaultPath): Promise<readonly Heap[]> {
  const { tree, history, clock } = parts;
  const occupants = await occupantsOf(parts, path);
  if (occupants.length === 0) throw neverThere(parts, path);
  const tops = new Set(occupants.map(({ node }) => node));
  const last = new Map<NodeId, DepartureNote>();
  // They come in slices of their own.
  for await (const note of history.departures()) {
    if (note.kind === 'move' || note.kind === 'replace') continue;
    // The last removal comes last.
    last.delete(note.node);
    if (tree.placesOf(note.node).some(({ isListed }) => !isListed)) last.set(note.node, note);
  }
  const heaps = new Map<NodeId, Heap>();
  const slices = new Slices(clock);
  for (const note of last.values()) {
    await slices.step();
    if (cameBack(tree, note.node, note.wallMs)) continue;
    for (const place of tree.placesOf(note.node)) {
      if (!place.isListed) addTo(tree, heaps, { tops, last, note, place });
    }
  }
  return [...heaps.values()].sort((a, b) => a.note.wallMs - b.note.wallMs).slice(-rowsMax);
}

interface Gone {
  /** Where the list begins. */
  readonly tops: ReadonlySet<NodeId>;
  readonly last: ReadonlyMap<NodeId, DepartureNote>;
  readonly note: DepartureNote;
  readonly place: Placement;
}

/** Counts it to the directory that went with it, or shows it by itself. */
function addTo(tree: Tree, heaps: Map<NodeId, Heap>, { tops, last, note, place }: Gone): void {
  let heap: Pick<Heap, 'note' | 'place'> = { note, place };
  let at = place;
  // Up to the highest directory that is gone, within what was asked for.
  while (!tops.has(at.parent)) {
    const above = last.get(at.parent);
    const [next] = tree.placesOf(at.parent);
    if (next === undefined) {
      if (at.parent !== tree.root().id) return;
      break;
    }
    if (above !== undefined && !next.isListed) heap = { note: above, place: next };
    at = next;
  }
  if (!tops.has(at.parent)) return;
  const known = heaps.get(heap.note.node) ?? { ...heap, parts: [] };
  heaps.set(heap.note.node, known);
  if (!isSameDevice(note.op, heap.note.op) || note.wallMs > heap.note.wallMs) return;
  const size = sizeOf(tree.everyHeadOf(note.node)[0]?.content);
  known.parts.push({ wallMs: note.wallMs, size });
}

function rowOf(
  { tree, deviceName, clock }: TrashParts,
  { note, place, parts }: Heap,
  rules: EffectiveRules,
): TrashRow {
  const { device } = splitJournalId(note.op.journal);
  const [head] = tree.everyHeadOf(note.node);
  // What was deleted below it earlier does not come back with it.
  const gone = oneDeed(parts, note.wallMs);
  return {
    path: joinPath(pathOfPlace(tree, place)),
    kind: tree.node(note.node)?.kind ?? 'file',
    size: gone.reduce((sum, { size }) => sum + size, 0),
    entries: gone.length,
    timeMs: note.wallMs,
    author: deviceName(device),
    deviceId: device,
    version: head === undefined ? undefined : formatVersion(head.op),
    daysLeft: daysLeft(rules.in(place.parent).trashDays?.value, note.wallMs, clock.nowMs()),
  };
}

/** Rounded up: 0 when the time is over. */
function daysLeft(days: number | undefined, goneMs: number, nowMs: number): number | undefined {
  if (days === undefined) return undefined;
  return Math.max(0, Math.ceil((goneMs - nowMs) / dayMs + days));
}
