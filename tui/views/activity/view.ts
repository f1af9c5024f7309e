/** The activity: what happened, as it happens, and what the audit log keeps of it. */
import { escapeText } from '../../../protocol/text/escape.ts';
import type { Action, ActionIo } from '../../keymap/action.ts';
import type { View } from '../view.ts';
import { auditWatch } from './audit.ts';
import { activityPanes, layoutOf } from './layout.ts';
import { noteActions } from './note-actions.ts';
import { notesWatch, unreadNotes } from './notes.ts';
import { operationsWatch } from './operations.ts';
import { detailsPanel, recordsPanel } from './panes.ts';
import { levels, listedRecords } from './rows.ts';
import { initialActivity, observeActivity, reduceActivity } from './slice.ts';
import type { ActivityMessage } from './slice.ts';

function tell({ dispatch }: ActionIo, message: ActivityMessage): undefined {
  dispatch({ type: 'view', view: 'activity', message });
  return undefined;
}

const actions: readonly Action[] = [
  {
    id: 'activity.follow',
    title: 'Stay on the latest, or stand still',
    keys: ['t'],
    place: 'activity',
    group: 'show',
    bar: 'follow',
    command: ({ slices }) => {
      const { source } = slices.activity;
      return [source === 'operations' ? 'trace' : source, '--follow'];
    },
    run: (io) => tell(io, { type: 'follow', on: !io.state().slices.activity.follows }),
  },
  {
    id: 'activity.audit',
    title: 'The audit log, or the events',
    keys: ['a'],
    place: 'activity',
    group: 'show',
    bar: 'audit',
    command: ({ slices }) => (slices.activity.source === 'audit' ? ['events'] : ['audit']),
    run(io) {
      const source = io.state().slices.activity.source === 'audit' ? 'events' : 'audit';
      return tell(io, { type: 'source', source });
    },
  },
  {
    id: 'activity.level',
    title: 'Only warnings and worse, only errors, everything',
    keys: ['l'],
    place: 'activity',
    group: 'show',
    bar: 'level',
    run(io) {
      const at = levels.indexOf(io.state().slices.activity.least);
      return tell(io, { type: 'least', level: levels[(at + 1) % levels.length] ?? 'info' });
    },
  },
  {
    id: 'activity.copy',
    title: 'Copy the record',
    keys: ['y'],
    place: 'activity',
    group: 'console',
    bar: 'copy',
    unless: (state) =>
      listedRecords(state)[state.slices.activity.cursor.index] === undefined
        ? 'nothing is selected'
        : undefined,
    run({ state, terminal }) {
      const record = listedRecords(state())[state().slices.activity.cursor.index];
      terminal.copy(escapeText(JSON.stringify(record)));
      return { text: 'The record is copied, as JSON' };
    },
  },
];

const operationsAction: Action = {
  id: 'activity.operations',
  title: 'What programs wait for in the mount, or the events',
  keys: ['o'],
  place: 'activity',
  group: 'show',
  bar: 'mount',
  command: ({ slices }) => (slices.activity.source === 'operations' ? ['events'] : ['trace']),
  run(io) {
    const shown = io.state().slices.activity.source === 'operations';
    return tell(io, { type: 'source', source: shown ? 'events' : 'operations' });
  },
};

export const activity: View<'activity'> = {
  id: 'activity',
  title: 'Activity',
  about: 'what happened and happens, the audit log, notes, the mount at work',
  initial: initialActivity,
  panes: activityPanes,
  actions: [...actions, ...noteActions, operationsAction],
  reduce: reduceActivity,
  observe: observeActivity,
  needs: () => ['members'],
  background: () => [notesWatch],
  unread: unreadNotes,
  watches({ slices }) {
    const { source } = slices.activity;
    if (source === 'audit') return [auditWatch];
    return source === 'operations' ? [operationsWatch] : [];
  },
  panels(state, frame) {
    const { list, details } = layoutOf(state, frame.rect);
    return [
      ...(list === undefined ? [] : [recordsPanel(state, list, frame)]),
      ...(details === undefined ? [] : [detailsPanel(state, details)]),
    ];
  },
};
