/** The rows of a list that fit the filter of its view. Pure. */
import type { ViewId } from '../views/slices.ts';
import { filterOf } from './filter.ts';
import type { State } from './state.ts';

/** All items, the same array, when there is no filter. */
export function filtered<Item>(
  state: State,
  view: ViewId,
  items: readonly Item[],
  textOf: (item: Item) => string,
): readonly Item[] {
  const typed = state.filters[view] ?? '';
  if (typed === '') return items;
  const fits = filterOf(typed);
  return items.filter((item) => fits(textOf(item)));
}
