/** History, versions and what was deleted; and why something is so. */
import type { Action, ActionIo, Outcome } from '../../../keymap/action.ts';
import type { LogRow } from '../../../../protocol/messages/control-history.ts';
import { showDiff, showText, showWhy } from '../documents.ts';
import { logKey, selectedEntry, selectedLog, selectedPath, selectedTrash } from '../lists.ts';
import { restoreAtWords } from '../moment.ts';
import { pathText, pathWords } from '../paths.ts';
import type { FilesSlice } from '../slice.ts';
import { done, filesAction, filesOf, only, tell } from './common.ts';

export const pastActions: readonly Action[] = [
  filesAction({
    id: 'files.why',
    title: 'Why is it so? Copies, conflicts, what is missing',
    keys: ['w'],
    group: 'show',
    bar: 'why',
    command: (state) => {
      const path = selectedPath(filesOf(state));
      return path === undefined ? undefined : ['why', ...pathWords(path)];
    },
    async run(io) {
      const path = selectedPath(filesOf(io.state()));
      return path === undefined ? undefined : showWhy(io, path);
    },
  }),
  filesAction({
    id: 'files.history',
    title: 'All versions of it, and all that happened to it',
    keys: ['v'],
    group: 'show',
    bar: 'history',
    unless: (state) => only('browse', state),
    command: (state) => ['log', ...pathWords(historyPath(filesOf(state)))],
    run(io) {
      tell(io, { type: 'history', path: historyPath(filesOf(io.state())) });
      return undefined;
    },
  }),
  filesAction({
    id: 'files.base',
    title: 'Compare others with this version',
    keys: ['='],
    group: 'select',
    unless: (state) => only('history', state),
    run(io) {
      const slice = filesOf(io.state());
      const selected = selectedLog(slice);
      if (selected?.version === undefined) return done('It made no version', { kind: 'warning' });
      const key = logKey(selected);
      tell(io, { type: 'base', key: slice.history?.base === key ? undefined : key });
      return undefined;
    },
  }),
  filesAction({
    id: 'files.diff',
    title: 'What is different: from the marked version, else from the one before',
    keys: ['D'],
    group: 'show',
    bar: 'diff',
    unless: (state) => only('history', state),
    command(state) {
      const pair = pairOf(filesOf(state));
      return pair === undefined ? undefined : ['diff', ...pair.map(versionWord)];
    },
    async run(io) {
      const pair = pairOf(filesOf(io.state()));
      if (pair === undefined) return done('There is no version before it', { kind: 'warning' });
      return showDiff(io, pair[0], pair[1]);
    },
  }),
  filesAction({
    id: 'files.read-version',
    title: 'Read this version',
    keys: ['R'],
    group: 'show',
    unless: (state) => only('history', state),
    command(state) {
      const selected = selectedLog(filesOf(state));
      return selected?.version === undefined ? undefined : ['cat', versionWord(selected)];
    },
    async run(io) {
      const selected = selectedLog(filesOf(io.state()));
      if (selected?.version === undefined) return done('It made no version', { kind: 'warning' });
      const { path, version, size } = selected;
      return showText(io, { path, version, size });
    },
  }),
  filesAction({
    id: 'files.restore',
    title: 'Bring it back: this version, what was deleted, or how it was then',
    keys: ['B'],
    group: 'change',
    bar: 'bring back',
    changes: true,
    unless: (state) => nothingToRestore(filesOf(state)),
    command: (state) => restoreWords(filesOf(state)),
    run: restore,
  }),
  filesAction({
    id: 'files.undelete',
    title: 'Bring back what was deleted',
    keys: ['U'],
    group: 'change',
    changes: true,
    unless: (state) => only('trash', state),
    command: (state) => restoreWords(filesOf(state)),
    run: restore,
  }),
];

/** Of what is selected; of the directory when nothing is. */
function historyPath(slice: FilesSlice): Buffer {
  return selectedEntry(slice)?.path ?? slice.directory;
}

/** The older one first. undefined: there is no other. */
function pairOf(slice: FilesSlice): readonly [LogRow, LogRow] | undefined {
  const selected = selectedLog(slice);
  const versions = (slice.history?.rows ?? []).filter(({ version }) => version !== undefined);
  if (selected?.version === undefined) return undefined;
  const base = versions.find((each) => logKey(each) === slice.history?.base);
  const before = base ?? versions[versions.indexOf(selected) + 1];
  if (before === undefined || before === selected) return undefined;
  return before.timeMs <= selected.timeMs ? [before, selected] : [selected, before];
}

function versionWord({ path, version = '' }: LogRow): string {
  return `${pathText(path)}@${version.slice(0, 16)}`;
}

function nothingToRestore(slice: FilesSlice): string | undefined {
  if (selectedTrash(slice) !== undefined) return undefined;
  if (selectedLog(slice)?.version !== undefined) return undefined;
  if (slice.at !== undefined && selectedEntry(slice) !== undefined) return undefined;
  return 'first go to a history (v), to what was deleted (t), or to another time (T)';
}

function restoreWords(slice: FilesSlice): readonly string[] | undefined {
  const deleted = selectedTrash(slice);
  if (deleted !== undefined) return ['undelete', ...pathWords(deleted.path)];
  const version = selectedLog(slice);
  if (version?.version !== undefined) return ['restore', versionWord(version)];
  const then = selectedEntry(slice);
  if (slice.at === undefined || then === undefined) return undefined;
  return restoreAtWords(slice.at.label, pathWords(then.path, then.path));
}

async function restore(io: ActionIo): Promise<Outcome> {
  const slice = filesOf(io.state());
  const deleted = selectedTrash(slice);
  if (deleted !== undefined) {
    const { path } = deleted;
    await io.client().undelete({ path, version: deleted.version });
    return done(`${pathText(path)} is back`, {
      undo: {
        title: `delete ${pathText(path)} again`,
        command: ['rm', '-r', ...pathWords(path)],
        run: async (client) => void (await client.remove({ path, recursive: true, force: true })),
      },
    });
  }
  const version = selectedLog(slice);
  if (version?.version !== undefined) return restoreVersion(io, slice, version);
  const then = selectedEntry(slice);
  if (slice.at === undefined || then === undefined) return undefined;
  const { moment } = slice.at;
  const { entries } = await io
    .client()
    .restoreAt({ at: moment, source: then.path, destination: then.path });
  return done(entries === 0 ? 'It is as it was then' : `${pathText(then.path)} is as it was then`);
}

async function restoreVersion(io: ActionIo, slice: FilesSlice, row: LogRow): Promise<Outcome> {
  const path = slice.history?.path ?? row.path;
  const current = slice.history?.rows?.find(({ isCurrent }) => isCurrent)?.version;
  await io.client().restore({ path, version: row.version });
  const text = `${pathText(path)} has the content of ${row.version?.slice(0, 8) ?? ''} again`;
  if (current === undefined) return done(text);
  return done(text, {
    undo: {
      title: `the content of ${current.slice(0, 8)} again`,
      command: ['restore', `${pathText(path)}@${current.slice(0, 16)}`],
      run: async (client) => void (await client.restore({ path, version: current })),
    },
  });
}
