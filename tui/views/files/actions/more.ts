/** What is said about a path, how much it holds, and whole directories in and out. */
import { formatBytes } from '../../../../protocol/text/format.ts';
import type { Action } from '../../../keymap/action.ts';
import { localFile } from '../../../keymap/local-file.ts';
import { showReport } from '../../../keymap/report.ts';
import { operandWords } from '../../../keymap/words.ts';
import type { State } from '../../../state/state.ts';
import { noteHint } from '../../activity/note-actions.ts';
import { selectedPath } from '../lists.ts';
import { pathText, pathWords } from '../paths.ts';
import { done, filesAction, filesOf, only, onlyNow } from './common.ts';

function pathOf(state: State): Buffer {
  return selectedPath(filesOf(state)) ?? filesOf(state).directory;
}

/** A path as the value of an option: the flag that it may need stands before it. */
function withPath(words: readonly string[], path: Buffer): readonly string[] {
  const [word = '/', ...flags] = pathWords(path).toReversed();
  return [...words, ...flags, '--path', word];
}

export const moreActions: readonly Action[] = [
  filesAction({
    id: 'files.say',
    title: 'Leave a note about it, for all who read',
    keys: ['a'],
    group: 'change',
    changes: true,
    fields: (state) => [{ label: `note about ${pathText(pathOf(state))}`, hint: noteHint }],
    command: (state, [text = '']) => [...withPath(['say'], pathOf(state)), ...operandWords(text)],
    async run(io, [text = '']) {
      const path = pathOf(io.state());
      await io.client().say({ text, path });
      return done(`Pinned to ${pathText(path)}`);
    },
  }),
  filesAction({
    id: 'files.notes',
    title: 'What was said about it and what is below',
    keys: ['i'],
    group: 'show',
    command: (state) => withPath(['notes'], pathOf(state)),
    run: (io) => showReport(io, 'Notes', withPath(['notes'], pathOf(io.state()))),
  }),
  filesAction({
    id: 'files.first',
    title: 'Bring what is missing of it here before everything else',
    keys: ['F'],
    group: 'change',
    changes: true,
    unless: onlyNow,
    command: (state) => ['transfers', 'first', ...pathWords(pathOf(state))],
    async run(io) {
      const path = pathOf(io.state());
      const { chunks, bytes, filesUnknown } = await io.client().transferFirst({ path });
      if (chunks === 0 && filesUnknown === 0) return done(`All of ${pathText(path)} is here`);
      return done(
        `${pathText(path)} comes first: ${formatBytes(bytes)} and what is not listed yet`,
      );
    },
  }),
  filesAction({
    id: 'files.du',
    title: 'How much is in it, directory by directory',
    keys: ['H'],
    group: 'show',
    command: (state) => ['du', '-d', '1', ...pathWords(pathOf(state))],
    run: (io) =>
      showReport(io, 'How much is where', ['du', '-d', '1', ...pathWords(pathOf(io.state()))]),
  }),
  filesAction({
    id: 'files.import',
    title: 'Store a whole directory of this machine in here, or go on with it',
    keys: ['I'],
    group: 'change',
    changes: true,
    unless: (state) => only('browse', state) ?? onlyNow(state),
    fields: () => [
      { label: 'directory of this machine', hint: 'what is in it; .vaultignore files count' },
    ],
    command: importWords,
    async run(io, args) {
      const words = importWords(io.state(), args);
      await io.task(`Storing ${args[0] ?? ''}`, ({ signal }) => io.vault(words, signal));
      return done(`Stored what is in ${args[0] ?? ''}`);
    },
  }),
  filesAction({
    id: 'files.export',
    title: 'Copy a whole directory out of the vault, or go on with it',
    keys: ['E'],
    group: 'show',
    unless: (state) => only('browse', state),
    fields: () => [{ label: 'directory of this machine', hint: 'made when it is missing' }],
    command: exportWords,
    async run(io, args) {
      const words = exportWords(io.state(), args);
      await io.task(`Copying to ${args[0] ?? ''}`, ({ signal }) => io.vault(words, signal));
      return done(`Copied ${pathText(pathOf(io.state()))} to ${args[0] ?? ''}`);
    },
  }),
];

function importWords(state: State, [source = '']: readonly string[]): readonly string[] {
  const [word = '/', ...flags] = pathWords(filesOf(state).directory).toReversed();
  return ['import', ...flags, localFile(source), word];
}

function exportWords(state: State, [target = '']: readonly string[]): readonly string[] {
  return ['export', ...pathWords(pathOf(state)), localFile(target)];
}
