/** What the activity remembers: which records, how loud, where the list stands, whether it follows. Pure. */
import type { TraceReport } from '../../../protocol/control/mount-reports.ts';
import type { EventRecord } from '../../../protocol/control/reports.ts';
import type { NoteRow } from '../../../protocol/messages/control-notes.ts';
import { geometryOf } from '../../screen/geometry.ts';
import { anchored, atStart, moved, placed, withCursor } from '../../state/list-cursor.ts';
import type { ListCursor, ListShape, Move } from '../../state/list-cursor.ts';
import type { Failure } from '../../state/resources.ts';
import type { State } from '../../state/state.ts';
import { listHeight } from '../../widgets/list-panel.ts';
import type { ReduceContext } from '../view.ts';
import { layoutOf } from './layout.ts';
import { keyOf, listedRecords } from './rows.ts';
import { withAllRead } from './notes.ts';
import { withOperations } from './operations.ts';
import type { Level } from './rows.ts';

export type Source = 'events' | 'audit' | 'notes' | 'operations';

export interface ActivitySlice {
  readonly source: Source;
  /** Quieter records are not listed. */
  readonly least: Level;
  readonly cursor: ListCursor;
  /** The cursor stays on the latest record. */
  readonly follows: boolean;
  readonly audit: {
    readonly records: readonly EventRecord[];
    /** Why they cannot be had. */
    readonly error?: Failure | undefined;
  };
  readonly notes: {
    readonly rows: readonly NoteRow[];
    /** Ids of those that somebody has looked at, or that were there when the console began. */
    readonly read: ReadonlySet<string>;
    /** They have come once. */
    readonly known: boolean;
    readonly error?: Failure | undefined;
  };
  /** Of the mount. */
  readonly operations: {
    readonly ended: readonly EventRecord[];
    readonly waiting: readonly EventRecord[];
    /** Both, as they are listed. */
    readonly records: readonly EventRecord[];
    /** Sequence of the latest that has ended; 0: none has. */
    readonly latest: number;
    /** They have come once. */
    readonly known: boolean;
    readonly error?: Failure | undefined;
  };
}

export type ActivityMessage =
  | Move
  | { readonly type: 'pick'; readonly index: number }
  | { readonly type: 'source'; readonly source: Source }
  | { readonly type: 'least'; readonly level: Level }
  | { readonly type: 'follow'; readonly on: boolean }
  /** `afresh`: in the place of those that were read before. */
  | {
      readonly type: 'audit';
      readonly records: readonly EventRecord[];
      readonly afresh: boolean;
    }
  | { readonly type: 'audit-failed'; readonly error: Failure }
  | { readonly type: 'notes'; readonly rows: readonly NoteRow[] }
  | { readonly type: 'notes-failed'; readonly error: Failure }
  | { readonly type: 'operations'; readonly report: TraceReport; readonly atMs: number }
  | { readonly type: 'operations-failed'; readonly error: Failure };

export const initialActivity: ActivitySlice = {
  source: 'events',
  least: 'info',
  cursor: atStart,
  follows: true,
  audit: { records: [] },
  notes: { rows: [], read: new Set(), known: false },
  operations: { ended: [], waiting: [], records: [], latest: 0, known: false },
};

/** What is kept of the audit log here; `vault audit` has all of it. */
const recordsMax = 2000;

export function reduceActivity(
  slice: ActivitySlice,
  message: ActivityMessage,
  { state }: ReduceContext,
): ActivitySlice {
  switch (message.type) {
    case 'move':
      return placedAt(slice, moved(slice.cursor, message, shapeOf(state, slice)), state);
    case 'pick':
      return placedAt(slice, placed(slice.cursor, message.index, shapeOf(state, slice)), state);
    case 'source':
      return settled({ ...slice, source: message.source, follows: true }, state);
    case 'least':
      return settled({ ...slice, least: message.level }, state);
    case 'follow':
      return settled({ ...slice, follows: message.on }, state);
    case 'audit': {
      const before = message.afresh ? [] : slice.audit.records;
      const records = [...before, ...message.records].slice(-recordsMax);
      return settled({ ...slice, audit: { records } }, state);
    }
    case 'audit-failed':
      return { ...slice, audit: { ...slice.audit, error: message.error } };
    case 'notes': {
      const { known, read } = slice.notes;
      const next = { ...slice, notes: { rows: message.rows, read, known: true } };
      return settled(known ? next : withAllRead(next), state);
    }
    case 'notes-failed':
      return { ...slice, notes: { ...slice.notes, error: message.error } };
    case 'operations': {
      const operations = withOperations(slice, message.report, message.atMs);
      return operations === slice.operations ? slice : settled({ ...slice, operations }, state);
    }
    case 'operations-failed':
      return { ...slice, operations: { ...slice.operations, error: message.error } };
  }
}

/** After records have come, or another filter. */
export function observeActivity(slice: ActivitySlice, { state }: ReduceContext): ActivitySlice {
  return settled(slice, state);
}

function placedAt(slice: ActivitySlice, cursor: ListCursor, state: State): ActivitySlice {
  const follows = cursor.index >= shapeOf(state, slice).count - 1;
  return withCursor(follows === slice.follows ? slice : { ...slice, follows }, cursor);
}

function settled(changed: ActivitySlice, state: State): ActivitySlice {
  const isLookedAt = state.view === 'activity' && changed.source === 'notes';
  const slice = isLookedAt ? withAllRead(changed) : changed;
  const shape = shapeOf(state, slice);
  const cursor = slice.follows
    ? placed(slice.cursor, shape.count - 1, shape)
    : anchored(slice.cursor, shape);
  return withCursor(slice, cursor);
}

/** @param slice the one that counts: that of the state may be older */
function shapeOf(state: State, slice: ActivitySlice): ListShape {
  const records = listedRecords({ ...state, slices: { ...state.slices, activity: slice } });
  const { list } = layoutOf(state, geometryOf(state.size).body);
  return {
    count: records.length,
    height: list === undefined ? 1 : listHeight(list),
    keyAt(index) {
      const record = records[index];
      return record === undefined ? undefined : keyOf(record);
    },
  };
}
