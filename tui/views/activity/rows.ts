/** What happened, as the activity shows it: events or entries of the audit log, filtered. Pure. */
import type { EventRecord } from '../../../protocol/control/reports.ts';
import { filtered } from '../../state/filtered.ts';
import type { State } from '../../state/state.ts';
import { noteRecords } from './notes.ts';

export const levels = ['info', 'warning', 'error'] as const;
export type Level = (typeof levels)[number];

export function levelOf({ level }: EventRecord): Level {
  return level ?? 'info';
}

/** The records that are listed, the latest last. */
export function listedRecords(state: State): readonly EventRecord[] {
  const { source, least, audit, notes, operations } = state.slices.activity;
  const all = {
    events: state.events,
    audit: audit.records,
    notes: noteRecords(notes.rows),
    operations: operations.records,
  }[source];
  const lowest = levels.indexOf(least);
  const loud = lowest === 0 ? all : all.filter((each) => levels.indexOf(levelOf(each)) >= lowest);
  return filtered(state, 'activity', loud, searchedText);
}

/** Everything that a person may look for in a record. */
export function searchedText(record: EventRecord): string {
  return `${record.type} ${record.subject ?? ''} ${record.message} ${levelOf(record)}`;
}

/** Tells records apart, also when the oldest ones are dropped. */
export function keyOf(record: EventRecord): string {
  const { sequence: number, id } = record;
  if (typeof id === 'string') return id;
  return typeof number === 'number'
    ? String(number)
    : `${record.time} ${record.type} ${record.message}`;
}
