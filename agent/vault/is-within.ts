/** Of two vectors, which say how far each journal goes: whether the one knows nothing beyond the other. */
import type { Vector } from './batch-times.ts';

export function isWithin(lesser: Vector, greater: Vector): boolean {
  return [...lesser].every(([journal, last]) => last <= (greater.get(journal) ?? 0));
}
