/** Changes of the tree: put, get, rename, move, copy, new folder, delete; with what takes them back. */
import { escapeBytes } from '../../../../protocol/text/escape.ts';
import { formatCount } from '../../../../protocol/text/format.ts';
import type { Action, ActionIo, Outcome } from '../../../keymap/action.ts';
import { localFile } from '../../../keymap/local-file.ts';
import type { State } from '../../../state/state.ts';
import { chosenPaths, selectedEntry } from '../lists.ts';
import { atWords } from '../moment.ts';
import { joinPath, nameOf, parentOf, pathText, pathWords, typedPath } from '../paths.ts';
import { done, filesAction, filesOf, forEach, only, onlyNow, tell } from './common.ts';

const directoryMode = 0o755;

export const changeActions: readonly Action[] = [
  filesAction({
    id: 'files.put',
    title: 'Put files of this machine in here',
    keys: ['p'],
    group: 'change',
    bar: 'put',
    changes: true,
    unless: (state) => only('browse', state) ?? onlyNow(state),
    fields: () => [
      { label: 'file or directory of this machine', hint: 'directories with all that is in them' },
    ],
    command: (state, [source = '']) => putWords(state, source),
    async run(io, [source = '']) {
      const words = putWords(io.state(), source);
      await io.task(`Putting ${source}`, ({ signal }) => io.vault(words, signal));
      return done(`Stored: ${source}`);
    },
  }),
  filesAction({
    id: 'files.get',
    title: 'Get what is marked or selected onto this machine',
    keys: ['o'],
    group: 'show',
    bar: 'get',
    unless: (state) => only('browse', state) ?? needsChoice(state),
    fields: () => [{ label: 'directory of this machine', initial: '.' }],
    command: (state, [target = '']) => getWords(state, target),
    async run(io, [target = '']) {
      const words = getWords(io.state(), target);
      const paths = chosenPaths(filesOf(io.state()));
      await io.task(`Getting ${namesOf(paths)}`, ({ signal }) => io.vault(words, signal));
      return done(`Copied ${namesOf(paths)} to ${target}`);
    },
  }),
  filesAction({
    id: 'files.rename',
    title: 'Give a new name',
    keys: ['r'],
    group: 'change',
    bar: 'rename',
    changes: true,
    unless: (state) => only('browse', state) ?? onlyNow(state) ?? needsSelection(state),
    fields: (state) => {
      const selected = selectedEntry(filesOf(state));
      return [
        {
          label: 'new name',
          initial: selected === undefined ? '' : nameOf(selected.path).toString(),
        },
      ];
    },
    command: (state, [name = '']) => {
      const selected = selectedEntry(filesOf(state));
      if (selected === undefined) return undefined;
      return ['mv', ...pathWords(selected.path, typedPath(name, parentOf(selected.path)))];
    },
    run(io, [name = '']) {
      const selected = selectedEntry(filesOf(io.state()));
      if (selected === undefined) return undefined;
      return relocate(io, [selected.path], () => typedPath(name, parentOf(selected.path)));
    },
  }),
  filesAction({
    id: 'files.move',
    title: 'Move what is marked or selected into a directory',
    keys: ['M'],
    group: 'change',
    changes: true,
    unless: (state) => only('browse', state) ?? onlyNow(state) ?? needsChoice(state),
    fields: (state) => [
      { label: 'into the directory', initial: pathText(filesOf(state).directory) },
    ],
    command: (state, [target = '']) => [
      'mv',
      ...pathWords(...chosenPaths(filesOf(state)), typedPath(target, filesOf(state).directory)),
    ],
    run(io, [target = '']) {
      const slice = filesOf(io.state());
      const directory = typedPath(target, slice.directory);
      return relocate(io, chosenPaths(slice), (path) => joinPath(directory, nameOf(path)));
    },
  }),
  filesAction({
    id: 'files.copy',
    title: 'Copy what is marked or selected, within the vault',
    keys: ['C'],
    group: 'change',
    changes: true,
    unless: (state) => only('browse', state) ?? onlyNow(state) ?? needsChoice(state),
    fields: (state) => [
      { label: 'into the directory', initial: pathText(filesOf(state).directory) },
    ],
    command: (state, [target = '']) => [
      'cp',
      '-r',
      ...pathWords(...chosenPaths(filesOf(state)), typedPath(target, filesOf(state).directory)),
    ],
    async run(io, [target = '']) {
      const slice = filesOf(io.state());
      const directory = typedPath(target, slice.directory);
      const paths = chosenPaths(slice);
      await forEach(io, `Copying ${namesOf(paths)}`, paths, (path, client) =>
        client.copy({
          source: path,
          destination: joinPath(directory, nameOf(path)),
          recursive: true,
        }),
      );
      tell(io, { type: 'mark-only', paths: [] });
      return done(`Copied ${namesOf(paths)}`);
    },
  }),
  filesAction({
    id: 'files.mkdir',
    title: 'Make a new directory here',
    keys: ['n'],
    group: 'change',
    bar: 'new',
    changes: true,
    unless: (state) => only('browse', state) ?? onlyNow(state),
    fields: () => [{ label: 'name of the new directory' }],
    command: (state, [name = '']) => [
      'mkdir',
      '-p',
      ...pathWords(typedPath(name, filesOf(state).directory)),
    ],
    async run(io, [name = '']) {
      const path = typedPath(name, filesOf(io.state()).directory);
      await io.client().makeDirectory({ path, parents: true, mode: directoryMode });
      return done(`Made ${pathText(path)}`, {
        undo: {
          title: `remove ${pathText(path)}`,
          command: ['rm', '-r', ...pathWords(path)],
          // Not what somebody has put into it meanwhile.
          run: async (client) =>
            void (await client.remove({ path, recursive: false, force: false })),
        },
      });
    },
  }),
  filesAction({
    id: 'files.delete',
    title: 'Delete what is marked or selected; it can be brought back',
    keys: ['d', 'delete'],
    group: 'change',
    bar: 'delete',
    changes: true,
    unless: (state) => only('browse', state) ?? onlyNow(state) ?? needsChoice(state),
    confirm(state) {
      const slice = filesOf(state);
      const paths = chosenPaths(slice);
      const single = paths.length === 1 && selectedEntry(slice)?.entry.kind === 'file';
      if (single && slice.marks.size === 0) return undefined;
      return {
        title: 'Delete?',
        detail: [
          ...paths.slice(0, 8).map(pathText),
          ...(paths.length > 8 ? [`and ${String(paths.length - 8)} more`] : []),
          'Directories go with everything in them. All of it can be brought back.',
        ],
      };
    },
    command: (state) => ['rm', '-r', ...pathWords(...chosenPaths(filesOf(state)))],
    run: remove,
  }),
];

