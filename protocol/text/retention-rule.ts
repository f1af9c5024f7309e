/**
 * A retention rule as text: what of the past a path keeps. The agent keeps it at the node, the client
 * makes it of its options, both show it. `keep-last=10 keep-daily=7 keep-within=90d trash-days=30`.
 */
import { VaultError } from '../errors.ts';

/** How many of each kind are kept; 0: none for this reason. */
export interface KeepRule {
  readonly last: number;
  readonly hourly: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
  /** Every version that was the present one within so many hours before now. */
  readonly withinHours: number;
}

export interface RetentionRule {
  /** Of the versions of a file; undefined: nothing is said, the directory above decides. */
  readonly keep: KeepRule | undefined;
  /** So long what was deleted stays; undefined: nothing is said. */
  readonly trashDays: number | undefined;
}

export const keepKinds = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type KeepKind = (typeof keepKinds)[number];

export const noKeep: KeepRule = {
  last: 0,
  hourly: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  withinHours: 0,
};

const countMax = 1_000_000;
const hoursMax = 24 * 365 * 1000;
const textBytesMax = 256;
const hoursOf = { h: 1, d: 24, w: 24 * 7, m: 24 * 30, y: 24 * 365 } as const;

/** The rule in its one form: equal rules are equal texts. */
export function formatRetention({ keep, trashDays }: RetentionRule): string {
  const words: string[] = [];
  for (const kind of keepKinds) {
    if (keep !== undefined && keep[kind] > 0) words.push(`keep-${kind}=${String(keep[kind])}`);
  }
  if (keep !== undefined && keep.withinHours > 0)
    words.push(`keep-within=${formatHours(keep.withinHours)}`);
  if (trashDays !== undefined) words.push(`trash-days=${String(trashDays)}`);
  return words.join(' ');
}

/**
 * The rule that a text says.
 * @throws VaultError `usage` for anything that is no rule, or says nothing
 */
export function parseRetention(text: string): RetentionRule {
  if (text.length > textBytesMax) throw refused('the rule', 'it is too long');
  const keep: Record<keyof KeepRule, number> = { ...noKeep };
  let trashDays: number | undefined;
  let keeps = false;
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const at = word.indexOf('=');
    const [name, value] = [word.slice(0, at), word.slice(at + 1)];
    const kind = keepKinds.find((each) => name === `keep-${each}`);
    if (kind !== undefined) keep[kind] = countOf(name, value);
    else if (name === 'keep-within') keep.withinHours = parseHours(value);
    else if (name === 'trash-days') trashDays = countOf(name, value);
    else throw refused(word, 'it is no part of a rule');
    keeps ||= name.startsWith('keep-');
  }
  const isEmpty = Object.values(keep).every((each) => each === 0);
  if (keeps && isEmpty) throw refused(text, 'at least one of the numbers has to be above 0');
  if (!keeps && trashDays === undefined) throw refused('the rule', 'it says nothing');
  return { keep: keeps ? keep : undefined, trashDays };
}

/**
 * Hours of a duration like `90d`, `2y6m` or `36h`; a month has 30 days, a year 365.
 * @throws VaultError `usage`
 */
export function parseHours(text: string): number {
  let hours = 0;
  if (!/^(?:\d{1,6}[hdwmy]){1,5}$/.test(text))
    throw refused(text, 'durations are like 90d or 1y6m');
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)([hdwmy])/g)) {
    hours += Number(count) * hoursOf[unit as keyof typeof hoursOf];
  }
  if (hours === 0 || hours > hoursMax) throw refused(text, 'it is out of range');
  return hours;
}

export function formatHours(hours: number): string {
  return hours % 24 === 0 ? `${String(hours / 24)}d` : `${String(hours)}h`;
}

function countOf(name: string, value: string): number {
  const count = Number(value);
  if (/^\d{1,7}$/.test(value) && count <= countMax) return count;
  throw refused(`${name} ${value}`, `a whole number up to ${String(countMax)} is needed`);
}

function refused(subject: string, detail: string): VaultError {
  return new VaultError('usage', {
    op: 'retention.rule',
    subject,
    detail,
    next: 'vault retention set --help shows what a rule can say',
  });
}
