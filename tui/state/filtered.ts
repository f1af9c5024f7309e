/** The rows of a list that fit the filter of its view. Pure: what is remembered is only not made twice. */
import type { ViewId } from '../views/slices.ts';
import { filterOf } from './filter.ts';
import type { State } from './state.ts';

/** What each list was last filtered to: it is asked for several times for every screen. */
const known = new WeakMap<readonly unknown[], { typed: string; items: readonly unknown[] }>();

/** All items, the same array, when there is no filter. */
export function filtered<Item>(
  state: State,
  view: ViewId,
  items: readonly Item[],
  textOf: (item: Item) => string,
): readonly Item[] {
  return fitting(state.filters[view] ?? '', items, textOf);
}

/** @param textOf of the same list always the same function */
export function fitting<Item>(
  typed: string,
  items: readonly Item[],
  textOf: (item: Item) => string,
): readonly Item[] {
  if (typed === '') return items;
  const before = known.get(items);
  if (before?.typed === typed) return before.items as readonly Item[];
  const fits = filterOf(typed);
  const found = items.filter((item) => fits(textOf(item)));
  known.set(items, { typed, items: found });
  return found;
}
