/** Conflicts: one key settles one. What makes way stays in the history. */
import type { Conflict } from '../../../../protocol/messages/control-conflict.ts';
import { escapeText } from '../../../../protocol/text/escape.ts';
import type { Action, ActionIo, Outcome } from '../../../keymap/action.ts';
import type { State } from '../../../state/state.ts';
import { selectedConflict } from '../lists.ts';
import { pathText, pathWords } from '../paths.ts';
import { done, filesAction, filesOf, only } from './common.ts';

export const conflictActions: readonly Action[] = [
  keepAction({
    id: 'keep-left',
    keys: ['<'],
    bar: 'left',
    title: 'Keep the version on the left',
    which: (c) => versionAt(c, 0),
  }),
  keepAction({
    id: 'keep-right',
    keys: ['>'],
    bar: 'right',
    title: 'Keep the version on the right',
    which: (c) => versionAt(c, 1),
  }),
  keepAction({
    id: 'keep-both',
    keys: ['b'],
    bar: 'both',
    title: 'Keep all versions, each as a file of its own',
    which: () => 'both',
  }),
  filesAction({
    id: 'files.merge',
    title: 'Take in the changes of all versions',
    keys: ['+'],
    group: 'change',
    bar: 'merge',
    changes: true,
    unless: needsConflict,
    command: (state) => mergeWords(state),
    async run(io) {
      const words = mergeWords(io.state());
      if (words === undefined) return undefined;
      await io.task('Merging', ({ signal }) => io.vault(words, signal));
      return done('Settled: the changes of all versions are in it');
    },
  }),
  filesAction({
    id: 'files.settle',
    title: 'Choose what becomes of the conflict',
    keys: ['S'],
    group: 'change',
    bar: 'settle',
    changes: true,
    unless: needsConflict,
    run: choose,
  }),
];

interface Keep {
  readonly id: string;
  readonly keys: readonly string[];
  readonly bar: string;
  readonly title: string;
  readonly which: (conflict: Conflict) => string | undefined;
}

function keepAction({ id, keys, bar, title, which }: Keep): Action {
  return filesAction({
    id: `files.${id}`,
    title,
    keys,
    bar,
    group: 'change',
    changes: true,
    unless: needsConflict,
    command(state) {
      const conflict = selectedConflict(filesOf(state));
      const keep = conflict === undefined ? undefined : which(conflict);
      if (conflict === undefined || keep === undefined) return undefined;
      return ['resolve', ...pathWords(conflict.path), '--keep', keep];
    },
    async run(io) {
      const conflict = selectedConflict(filesOf(io.state()));
      const keep = conflict === undefined ? undefined : which(conflict);
      if (conflict === undefined) return undefined;
      if (keep === undefined) return done('There is no such version', { kind: 'warning' });
      await io.client().resolve({ path: conflict.path, keep });
      return done(`Settled ${pathText(conflict.path)}; the other versions stay in its history`);
    },
  });
}

function versionAt({ versions }: Conflict, at: number): string | undefined {
  return versions[at]?.version;
}

function needsConflict(state: State): string | undefined {
  const elsewhere = only('conflicts', state);
  if (elsewhere !== undefined) return elsewhere;
  return selectedConflict(filesOf(state)) === undefined ? 'nothing is selected' : undefined;
}

function mergeWords(state: State): readonly string[] | undefined {
  const conflict = selectedConflict(filesOf(state));
  return conflict === undefined ? undefined : ['resolve', ...pathWords(conflict.path), '--merge'];
}

function choose(io: ActionIo): Outcome {
  const conflict = selectedConflict(filesOf(io.state()));
  if (conflict === undefined) return undefined;
  const names = conflict.versions.map(({ author, own }) => {
    return `${escapeText(author ?? 'somebody')}${own ? ' (this device)' : ''}`;
  });
  const options = [
    { label: `Keep that of ${names[0] ?? ''}`, action: 'files.keep-left', args: [] },
    { label: `Keep that of ${names[1] ?? ''}`, action: 'files.keep-right', args: [] },
    { label: 'Keep all of them', action: 'files.keep-both', args: [] },
    { label: 'Merge the changes (text)', action: 'files.merge', args: [] },
  ];
  io.choose(`Settle ${pathText(conflict.path)}`, options);
  return undefined;
}
