/**
 * Everything that happened to those who had a path, each with the nodes whose history it goes on with.
 * Nothing is cut off at the time when the path was given up: whoever did not know of that yet went on
 * with it, and what they saw at the path has to be found.
 */
import { splitJournalId, type NodeId } from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import { compareChanges } from '../history/compare-changes.ts';
import type { Change } from '../history/history.types.ts';
import { eventsOf, type NodeEvent } from './node-events.ts';
import { occupantsOf, type Occupant, type PastParts } from './occupants.ts';
import type { VaultPath } from './path.ts';

export interface PathPast {
  readonly occupants: readonly Occupant[];
  /** By stamp, the latest last. */
  readonly events: readonly NodeEvent[];
}

/** Of one path; earlier ones are left out. */
const eventsMax = 50_000;

/** No occupants: nothing ever was there. */
export async function pastOf(parts: PastParts, path: VaultPath): Promise<PathPast> {
  const occupants = await occupantsOf(parts, path);
  const covered = new Set<NodeId>();
  const events: NodeEvent[] = [];
  for (const occupant of occupants) {
    if (covered.has(occupant.node)) continue;
    const nodes = new Set(await parts.history.lineageOf(occupant.node));
    for (const node of nodes) {
      if (covered.has(node)) nodes.delete(node);
      covered.add(node);
    }
    events.push(...eventsOf(await changesOf(parts, nodes), nodes));
    if (events.length > eventsMax) break;
  }
  return { occupants, events: events.sort((a, b) => compareChanges(a.change, b.change)) };
}

/** Of all the nodes, each once. */
async function changesOf(
  { history }: PastParts,
  nodes: ReadonlySet<NodeId>,
): Promise<readonly Change[]> {
  const changes = new Map<string, Change>();
  for (const node of nodes) {
    for (const change of await history.changesOf(node)) changes.set(keyOf(change.op), change);
  }
  return [...changes.values()].sort(compareChanges);
}

export function keyOf({ journal, sequence, index }: OpId): string {
  return `${journal}/${String(sequence)}/${String(index)}`;
}

/** Whether two operations are of one device. */
export function isSameDevice(a: OpId, b: OpId): boolean {
  return splitJournalId(a.journal).device === splitJournalId(b.journal).device;
}
