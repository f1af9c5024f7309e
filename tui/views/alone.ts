/** Whether only the focused pane of a view is shown. Pure. */
import { geometryOf } from '../screen/geometry.ts';
import type { State } from '../state/state.ts';

export function alone(state: State): boolean {
  return state.zoomed || geometryOf(state.size).narrow;
}
