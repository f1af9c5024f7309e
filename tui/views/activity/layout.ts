/** Where the panes of the activity are. Pure. */
import { rowsOf } from '../../screen/geometry.ts';
import type { Rect } from '../../screen/panel.ts';
import type { State } from '../../state/state.ts';
import { alone } from '../alone.ts';

export const activityPanes = ['list', 'details'] as const;
export type ActivityPane = (typeof activityPanes)[number];

/** A pane that has no rectangle is not shown. */
export function layoutOf(state: State, rect: Rect): Partial<Record<ActivityPane, Rect>> {
  if (alone(state)) return { [paneOf(state)]: rect };
  const [list = rect, details = rect] = rowsOf(rect, [2, 1]);
  return { list, details };
}

export function paneOf(state: State): ActivityPane {
  return activityPanes[state.focus.activity ?? 0] ?? 'list';
}
