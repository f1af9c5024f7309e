import test from 'ava';
import { allActions } from '../../../tui/keymap/action-list.ts';
import { anyView } from '../../../tui/views/all.ts';
import { viewIds } from '../../../tui/views/slices.ts';
import { everywhere } from '../../../tui/keymap/everywhere.ts';
import type { Action } from '../../../tui/keymap/action.ts';

test('no id is used twice, and every action has a key', (t) => {
  const ids = allActions().map(({ id }) => id);
  t.is(new Set(ids).size, ids.length);
  for (const { id, keys } of allActions()) t.true(keys.length > 0, id);
});

/** Whether two actions of one view can both be meant by a key. */
function meet(left: Action, right: Action): boolean {
  return left.pane === right.pane;
}

test('no key means two things in one place, and none begins another', (t) => {
  for (const id of viewIds) {
    const own = anyView(id).actions;
    for (const [at, left] of [...own, ...everywhere].entries()) {
      for (const right of [...own, ...everywhere].slice(at + 1)) {
        if (!meet(left, right) || left.place !== right.place) continue;
        for (const key of left.keys) {
          t.false(right.keys.includes(key), `${left.id} and ${right.id}: ${key}`);
          t.false(
            right.keys.some((each) => each.startsWith(`${key} `)),
            `${right.id}: ${key}`,
          );
        }
      }
    }
  }
});

test('a view is named in its actions', (t) => {
  for (const id of viewIds) {
    for (const action of anyView(id).actions) {
      t.is(action.place, id, action.id);
      t.true(action.id.startsWith(`${id}.`), action.id);
      if (action.pane !== undefined) t.true(anyView(id).panes.includes(action.pane), action.id);
    }
  }
});
