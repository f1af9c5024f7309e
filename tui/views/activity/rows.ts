/** What happened, as the activity shows it: events or entries of the audit log, filtered. Pure. */
import type { EventRecord } from '../../../protocol/control/reports.ts';
import { filtered } from '../../state/filtered.ts';
import type { State } from '../../state/state.ts';

export const levels = ['info', 'warning', 'error'] as const;
export type Level = (typeof levels)[number];

export function levelOf({ level }: EventRecord): Level {
  return level ?? 'info';
}

/** The records that are listed, the latest last. */
export function listedRecords(state: State): readonly EventRecord[] {
  const { source, least, audit } = state.slices.activity;
  const all = source === 'events' ? state.events : audit.records;
  const lowest = levels.indexOf(least);
  const loud = lowest === 0 ? all : all.filter((each) => levels.indexOf(levelOf(each)) >= lowest);
  return filtered(state, 'activity', loud, searchedText);
}

/** Everything that a person may look for in a record. */
function searchedText(record: EventRecord): string {
  return `${record.type} ${record.subject ?? ''} ${record.message} ${levelOf(record)}`;
}

/** Tells records apart, also when the oldest ones are dropped. */
export function keyOf(record: EventRecord): string {
  const number = record['sequence'];
  return typeof number === 'number'
    ? String(number)
    : `${record.time} ${record.type} ${record.message}`;
}
