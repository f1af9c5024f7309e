/** Names for the tree as it was: taking and dropping them, what is different since, bringing something back. */
import { formatCount } from '../../../../protocol/text/format.ts';
import { escapeText } from '../../../../protocol/text/escape.ts';
import type { Action, ActionIo, Outcome } from '../../../keymap/action.ts';
import { showReport } from '../../../keymap/report.ts';
import { operandWords } from '../../../keymap/words.ts';
import type { State } from '../../../state/state.ts';
import { selectedSnapshot } from '../lists.ts';
import { findMoment, restoreAtWords, typedMoment } from '../moment.ts';
import { pathText, pathWords, typedPath } from '../paths.ts';
import { done, filesAction, filesOf } from './common.ts';

const momentHint = 'a snapshot, 2h ago, yesterday, 2026-11-01 12:00';

/** The snapshot that is selected, or the time that is shown, as the beginning of what is typed. */
function shownMoment(state: State): string {
  const slice = filesOf(state);
  return selectedSnapshot(slice)?.name ?? slice.at?.label ?? '';
}

function selectedName(state: State): string {
  return selectedSnapshot(filesOf(state))?.name ?? '';
}

/** A path of the vault as it was typed, as a word of the command line. */
function pathWord(state: State, typed: string): readonly string[] {
  return pathWords(typedPath(typed, filesOf(state).directory));
}

export const snapshotActions: readonly Action[] = [
  filesAction({
    id: 'files.snapshot-create',
    title: 'Give the present tree a name that lasts',
    keys: ['A n'],
    group: 'change',
    changes: true,
    fields: () => [{ label: 'name of the snapshot', hint: 'empty: it is called after the time' }],
    command: (_state, [typed = '']) => [
      ...['snapshot', 'create'],
      ...(typed.trim() === '' ? [] : operandWords(typed.trim())),
    ],
    async run(io, [typed = '']) {
      const { id, name } = await io.client().snapshotTake({ name: typed.trim() });
      return done(`${escapeText(name)} is the tree as it is now`, {
        undo: {
          title: `drop ${escapeText(name)}`,
          command: ['snapshot', 'rm', id],
          run: async (client) => void (await client.snapshotDrop({ name: id })),
        },
      });
    },
  }),
  filesAction({
    id: 'files.snapshot-rm',
    title: 'Let the snapshot go, on every device',
    keys: ['A d'],
    group: 'change',
    changes: true,
    unless: noSnapshot,
    confirm: (state) => ({
      title: `Let the snapshot ${escapeText(selectedName(state))} go?`,
      detail: ['What only it shows may go by the rules from then on.'],
      word: escapeText(selectedName(state)),
    }),
    command: (state) => ['snapshot', 'rm', ...operandWords(selectedName(state))],
    async run(io) {
      const selected = selectedSnapshot(filesOf(io.state()));
      if (selected === undefined) return undefined;
      const { name } = await io.client().snapshotDrop({ name: selected.id });
      return done(`${escapeText(name)} is no snapshot any more`, { kind: 'warning' });
    },
  }),
  filesAction({
    id: 'files.snapshot-diff',
    title: 'What is different between two moments',
    keys: ['A D'],
    group: 'show',
    fields: (state) => [
      { label: 'from', initial: shownMoment(state), hint: momentHint },
      { label: 'to', initial: 'now', hint: momentHint },
      { label: 'at and below', initial: pathText(filesOf(state).directory) },
    ],
    command: diffWords,
    run: (io, args) => showReport(io, 'What is different', diffWords(io.state(), args)),
  }),
  filesAction({
    id: 'files.snapshot-restore',
    title: 'Bring something back as it was',
    keys: ['A r'],
    group: 'change',
    changes: true,
    fields: (state) => [
      { label: 'as it was', initial: shownMoment(state), hint: momentHint },
      { label: 'what', initial: pathText(filesOf(state).directory) },
      { label: 'to', hint: 'the exact new path; empty: to where it was' },
    ],
    confirm: (state, [moment = '', source = '', target = '']) => ({
      title: `Bring it back as it was: ${escapeText(moment)}?`,
      detail: [
        pathText(typedPath(source, filesOf(state).directory)),
        target === ''
          ? 'Files get a new version, what came since stays, and nothing is lost.'
          : `It comes to ${pathText(typedPath(target, filesOf(state).directory))}.`,
      ],
    }),
    command: (state, [typedAt = '', source = '', target = '']) => {
      const { directory } = filesOf(state);
      const moment = typedMoment(typedAt, filesOf(state));
      const paths = [source, ...(target === '' ? [] : [target])];
      const words = pathWords(...paths.map((typed) => typedPath(typed, directory)));
      return restoreAtWords(moment, words);
    },
    run: bringBack,
  }),
];

function noSnapshot(state: State): string | undefined {
  return selectedSnapshot(filesOf(state)) === undefined
    ? 'no snapshot is selected (A l lists them)'
    : undefined;
}

function diffWords(state: State, args: readonly string[]): string[] {
  const moments = args.slice(0, 2).map((typed) => typedMoment(typed, filesOf(state)));
  const [from = '', to = ''] = moments;
  const [, , path = ''] = args;
  const [last = '/', ...flags] = pathWord(state, path).toReversed();
  const until = to === '' || to === 'now' ? [] : [to];
  return ['snapshot', 'diff', ...flags, '--path', last, ...operandWords(from, ...until)];
}

async function bringBack(io: ActionIo, args: readonly string[]): Promise<Outcome> {
  const [moment = '', typedSource = '', typedTarget = ''] = args;
  const { directory } = filesOf(io.state());
  const source = typedPath(typedSource, directory);
  const destination = typedTarget === '' ? source : typedPath(typedTarget, directory);
  const at = await findMoment(io, typedMoment(moment, filesOf(io.state())));
  const { entries } = await io.task(`Bringing ${pathText(source)} back`, ({ client }) =>
    client.restoreAt({ at, source, destination }),
  );
  if (entries === 0) return done('Everything is there as it was');
  return done(`Brought back ${formatCount(entries, 'entry', 'entries')}`);
}
