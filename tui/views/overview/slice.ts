/** What the overview remembers: where its lists stand. Pure. */
import { atStart, moved, placed } from '../../state/list-cursor.ts';
import type { ListCursor, ListShape, Move } from '../../state/list-cursor.ts';
import type { State } from '../../state/state.ts';
import type { EventRecord, Reason } from '../../../protocol/control/reports.ts';
import { filtered } from '../../state/filtered.ts';
import { searchedText } from '../activity/rows.ts';
import { geometryOf } from '../../screen/geometry.ts';
import type { ReduceContext } from '../view.ts';
import { layoutOf, paneOf } from './layout.ts';

export interface OverviewSlice {
  readonly reasons: ListCursor;
  /** Rows above the latest event. */
  readonly activityUp: number;
}

export type OverviewMessage = Move | { readonly type: 'pick-reason'; readonly index: number };

export const initialOverview: OverviewSlice = { reasons: atStart, activityUp: 0 };

export function reduceOverview(
  slice: OverviewSlice,
  message: OverviewMessage,
  { state }: ReduceContext,
): OverviewSlice {
  if (message.type === 'pick-reason') {
    return { ...slice, reasons: placed(slice.reasons, message.index, reasonsShape(state)) };
  }
  if (paneOf(state) !== 'activity') {
    return { ...slice, reasons: moved(slice.reasons, message, reasonsShape(state)) };
  }
  const height = activityHeight(state);
  const step = { line: 1, half: Math.ceil(height / 2), page: height, end: Infinity }[message.unit];
  const most = Math.max(0, shownEvents(state).length - height);
  return {
    ...slice,
    activityUp: Math.min(most, Math.max(0, slice.activityUp - message.by * step)),
  };
}

/** What needs somebody, as the filter allows. */
export function shownReasons(state: State): readonly Reason[] {
  const reasons = state.data.status?.value?.reasons ?? none;
  return filtered(state, 'overview', reasons, ({ message, next = '' }) => `${message} ${next}`);
}

/** Those that fit the filter, the latest last. */
export function shownEvents(state: State): readonly EventRecord[] {
  return filtered(state, 'overview', state.events, searchedText);
}

const none: readonly never[] = [];

function reasonsShape(state: State): ListShape {
  const reasons = shownReasons(state);
  return { count: reasons.length, height: 4, keyAt: (index) => reasons[index]?.code };
}

function activityHeight(state: State): number {
  const { activity } = layoutOf(state, geometryOf(state.size).body);
  return Math.max(1, (activity?.height ?? 0) - 2);
}
