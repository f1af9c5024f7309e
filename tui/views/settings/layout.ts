/** Where the panes of the settings are. Pure. */
import { columnsOf, rowsOf } from '../../screen/geometry.ts';
import type { Rect } from '../../screen/panel.ts';
import type { State } from '../../state/state.ts';
import { alone } from '../alone.ts';

export const settingsPanes = ['list', 'details', 'keys'] as const;
export type SettingsPane = (typeof settingsPanes)[number];

/** Below this, details and keys take turns. */
const besideColumns = 110;

/** A pane that has no rectangle is not shown. */
export function layoutOf(state: State, rect: Rect): Partial<Record<SettingsPane, Rect>> {
  const pane = paneOf(state);
  if (alone(state)) return { [pane]: rect };
  const [list = rect, lower = rect] = rowsOf(rect, [1, 1]);
  if (rect.width < besideColumns) return { list, [pane === 'keys' ? 'keys' : 'details']: lower };
  const [details = rect, keys = rect] = columnsOf(lower, [1, 1]);
  return { list, details, keys };
}

export function paneOf(state: State): SettingsPane {
  return settingsPanes[state.focus.settings ?? 0] ?? 'list';
}
