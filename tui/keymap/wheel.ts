/** What the wheel means: what lies under the pointer moves, whichever pane had the keys. Pure. */
import type { Panel } from '../screen/panel.ts';
import type { State } from '../state/state.ts';
import { anyView } from '../views/all.ts';
import { act, change } from './intent.ts';
import type { Intent } from './intent.ts';
import { interpret } from './interpret.ts';

export interface Wheel {
  readonly panel: Panel | undefined;
  /** -1 up, 1 down. */
  readonly by: -1 | 0 | 1;
}

/** Rows that a step moves: what it means is asked so often. */
export const wheelRows = 3;
/** Dialogs in which nothing is longer than it is shown. */
const still: ReadonlySet<string> = new Set(['prompt', 'confirm']);

export function wheelAt(state: State, { panel, by }: Wheel): readonly Intent[] {
  const key = by < 0 ? 'up' : 'down';
  const modal = state.modals.at(-1);
  if (modal !== undefined) return still.has(modal.type) ? [] : interpret(state, key);
  const pane = anyView(state.view).panes.indexOf(panel?.id ?? '');
  if (pane < 0) return [];
  const isThere = (state.focus[state.view] ?? 0) === pane;
  return [...(isThere ? [] : [change({ type: 'focus', pane })]), act(`move.${key}`)];
}
