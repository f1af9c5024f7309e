/** Where the panes of the devices are. Pure. */
import { columnsOf, rowsOf } from '../../screen/geometry.ts';
import type { Rect } from '../../screen/panel.ts';
import type { State } from '../../state/state.ts';
import { alone } from '../alone.ts';

export const devicesPanes = ['list', 'details', 'topology'] as const;
export type DevicesPane = (typeof devicesPanes)[number];

/** A pane that has no rectangle is not shown. */
export function layoutOf(state: State, rect: Rect): Partial<Record<DevicesPane, Rect>> {
  if (alone(state)) return { [paneOf(state)]: rect };
  const [list = rect, lower = rect] = rowsOf(rect, [1, 1]);
  const [details = rect, topology = rect] = columnsOf(lower, [3, 2]);
  return { list, details, topology };
}

export function paneOf(state: State): DevicesPane {
  return devicesPanes[state.focus.devices ?? 0] ?? 'list';
}
