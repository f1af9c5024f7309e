/**
 * Up to where the past may go that somebody was promised: below the floor lies no version that is not in
 * the state and that is kept, no moment that a snapshot shows, and no place where a choice of a branch
 * may still change what counts.
 *
 * Kept is every version but those that a rule lets go, and those that went. So without rules the floor
 * lies before the oldest version that was ever replaced, or removal. What a deleted file had last, and what is in the
 * state that the journals begin with, stays in the state as long as what took its place is not folded.
 */
import type { JournalId } from '../../../protocol/ids.ts';
import type { OpId } from '../../../protocol/messages/op.ts';
import type { CountingPrefix } from '../../validity/counting.ts';
import type { Vector } from '../batch-times.ts';
import { rootOf } from '../content-root.ts';
import { keyOf } from '../past-events.ts';
import { Slices } from '../slices.ts';
import { isTrashKept, judgeAll } from './histories.ts';
import type { BareRemoval, OldVersion, OldVersions } from './old-versions.ts';
import { readOldVersions, type PlanParts } from './plan.ts';
import { EffectiveRules } from './rules.ts';

export interface FloorParts extends Pick<
  PlanParts,
  'tree' | 'source' | 'clock' | 'isReleased' | 'folded'
> {
  /** How far a journal counts, and why; undefined: to its end. */
  readonly prefixOf: (journal: JournalId) => CountingPrefix | undefined;
}

/** @throws VaultError `damaged`, `cancelled`, and what the journals cannot be read with */
export async function foldFloor(parts: FloorParts, signal?: AbortSignal): Promise<Vector> {
  const { tree, prefixOf, clock } = parts;
  const slices = new Slices(clock, signal);
  const bound = new Map(tree.vector());
  const floor = new Map(bound);
  const lower = (journal: JournalId, sequence: number): void => {
    if (sequence < (floor.get(journal) ?? 0)) floor.set(journal, sequence);
  };
  for (const journal of bound.keys()) lower(journal, lastUndoubted(prefixOf(journal)));
  for (const { vector } of tree.snapshots()) {
    for (const journal of bound.keys()) lower(journal, vector.get(journal) ?? 0);
  }
  const old = await readOldVersions(parts, bound, slices);
  const rules = new EffectiveRules(tree);
  for (const removal of old.bareRemovals()) {
    await slices.step();
    if (isInTrash(parts, rules, removal)) lower(removal.op.journal, removal.op.sequence - 1);
  }
  for (const version of await keptVersions(parts, old, { rules, slices })) {
    for (const { journal, sequence } of whatHidesIt(parts, version)) lower(journal, sequence - 1);
  }
  return floor;
}

/** Where several batches have one number, another one may be chosen than the one that counts now. */
function lastUndoubted(prefix: CountingPrefix | undefined): number {
  if (prefix === undefined) return Infinity;
  const { stop, settled } = prefix;
  const isChoice = stop?.type === 'forked' || stop?.type === 'elsewhere';
  return Math.min(...settled, isChoice ? stop.at : Infinity) - 1;
}

async function keptVersions(
  parts: FloorParts,
  old: OldVersions,
  { rules, slices }: { readonly rules: EffectiveRules; readonly slices: Slices },
): Promise<readonly OldVersion[]> {
  const { tree, clock, isReleased } = parts;
  const letGo = new Set<OldVersion>();
  for (const versions of judgeAll(tree, old, { rules, nowMs: clock.nowMs() })) {
    await slices.step();
    for (const { old: version, isKept } of versions) {
      if (version !== undefined && !isKept) letGo.add(version);
    }
  }
  const kept: OldVersion[] = [];
  for (const version of old.all()) {
    await slices.step();
    const root = rootOf(version.content);
    const isGone = letGo.has(version) || (root !== undefined && isReleased(root));
    if (!isGone) kept.push(version);
  }
  return kept;
}

/** Whether a link or a directory that was removed is in the trash: nothing but its removal says when it went. */
function isInTrash(
  { tree, clock }: FloorParts,
  rules: EffectiveRules,
  { node, wallMs }: BareRemoval,
): boolean {
  const [place, ...others] = tree.placesOf(node);
  if (place === undefined || [place, ...others].some(({ isListed }) => isListed)) return false;
  return isTrashKept(rules.in(place.parent), wallMs, clock.nowMs());
}

/** Operations none of which may be folded, so that a version stays: itself, or all that took its place. */
function whatHidesIt({ tree, source }: FloorParts, version: OldVersion): readonly OpId[] {
  const { op, replacedBy, buriedBy } = version;
  const isFolded = op.sequence <= (source.beginningOf?.(op.journal)?.sequence ?? 0);
  return isFolded || isInState(tree, version) ? [...replacedBy, ...buriedBy] : [op];
}

/** Whether it is what its file has, or had when it was deleted. */
function isInState(tree: FloorParts['tree'], { node, op }: OldVersion): boolean {
  return tree.everyHeadOf(node).some((head) => keyOf(head.op) === keyOf(op));
}
