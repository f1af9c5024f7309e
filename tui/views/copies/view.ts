/** The copies: how many there are of each part of the tree, where, and what one device would take with it. */
import { escapeBytes, escapeText } from '../../../protocol/text/escape.ts';
import type { Action } from '../../keymap/action.ts';
import { row, span, wrap } from '../../screen/span.ts';
import type { Row } from '../../screen/span.ts';
import type { State } from '../../state/state.ts';
import type { View } from '../view.ts';
import { copiesPanes, layoutOf } from './layout.ts';
import { devicesPanel, partPanel, partsPanel, spacePanel } from './panes.ts';
import {
  above,
  initialCopies,
  observeCopies,
  pathOf,
  reduceCopies,
  selectedPart,
} from './slice.ts';
import { copiesWatch } from './watch.ts';

function pathOfSelected(state: State): Buffer | undefined {
  const part = selectedPart(state);
  return part === undefined ? undefined : pathOf(state.slices.copies, part);
}

const actions: readonly Action[] = [
  {
    id: 'copies.open',
    title: 'Look into the directory',
    keys: ['enter', 'right'],
    place: 'copies',
    group: 'go',
    bar: 'open',
    unless: (state) =>
      selectedPart(state)?.kind === 'directory' ? undefined : 'no directory is selected',
    run({ state, dispatch }) {
      const path = pathOfSelected(state());
      if (path !== undefined) {
        dispatch({ type: 'view', view: 'copies', message: { type: 'open', path } });
      }
      return undefined;
    },
  },
  {
    id: 'copies.up',
    title: 'To the directory above',
    keys: ['left', 'backspace', 'h'],
    place: 'copies',
    group: 'go',
    bar: 'up',
    unless: (state) =>
      state.slices.copies.path.length === 0 ? 'this is the root of the vault' : undefined,
    run({ state, dispatch }) {
      const path = above(state().slices.copies.path);
      if (path !== undefined) {
        dispatch({ type: 'view', view: 'copies', message: { type: 'open', path } });
      }
      return undefined;
    },
  },
  {
    id: 'copies.why',
    title: 'Why it is as it is',
    keys: ['w'],
    place: 'copies',
    group: 'show',
    bar: 'why',
    unless: (state) =>
      selectedPart(state)?.why === undefined ? 'nothing is known of it yet' : undefined,
    command: (state) => ['why', `/${escapeBytes(pathOfSelected(state) ?? Buffer.alloc(0))}`],
    run({ state, dispatch }) {
      const why = selectedPart(state())?.why;
      if (why === undefined) return undefined;
      const width = Math.min(state().size.columns - 8, 112);
      const rows = [
        ...wrap(escapeText(why.summary), width).map((line) => row(` ${line}`)),
        ...why.reasons.flatMap(({ message, next }): Row[] => [
          ...wrap(escapeText(message), width - 2).map((line) => row(span('warn', ` ${line}`))),
          ...(next === undefined
            ? []
            : wrap(`try: ${escapeText(next)}`, width - 4).map((line) =>
                row(span('dim', `   ${line}`)),
              )),
        ]),
      ];
      dispatch({
        type: 'open-modal',
        modal: { type: 'document', title: `Why ${escapeText(why.path)}`, rows, top: 0 },
      });
      return undefined;
    },
  },
];

export const copies: View<'copies'> = {
  id: 'copies',
  title: 'Copies',
  about: 'copies of each part of the tree, what a dead device would take with it, space',
  initial: initialCopies,
  panes: copiesPanes,
  actions,
  reduce: reduceCopies,
  observe: observeCopies,
  needs: () => ['disk'],
  watches: (state) => [copiesWatch(state.slices.copies)],
  panels(state, frame) {
    const { parts, devices, details, space } = layoutOf(state, frame.rect);
    return [
      ...(parts === undefined ? [] : [partsPanel(state, parts, frame)]),
      ...(devices === undefined ? [] : [devicesPanel(state, devices, frame)]),
      ...(details === undefined ? [] : [partPanel(state, details, frame)]),
      ...(space === undefined ? [] : [spacePanel(state, space)]),
    ];
  },
};
