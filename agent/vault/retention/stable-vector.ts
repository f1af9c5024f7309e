/**
 * Up to where history is causally stable: of each journal a beginning such that its batches have seen
 * nothing beyond, and that every batch beyond it, those included that nobody here has heard of yet, has
 * seen all of it. Then no operation can come any more that would have to be put between those before.
 */
import { splitJournalId, type DeviceId, type JournalId } from '../../../protocol/ids.ts';
import type { Vector } from '../batch-times.ts';
import type { Slices } from '../slices.ts';
import { firstToSeeMore, nextThatSpeaks, seenUpTo, type Sights } from './sights.ts';

export interface StableSources {
  readonly sights: Sights;
  /** The batches that count here: no more are looked at. */
  readonly bound: Vector;
  /** Not beyond this. */
  readonly floor: Vector;
  /** Of every device that goes on writing: what all that it may still write will have seen, at least. */
  readonly writers: ReadonlyMap<DeviceId, Vector>;
}

/**
 * The greatest one: each rule only ever lowers it, so whatever order they are asked in ends there.
 * @throws VaultError `cancelled`
 */
export async function stableVector(sources: StableSources, slices: Slices): Promise<Vector> {
  const { bound, floor, writers } = sources;
  const vector = new Map<JournalId, number>();
  for (const [journal, last] of bound) vector.set(journal, Math.min(last, floor.get(journal) ?? 0));
  for (const [writer, sight] of writers) {
    for (const journal of vector.keys()) {
      const isOwn = splitJournalId(journal).device === writer;
      if (!isOwn) lower(vector, journal, sight.get(journal) ?? 0);
    }
  }
  for (let again = true; again;) {
    again = false;
    for (const journal of vector.keys()) {
      await slices.step();
      if (lower(vector, journal, closedEnd(sources, vector, journal))) again = true;
      if (lowerOthers(sources, vector, journal)) again = true;
    }
  }
  return vector;
}

/** Up to where the batches of a journal have seen nothing beyond the vector. */
function closedEnd({ sights, bound }: StableSources, vector: Vector, journal: JournalId): number {
  const own = sights.get(journal);
  let end = vector.get(journal) ?? 0;
  for (const other of own?.seen.keys() ?? []) {
    const upTo = vector.get(other) ?? 0;
    // What does not count here was seen by mistake, and is missed by nobody.
    if (upTo >= (bound.get(other) ?? 0)) continue;
    const first = firstToSeeMore(own, other, upTo);
    if (first !== undefined) end = Math.min(end, first - 1);
  }
  return end;
}

/** The first batch beyond the vector has to have seen all of it; those after it have seen as much. */
function lowerOthers(
  { sights }: StableSources,
  vector: Map<JournalId, number>,
  journal: JournalId,
): boolean {
  const next = nextThatSpeaks(sights.get(journal), vector.get(journal) ?? 0);
  if (next === undefined) return false;
  let isLower = false;
  for (const other of vector.keys()) {
    if (other === journal) continue;
    if (lower(vector, other, seenUpTo(sights.get(journal), next, other))) isLower = true;
  }
  return isLower;
}

function lower(vector: Map<JournalId, number>, journal: JournalId, sequence: number): boolean {
  if ((vector.get(journal) ?? 0) <= sequence) return false;
  vector.set(journal, sequence);
  return true;
}
