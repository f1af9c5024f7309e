/** Notes between devices: read whatever view is shown, so that new ones are marked; and as records of a list. */
import type { EventRecord } from '../../../protocol/control/reports.ts';
import type { NoteRow } from '../../../protocol/messages/control-notes.ts';
import { escapeBytes } from '../../../protocol/text/escape.ts';
import type { State } from '../../state/state.ts';
import type { Watch } from '../view.ts';
import type { ActivityMessage, ActivitySlice } from './slice.ts';

const wrap = (message: ActivityMessage) => ({ type: 'view', view: 'activity', message }) as const;

/** The agent tells when one has come; what was said here is read after it was said. */
export const notesWatch: Watch = {
  key: 'activity:notes',
  after: ({ type }) => type === 'note',
  async run(client, { emit }) {
    const rows: NoteRow[] = [];
    for await (const row of client.notes({ follow: false })) rows.push(row);
    emit(wrap({ type: 'notes', rows }));
  },
  failed: (error) => wrap({ type: 'notes-failed', error }),
};

/** Notes of others that have come since the console began and were not looked at. */
export function unreadNotes({ data, slices }: Pick<State, 'data' | 'slices'>): number {
  const { rows, read } = slices.activity.notes;
  const self = data.status?.value?.deviceId;
  return rows.filter(({ id, deviceId }) => deviceId !== self && !read.has(id)).length;
}

/** All that are here are known. */
export function withAllRead(slice: ActivitySlice): ActivitySlice {
  const { notes } = slice;
  if (notes.rows.every(({ id }) => notes.read.has(id))) return slice;
  return { ...slice, notes: { ...notes, read: new Set(notes.rows.map(({ id }) => id)) } };
}

const made = new WeakMap<readonly NoteRow[], readonly EventRecord[]>();

/** The same array for the same notes. */
export function noteRecords(rows: readonly NoteRow[]): readonly EventRecord[] {
  const records = made.get(rows) ?? rows.map(recordOf);
  made.set(rows, records);
  return records;
}

/** The author's clock may show what no calendar has. */
function timeText(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? `@${String(timeMs)}` : date.toISOString();
}

function recordOf({ id, timeMs, author, to, pinned, path, text }: NoteRow): EventRecord {
  const whom = to === undefined ? '' : ` to ${to.name}`;
  const where = path === undefined ? 'what is gone' : `/${escapeBytes(path)}`;
  const about = pinned ? ` about ${where}` : '';
  return {
    time: timeText(timeMs),
    type: to === undefined ? (pinned ? 'pinned' : 'for all') : 'for one',
    message: `${author}${whom}${about}: ${text.replace(/\n/g, ' ')}`,
    author,
    ...(to === undefined ? {} : { to: to.name }),
    ...(pinned ? { path: where } : {}),
    text,
    id,
  };
}
