/** The transfers view: what runs and waits, how fast, how long, and why not. */
import type { Action } from '../../keymap/action.ts';
import type { View } from '../view.ts';
import { transfersPanes } from './layout.ts';
import { transfersPanels } from './panes.ts';
import { initialTransfers, observeTransfers, reduceTransfers, selectedTransfer } from './slice.ts';

const actions: readonly Action[] = [
  {
    id: 'transfers.copy-path',
    title: 'Copy the path of the selected transfer',
    keys: ['y'],
    place: 'transfers',
    group: 'select',
    command: () => ['transfers'],
    unless: (state) =>
      typeof selectedTransfer(state)?.path === 'string' ? undefined : 'it has no path',
    run({ state, terminal }) {
      terminal.copy(selectedTransfer(state())?.path ?? '');
      return { text: 'The path is copied' };
    },
  },
];

export const transfers: View<'transfers'> = {
  id: 'transfers',
  title: 'Transfers',
  about: 'what is copied between devices, how fast, how long it takes, why it waits',
  initial: initialTransfers,
  panes: transfersPanes,
  actions,
  reduce: reduceTransfers,
  observe: observeTransfers,
  needs: () => ['transfers', 'peers'],
  panels: transfersPanels,
};
