/** Where the panes of the copies are. Pure. */
import { columnsOf, rowsOf } from '../../screen/geometry.ts';
import type { Rect } from '../../screen/panel.ts';
import type { State } from '../../state/state.ts';
import { alone } from '../alone.ts';

export const copiesPanes = ['parts', 'devices', 'details', 'space'] as const;
export type CopiesPane = (typeof copiesPanes)[number];

/** A pane that has no rectangle is not shown. */
export function layoutOf(state: State, rect: Rect): Partial<Record<CopiesPane, Rect>> {
  if (alone(state)) return { [paneOf(state)]: rect };
  const [upper = rect, lower = rect] = rowsOf(rect, [3, 2]);
  const [parts = rect, devices = rect] = columnsOf(upper, [1, 1]);
  const [details = rect, space = rect] = columnsOf(lower, [1, 1]);
  return { parts, devices, details, space };
}

export function paneOf(state: State): CopiesPane {
  return copiesPanes[state.focus.copies ?? 0] ?? 'parts';
}
