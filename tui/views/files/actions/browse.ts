/** Going through the tree: open, up, marks, order, the lists of history, deleted things and conflicts, other times. */
import type { Action, ActionIo, Outcome } from '../../../keymap/action.ts';
import { showText } from '../documents.ts';
import {
  selectedConflict,
  selectedEntry,
  selectedPath,
  selectedSnapshot,
  selectedTrash,
  shownRows,
} from '../lists.ts';
import { atWords, findMoment, typedMoment } from '../moment.ts';
import { copiedPath, joinPath, pathKey, pathWords } from '../paths.ts';
import type { FilesMode, FilesSlice } from '../slice.ts';
import { done, filesAction, filesOf, only, tell } from './common.ts';

export const browseActions: readonly Action[] = [
  filesAction({
    id: 'files.open',
    title: 'Open the directory, read the file, settle the conflict',
    keys: ['enter', 'l', 'right'],
    group: 'go',
    run: open,
  }),
  filesAction({
    id: 'files.up',
    title: 'To the directory above, or back to the files',
    keys: ['h', 'left', 'backspace'],
    group: 'go',
    run(io) {
      if (filesOf(io.state()).mode !== 'browse') tell(io, { type: 'mode', mode: 'browse' });
      else tell(io, { type: 'up' });
      return undefined;
    },
  }),
  filesAction({
    id: 'files.back',
    title: 'Back: drop the filter of a list, to the files, to now, then as everywhere',
    keys: ['esc'],
    group: 'go',
    run(io) {
      const state = io.state();
      const { mode, at, marks, filter } = filesOf(state);
      if (state.notice !== undefined || (filter !== '' && mode !== 'browse')) io.perform('go.back');
      else if (mode !== 'browse') tell(io, { type: 'mode', mode: 'browse' });
      else if (marks.size > 0) tell(io, { type: 'mark-only', paths: [] });
      else if (filter !== '' || state.zoomed) io.perform('go.back');
      else if (at !== undefined) tell(io, { type: 'travel', at: undefined });
      else io.perform('go.back');
      return undefined;
    },
  }),
  filesAction({
    id: 'files.mark',
    title: 'Mark, or take the mark away',
    keys: ['space'],
    group: 'select',
    unless: (state) => only('browse', state),
    run: mark,
  }),
  filesAction({
    id: 'files.invert-marks',
    title: 'Mark what is not marked, and the other way round',
    keys: ['*'],
    group: 'select',
    unless: (state) => only('browse', state),
    run(io) {
      const slice = filesOf(io.state());
      const here = new Set(
        shownRows(slice).map(({ entry }) => pathKey(joinPath(slice.directory, entry.path))),
      );
      const elsewhere = [...slice.marks].filter((each) => !here.has(each));
      const others = [...here].filter((each) => !slice.marks.has(each));
      tell(io, { type: 'mark-only', paths: [...elsewhere, ...others] });
      return undefined;
    },
  }),
  filesAction({
    id: 'files.sort',
    title: 'In order of name, size, time of change',
    keys: ['s'],
    group: 'show',
    unless: (state) => only('browse', state),
    run(io) {
      tell(io, { type: 'sort' });
      return undefined;
    },
  }),
  filesAction({
    id: 'files.copy-path',
    title: 'Copy the path',
    keys: ['y'],
    group: 'select',
    run(io) {
      const path = selectedPath(filesOf(io.state()));
      if (path === undefined) return undefined;
      const { text, isEscaped } = copiedPath(path);
      io.terminal.copy(text);
      return done(
        isEscaped ? 'The path is copied, escaped: for --escaped-paths' : 'The path is copied',
      );
    },
  }),
  listAction({
    id: 'trash',
    mode: 'trash',
    keys: ['t'],
    title: 'What was deleted here',
    bar: 'trash',
  }),
  listAction({ id: 'snapshots', mode: 'snapshots', keys: ['A l'], title: 'The snapshots' }),
  filesAction({
    id: 'files.travel',
    title: 'The whole tree as it was: a snapshot or a time',
    keys: ['T'],
    group: 'show',
    fields: () => [
      { label: 'as it was', hint: 'a snapshot, 2h ago, yesterday, 2026-11-01, 2026-11-01 12:00' },
    ],
    command: (state, [typed = '', id]) => {
      const slice = filesOf(state);
      const at = momentWord(slice, { typed, id });
      return ['ls', ...atWords(at), ...pathWords(slice.directory)];
    },
    run: travel,
  }),
  filesAction({
    id: 'files.now',
    title: 'The tree as it is now',
    keys: ['N'],
    group: 'show',
    unless: (state) => (filesOf(state).at === undefined ? 'this is now' : undefined),
    run(io) {
      tell(io, { type: 'travel', at: undefined });
      return undefined;
    },
  }),
];

/** Behind what is done more often: the key bar has room for it on wide screens. */
export const conflictsList: Action = listAction({
  id: 'conflicts',
  mode: 'conflicts',
  keys: ['x'],
  title: 'Conflicts to settle',
  bar: 'conflicts',
});

function open(io: ActionIo): Outcome | Promise<Outcome> {
  const slice = filesOf(io.state());
  const selected = selectedEntry(slice);
  if (selected?.entry.kind === 'directory') {
    tell(io, { type: 'open', directory: selected.path });
    return undefined;
  }
  if (selected !== undefined) {
    const { path, entry } = selected;
    return showText(io, { path, size: entry.size, at: slice.at?.moment });
  }
  if (slice.mode === 'history') io.perform('files.read-version');
  else if (selectedTrash(slice) !== undefined) io.perform('files.undelete');
  else if (selectedConflict(slice) !== undefined) io.perform('files.settle');
  const snapshot = selectedSnapshot(slice);
  if (snapshot !== undefined) io.perform('files.travel', [snapshot.name, snapshot.id]);
  return undefined;
}

function mark(io: ActionIo): Outcome {
  const slice = filesOf(io.state());
  const selected = selectedEntry(slice);
  if (selected === undefined) return undefined;
  const key = pathKey(selected.path);
  tell(io, { type: 'mark', paths: [key], on: !slice.marks.has(key) });
  tell(io, { type: 'pick', index: slice.cursor.index + 1 });
  return undefined;
}

function listAction(parts: {
  readonly id: string;
  readonly mode: FilesMode;
  readonly keys: readonly string[];
  readonly title: string;
  readonly bar?: string;
}): Action {
  const { id, mode, keys, title, bar } = parts;
  return filesAction({
    id: `files.${id}`,
    title,
    keys,
    group: 'show',
    bar,
    command: (state) =>
      mode === 'trash'
        ? ['trash', ...pathWords(filesOf(state).directory)]
        : [mode === 'snapshots' ? 'snapshot' : mode],
    run(io) {
      tell(io, { type: 'mode', mode });
      return undefined;
    },
  });
}

/** @param id of the snapshot that was selected: devices that did not know of each other may have used one name */
async function travel(io: ActionIo, [typed = '', id]: readonly string[]): Promise<Outcome> {
  const slice = filesOf(io.state());
  const label = id === undefined ? typedMoment(typed, slice) : typed;
  const moment = await findMoment(io, momentWord(slice, { typed, id }));
  tell(io, { type: 'travel', at: { label, moment } });
  return undefined;
}

interface Named {
  readonly typed: string;
  readonly id: string | undefined;
}

/** The moment in a word that means no other. */
function momentWord(slice: FilesSlice, { typed, id }: Named): string {
  if (id === undefined) return typedMoment(typed, slice);
  const called = slice.snapshots?.filter(({ name }) => name === typed) ?? [];
  return called.length > 1 ? id : typed;
}
