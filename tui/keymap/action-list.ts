/** All actions, those that count in a state, and how they are found. Pure. */
import { anyView } from '../views/all.ts';
import { viewIds } from '../views/slices.ts';
import type { State } from '../state/state.ts';
import type { Action } from './action.ts';
import { everywhere } from './everywhere.ts';

/** In the order of the manual: everywhere first, then view by view. */
export function allActions(): readonly Action[] {
  return [...everywhere, ...viewIds.flatMap((id) => anyView(id).actions)];
}

/** Those whose keys count now, the nearest first: the focused pane, the view, everywhere. */
export function actionsIn(state: State): readonly Action[] {
  const view = anyView(state.view);
  const pane = view.panes[state.focus[state.view] ?? 0];
  const own = view.actions;
  return [
    ...own.filter((action) => action.pane !== undefined && action.pane === pane),
    ...own.filter((action) => action.pane === undefined),
    ...everywhere,
  ];
}

export function actionById(id: string): Action | undefined {
  return allActions().find((action) => action.id === id);
}

/** The action of a key, or whether the key begins a sequence. */
export function actionOfKey(
  state: State,
  key: string,
): { readonly action?: Action | undefined; readonly begins: boolean } {
  const typed = state.pendingKeys === '' ? key : `${state.pendingKeys} ${key}`;
  const actions = actionsIn(state);
  const action = actions.find(({ keys }) => keys.includes(typed));
  if (action !== undefined) return { action, begins: false };
  return { begins: actions.some(({ keys }) => keys.some((each) => each.startsWith(`${typed} `))) };
}

/** The word of an action in the palette. */
export function wordOf(action: Action): string {
  return action.id.slice(action.id.indexOf('.') + 1);
}

export interface Found {
  readonly action: Action;
  /** What follows the word, when the first word names the action. */
  readonly args: readonly string[];
}

/**
 * Actions that fit what was typed, the best first. `rename new.txt` is the action with its argument.
 * @param where `here`: those whose keys count now; `all`: those of other views and panes too, behind them
 */
export function findActions(state: State, typed: string, where: 'here' | 'all'): readonly Found[] {
  const here = actionsIn(state);
  const actions =
    where === 'here' ? here : [...here, ...allActions().filter((each) => !here.includes(each))];
  const text = typed.trim().toLowerCase();
  if (text === '') return actions.map((action) => ({ action, args: [] }));
  const [first = '', ...rest] = typed.trim().split(/\s+/);
  const exact = actions
    .filter((action) => rest.length > 0 && wordOf(action) === first.toLowerCase())
    .map((action) => ({ action, args: [typed.trim().slice(first.length).trim()] }));
  const scored = actions
    .map((action) => ({ action, args: [], score: scoreOf(action, text) }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score);
  return [...exact, ...scored.map(({ action, args }) => ({ action, args }))];
}

function scoreOf(action: Action, text: string): number {
  const word = wordOf(action);
  if (word === text || action.id === text) return 5;
  if (word.startsWith(text)) return 4;
  const title = action.title.toLowerCase();
  if (title.startsWith(text)) return 3;
  if (title.includes(text) || action.id.includes(text)) return 2;
  return inOrder(title, text) ? 1 : 0;
}

/** Whether all characters of `text` stand in `among` in this order. */
function inOrder(among: string, text: string): boolean {
  let at = 0;
  for (const character of text) {
    at = among.indexOf(character, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
