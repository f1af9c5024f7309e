/** Where the panes of the transfers view are. Pure. */
import { rowsOf } from '../../screen/geometry.ts';
import type { Rect } from '../../screen/panel.ts';
import type { State } from '../../state/state.ts';
import { alone } from '../alone.ts';

export const transfersPanes = ['list', 'details'] as const;
export type TransfersPane = (typeof transfersPanes)[number];

export function transfersPane(state: State): TransfersPane {
  return transfersPanes[state.focus.transfers ?? 0] ?? 'list';
}

/** A pane that has no rectangle is not shown. */
export function layoutOf(state: State, rect: Rect): Partial<Record<TransfersPane, Rect>> {
  if (alone(state)) return { [transfersPane(state)]: rect };
  const [list = rect, details = rect] = rowsOf(rect, [3, 2]);
  return { list, details };
}
