/** The transfers view: what runs and waits, how fast, how long, and why not. */
import type { View } from '../view.ts';
import { transferActions } from './actions.ts';
import { transfersPanes } from './layout.ts';
import { transfersPanels } from './panes.ts';
import { piecesWatches } from './pieces.ts';
import { initialTransfers, observeTransfers, reduceTransfers } from './slice.ts';

export const transfers: View<'transfers'> = {
  id: 'transfers',
  title: 'Transfers',
  about: 'what is copied between devices, how fast, how long, why it waits; limits',
  initial: initialTransfers,
  panes: transfersPanes,
  actions: transferActions,
  reduce: reduceTransfers,
  observe: observeTransfers,
  needs: () => ['transfers', 'peers'],
  watches: piecesWatches,
  panels: transfersPanels,
};