async function relocate(
  io: ActionIo,
  paths: readonly Buffer[],
  destinationOf: (path: Buffer) => Buffer,
): Promise<Outcome> {
  const moves = paths.map((path) => ({ path, destination: destinationOf(path) }));
  const moved: typeof moves = [];
  try {
    await forEach(io, `Moving ${namesOf(paths)}`, moves, async (move, client) => {
      const { path: source, destination } = move;
      await client.move({ source, destination, noReplace: true });
      moved.push(move);
    });
  } finally {
    tell(io, { type: 'mark-only', paths: [] });
  }
  return done(`Moved ${namesOf(paths)}`, {
    undo: {
      title: `move ${namesOf(paths)} back`,
      async run(client) {
        for (const { path, destination } of moved.toReversed()) {
          await client.move({ source: destination, destination: path, noReplace: true });
        }
      },
    },
  });
}

async function remove(io: ActionIo): Promise<Outcome> {
  const paths = chosenPaths(filesOf(io.state()));
  await forEach(io, `Deleting ${namesOf(paths)}`, paths, (path, client) =>
    client.remove({ path, recursive: true, force: true }),
  );
  tell(io, { type: 'mark-only', paths: [] });
  return done(`Deleted ${namesOf(paths)}`, {
    undo: {
      title: `bring ${namesOf(paths)} back`,
      command: ['undelete', ...pathWords(...paths.slice(0, 1))],
      async run(client) {
        for (const path of paths) await client.undelete({ path });
      },
    },
  });
}

function putWords(state: State, source: string): readonly string[] {
  const [word = '/', ...flags] = pathWords(filesOf(state).directory).toReversed();
  return ['put', '-r', ...flags, localFile(source), word === '/' ? '/' : `${word}/`];
}

function getWords(state: State, target: string): readonly string[] {
  const slice = filesOf(state);
  const then = slice.at === undefined ? [] : atWords(slice.at.label);
  return ['get', '-r', ...then, ...pathWords(...chosenPaths(slice)), localFile(target)];
}

export function namesOf(paths: readonly Buffer[]): string {
  const [first] = paths;
  if (paths.length === 1 && first !== undefined) return escapeBytes(nameOf(first));
  return formatCount(paths.length, 'entry', 'entries');
}

function needsChoice(state: State): string | undefined {
  return chosenPaths(filesOf(state)).length === 0 ? 'nothing is selected' : undefined;
}

function needsSelection(state: State): string | undefined {
  return selectedEntry(filesOf(state)) === undefined ? 'nothing is selected' : undefined;
}
