/**
 * Up to where old history could be folded now, what that would give back, and what holds up the rest:
 * what rules and snapshots keep of the past, and devices that have not said that they have everything.
 */
import { splitJournalId, type DeviceId, type JournalId } from '../../../protocol/ids.ts';
import type { BatchSource } from '../../history/history.types.ts';
import type { Tree } from '../../namespace/tree.types.ts';
import type { Clock } from '../../ports.ts';
import type { Vector } from '../batch-times.ts';
import { Slices } from '../slices.ts';
import { nextThatSpeaks, readSights, seenUpTo, type Sights } from './sights.ts';
import { stableVector } from './stable-vector.ts';
import { isWithin } from '../is-within.ts';

export interface FoldPlanParts {
  readonly device: DeviceId;
  readonly tree: Pick<Tree, 'vector'>;
  readonly source: Pick<BatchSource, 'read' | 'beginningOf'>;
  readonly clock: Clock;
  /** The highest vector that rules, snapshots and hidden branches let fold. */
  readonly floor: (signal: AbortSignal | undefined) => Promise<Vector>;
  /** What the checkpoint that stands folds; undefined: none stands. */
  readonly standing: () => Vector | undefined;
  /** Devices that may write, this one among them or not. */
  readonly writers: () => readonly DeviceId[];
  /** What a device said last that it has; undefined: nothing since this agent started. */
  readonly announced: (device: DeviceId) => Vector | undefined;
}

export interface FoldPlan {
  /** Journals of which something goes, and up to where. */
  readonly vector: Vector;
  /** As far as rules, snapshots and hidden branches let it go. */
  readonly floor: Vector;
  readonly batches: number;
  /** As they stand in the journals. */
  readonly bytes: number;
  /** Of these, what a device gets back: headers and signatures stay. */
  readonly bytesBack: number;
  /** Of all that count here. */
  readonly batchesAll: number;
  readonly bytesAll: number;
  /** Batches that stay whatever other devices say. */
  readonly batchesKept: number;
  /** The latest of the batches that go, by its author's clock; undefined: none goes. */
  readonly latestMs: number | undefined;
  readonly waitsFor: readonly FoldWaits[];
  /** Whether operations are among them that the checkpoint that stands does not fold. */
  readonly isMore: boolean;
  /** Whether all beyond the checkpoint that stands has seen what it folds; undefined: not all of that is here. */
  readonly standingIsStable: boolean | undefined;
}

/** A device that may still write something that has not seen so many batches. */
export interface FoldWaits {
  readonly device: DeviceId;
  readonly batches: number;
}

/** @throws VaultError `damaged`, `chunk-missing`, `no-key`, `cancelled`: then nothing may be folded */
export async function planFold(parts: FoldPlanParts, signal?: AbortSignal): Promise<FoldPlan> {
  const slices = new Slices(parts.clock, signal);
  const bound = new Map(parts.tree.vector());
  const sights = await readSights(parts.source, bound, slices);
  const floor = withNotes(await parts.floor(signal), sights);
  const writers = new Map(
    parts.writers().map((device) => [device, sightOf(parts, { sights, bound, device })]),
  );
  const sources = { sights, bound, floor };
  const highest = await stableVector({ ...sources, writers: new Map() }, slices);
  const stable = await stableVector({ ...sources, writers }, slices);
  const vector = new Map([...stable].filter(([, sequence]) => sequence > 0));
  return {
    ...{ vector, floor },
    ...weightOf(sights, vector),
    ...namedAll(weightOf(sights, bound)),
    batchesKept: weightOf(sights, bound).batches - weightOf(sights, highest).batches,
    waitsFor: waitsFor(writers, highest),
    isMore: isMore(sights, vector, parts.standing()),
    standingIsStable: await isStable({ sights, bound }, parts.standing(), slices),
  };
}

/** What a hidden branch of ours said is not said twice as long as it stands here that it was said again. */
function withNotes(floor: Vector, sights: Sights): Vector {
  return new Map(
    [...floor].map(([journal, sequence]) => {
      const { reissuesAt = Infinity } = sights.get(journal) ?? {};
      return [journal, Math.min(sequence, reissuesAt - 1)] as const;
    }),
  );
}

/** What devices say to agree is no reason to have them agree again. */
function isMore(sights: Sights, vector: Vector, standing: Vector | undefined): boolean {
  return [...vector].some(([journal, last]) => {
    const next = nextThatSpeaks(sights.get(journal), standing?.get(journal) ?? 0);
    return next !== undefined && next <= last;
  });
}

async function isStable(
  { sights, bound }: { readonly sights: Sights; readonly bound: Vector },
  standing: Vector | undefined,
  slices: Slices,
): Promise<boolean | undefined> {
  if (standing === undefined || !isWithin(standing, bound)) return undefined;
  const stable = await stableVector({ sights, bound, floor: standing, writers: new Map() }, slices);
  return [...standing].every(([journal, last]) => stable.get(journal) === last);
}

/**
 * What everything that a device may still write will have seen. Of one that is away nobody knows what it
 * has written since; what it had seen by its last batch here, it has not forgotten.
 */
function sightOf(
  { device: self, announced }: FoldPlanParts,
  { sights, bound, device }: { sights: Sights; bound: Vector; device: DeviceId },
): Vector {
  if (device === self) return bound;
  const sight = new Map<JournalId, number>();
  const raise = (journal: JournalId, sequence: number): void => {
    if (sequence > (sight.get(journal) ?? 0)) sight.set(journal, sequence);
  };
  const isOwn = (journal: JournalId): boolean => splitJournalId(journal).device === device;
  for (const [journal, last] of bound) {
    if (!isOwn(journal)) continue;
    for (const other of bound.keys()) raise(other, seenUpTo(sights.get(journal), last, other));
  }
  const said = announced(device) ?? new Map<JournalId, number>();
  // It counts from its last batch on that it had by then: all of these have to be here.
  const isAllHere = [...said].every(
    ([journal, last]) => !isOwn(journal) || last <= (bound.get(journal) ?? 0),
  );
  if (isAllHere) for (const [journal, sequence] of said) raise(journal, sequence);
  return sight;
}

function waitsFor(writers: ReadonlyMap<DeviceId, Vector>, highest: Vector): readonly FoldWaits[] {
  return [...writers].flatMap(([device, sight]) => {
    let batches = 0;
    for (const [journal, sequence] of highest) {
      if (splitJournalId(journal).device === device) continue;
      batches += Math.max(0, sequence - (sight.get(journal) ?? 0));
    }
    return batches === 0 ? [] : { device, batches };
  });
}

function weightOf(
  sights: Sights,
  vector: Vector,
): Pick<FoldPlan, 'batches' | 'bytes' | 'bytesBack' | 'latestMs'> {
  let batches = 0;
  let bytes = 0;
  let bytesBack = 0;
  let latestMs: number | undefined;
  for (const [journal, sequence] of vector) {
    if (sequence === 0) continue;
    const own = sights.get(journal);
    const count = sequence - (own?.folded ?? 0);
    if (own === undefined || count <= 0) continue;
    batches += count;
    bytes += own.bytes[count - 1] ?? 0;
    bytesBack += own.bodyBytes[count - 1] ?? 0;
    latestMs = Math.max(latestMs ?? 0, own.latestMs[count - 1] ?? 0);
  }
  return { batches, bytes, bytesBack, latestMs };
}

function namedAll({
  batches,
  bytes,
}: Pick<FoldPlan, 'batches' | 'bytes'>): Pick<FoldPlan, 'batchesAll' | 'bytesAll'> {
  return { batchesAll: batches, bytesAll: bytes };
}
