/**
 * Which versions of one file a rule keeps, and why: the newest of so many hours, days, weeks, months and
 * years that have one, the last so many, and all that were the present one within a time. Pure. Times are
 * UTC, so that every device comes to the same answer.
 */
import { keepKinds, type KeepKind, type KeepRule } from '../../../protocol/text/retention-rule.ts';

export interface DatedVersion {
  readonly writtenMs: number;
  /** When another one took its place, or it was deleted; undefined: it is the present one. */
  readonly replacedMs: number | undefined;
}

export type KeepReason = KeepKind | 'within';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** In which period of a kind a time lies; of `last` each version is its own. */
const periodOf: Readonly<Record<KeepKind, (ms: number, at: number) => number>> = {
  last: (_, at) => at,
  hourly: (ms) => Math.floor(ms / hourMs),
  daily: (ms) => Math.floor(ms / dayMs),
  // Weeks begin on Monday; 1970 began on a Thursday.
  weekly: (ms) => Math.floor((Math.floor(ms / dayMs) + 3) / 7),
  monthly: (ms) => monthOf(ms),
  yearly: (ms) => Math.floor(monthOf(ms) / 12),
};

/**
 * @param versions the newest first, the present one included
 * @returns for each why it is kept; none: nothing keeps it
 */
export function keepReasons(
  versions: readonly DatedVersion[],
  rule: KeepRule,
  nowMs: number,
): readonly (readonly KeepReason[])[] {
  const reasons = versions.map((): KeepReason[] => []);
  for (const kind of keepKinds) {
    let left = rule[kind];
    let period: number | undefined;
    for (const [at, { writtenMs }] of versions.entries()) {
      if (left === 0) break;
      const own = periodOf[kind](writtenMs, at);
      if (own === period) continue;
      period = own;
      left -= 1;
      reasons[at]?.push(kind);
    }
  }
  const sinceMs = nowMs - rule.withinHours * hourMs;
  for (const [at, { replacedMs }] of versions.entries()) {
    if (rule.withinHours > 0 && (replacedMs ?? nowMs) >= sinceMs) reasons[at]?.push('within');
  }
  return reasons;
}

function monthOf(ms: number): number {
  const date = new Date(ms);
  // A time that no calendar has, by a clock that is wrong beyond all measure.
  if (Number.isNaN(date.getTime())) return Math.floor(ms / (30 * dayMs));
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
