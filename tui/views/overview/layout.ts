/** Where the panes of the overview are. Pure. */
import { columnsOf, rowsOf } from '../../screen/geometry.ts';
import type { Rect } from '../../screen/panel.ts';
import type { State } from '../../state/state.ts';
import { alone } from '../alone.ts';

export const overviewPanes = ['health', 'vault', 'throughput', 'activity'] as const;
export type OverviewPane = (typeof overviewPanes)[number];

export function paneOf(state: State): OverviewPane {
  return overviewPanes[state.focus.overview ?? 0] ?? 'health';
}

/** A pane that has no rectangle is not shown. */
export function layoutOf(state: State, rect: Rect): Partial<Record<OverviewPane, Rect>> {
  if (alone(state)) return { [paneOf(state)]: rect };
  const [left = rect, right = rect] = columnsOf(rect, [1, 1]);
  const [health = rect, vault = rect] = rowsOf(left, [9, 11]);
  const [throughput = rect, activity = rect] = rowsOf(right, [11, 9]);
  return { health, vault, throughput, activity };
}
