/** The files view: the tree as a browser, its past, its conflicts. */
import type { View } from '../view.ts';
import { browseActions, conflictsList } from './actions/browse.ts';
import { changeActions } from './actions/change.ts';
import { conflictActions } from './actions/conflicts.ts';
import { moreActions } from './actions/more.ts';
import { pastActions } from './actions/past.ts';
import { retentionActions } from './actions/retention.ts';
import { snapshotActions } from './actions/snapshots.ts';
import { filesPanes } from './layout.ts';
import { filesPanels } from './panes.ts';
import { observeFiles, reduceFiles } from './reduce.ts';
import { initialFiles } from './slice.ts';
import { filesWatches } from './watches.ts';

export const files: View<'files'> = {
  id: 'files',
  title: 'Files',
  about: 'the tree, previews, versions, deleted things, conflicts, snapshots, retention',
  initial: initialFiles,
  panes: filesPanes,
  // Those of one list come first: in the key bar they are what that list is for.
  actions: [
    ...conflictActions,
    ...browseActions,
    ...changeActions,
    ...pastActions,
    conflictsList,
    ...snapshotActions,
    ...retentionActions,
    ...moreActions,
  ],
  reduce: reduceFiles,
  observe: observeFiles,
  needs: () => [],
  watches: filesWatches,
  panels: filesPanels,
};
