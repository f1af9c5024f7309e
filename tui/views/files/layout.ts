/** Where the panes of the files view are. Pure. */
import { columnsOf } from '../../screen/geometry.ts';
import type { Rect } from '../../screen/panel.ts';
import type { State } from '../../state/state.ts';
import { alone } from '../alone.ts';

export const filesPanes = ['list', 'side'] as const;
export type FilesPane = (typeof filesPanes)[number];

export function sideIsFocused(state: State): boolean {
  return filesPanes[state.focus.files ?? 0] === 'side';
}

/** A pane that has no rectangle is not shown. Conflicts need the room for two versions. */
export function layoutOf(state: State, rect: Rect): Partial<Record<FilesPane, Rect>> {
  if (alone(state)) {
    return { [sideIsFocused(state) ? 'side' : 'list']: rect };
  }
  const { mode } = state.slices.files;
  const shares = mode === 'conflicts' ? [2, 3] : rect.width < 110 ? [3, 2] : [5, 3];
  const [list = rect, side = rect] = columnsOf(rect, shares);
  return { list, side };
}
