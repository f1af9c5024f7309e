/** Where the panes of the settings are. Pure. */
import { rowsOf } from '../../screen/geometry.ts';
import type { Rect } from '../../screen/panel.ts';
import type { State } from '../../state/state.ts';
import { alone } from '../alone.ts';

export const settingsPanes = ['list', 'details'] as const;
export type SettingsPane = (typeof settingsPanes)[number];

/** A pane that has no rectangle is not shown. */
export function layoutOf(state: State, rect: Rect): Partial<Record<SettingsPane, Rect>> {
  if (alone(state)) return { [paneOf(state)]: rect };
  const [list = rect, details = rect] = rowsOf(rect, [1, 1]);
  return { list, details };
}

export function paneOf(state: State): SettingsPane {
  return settingsPanes[state.focus.settings ?? 0] ?? 'list';
}
