/** Numbers of a row against its goals. Pure. */
import { isBetterWhenMore, ours, type Bound, type Goal, type Unit } from './row.ts';

export interface Measured {
  readonly name: string;
  /** In the unit of the row, in the order of the rounds; empty when it did not take part. */
  readonly values: readonly number[];
  /** Why there are no values. */
  readonly absence?: string | undefined;
}

export interface Verdict {
  readonly level: Goal['level'];
  readonly result: 'PASS' | 'below' | 'not measured';
  readonly text: string;
}

export function judge(
  goals: readonly Goal[],
  unit: Unit,
  measured: readonly Measured[],
): Verdict[] {
  return goals.map((goal) => judgeOne(goal, unit, measured));
}

function judgeOne(goal: Goal, unit: Unit, measured: readonly Measured[]): Verdict {
  const own = medianOf(measured, ours);
  const checks = goal.anyOf.map((bound) => check(bound, { unit, own, measured }));
  const known = checks.filter(({ isMet }) => isMet !== undefined);
  const isMet = known.some((each) => each.isMet === true);
  return {
    level: goal.level,
    result: isMet ? 'PASS' : known.length < checks.length ? 'not measured' : 'below',
    text: checks.map(({ text }) => text).join(', or '),
  };
}

interface Numbers {
  readonly unit: Unit;
  readonly own: number | undefined;
  readonly measured: readonly Measured[];
}

function check(bound: Bound, { unit, own, measured }: Numbers): { isMet?: boolean; text: string } {
  const more = isBetterWhenMore(unit);
  const word = more ? 'at least' : 'at most';
  if (bound.kind === 'limit') {
    const text = `${word} ${formatNumber(bound.value)} ${unit}`;
    if (own === undefined) return { text };
    return { isMet: more ? own >= bound.value : own <= bound.value, text };
  }
  const text = `${word} ${String(bound.factor)}x ${bound.of}`;
  const other = medianOf(measured, bound.of);
  if (own === undefined || other === undefined) return { text };
  const ratio = own / other;
  const isMet = more ? ratio >= bound.factor : ratio <= bound.factor;
  return { isMet, text: `${text}: ${ratio.toFixed(2)}x` };
}

function medianOf(measured: readonly Measured[], name: string): number | undefined {
  const values = measured.find((each) => each.name === name)?.values ?? [];
  return values.length === 0 ? undefined : median(values);
}

/** @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function formatNumber(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-GB', { maximumFractionDigits: digits });
}
