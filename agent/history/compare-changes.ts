/** Changes in the order in which they count: by stamp, and by name where stamps are equal. */
import type { Change } from './history.types.ts';

export function compareChanges(a: Change, b: Change): number {
  return a.stamp.wallMs - b.stamp.wallMs || a.stamp.counter - b.stamp.counter || compareOps(a, b);
}

function compareOps({ op: a }: Change, { op: b }: Change): number {
  if (a.journal !== b.journal) return a.journal < b.journal ? -1 : 1;
  return a.sequence - b.sequence || a.index - b.index;
}
