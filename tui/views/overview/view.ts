/** The overview: how the vault is, why, and what happens. */
import { change } from '../../keymap/intent.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import type { Action } from '../../keymap/action.ts';
import { localFile } from '../../keymap/local-file.ts';
import { operandWords } from '../../keymap/words.ts';
import { insideOf } from '../../screen/panel.ts';
import type { Panel, Rect } from '../../screen/panel.ts';
import type { State } from '../../state/state.ts';
import type { Frame, View } from '../view.ts';
import { layoutOf, overviewPanes, paneOf } from './layout.ts';
import type { OverviewPane } from './layout.ts';
import { activityRows, healthRows, throughputRows, vaultRows } from './panes.ts';
import type { Look } from './panes.ts';
import { initialOverview, reduceOverview } from './slice.ts';

const titles: Readonly<Record<OverviewPane, string>> = {
  health: 'Health',
  vault: 'Vault',
  throughput: 'Throughput',
  activity: 'Activity',
};

const makers: Readonly<Record<OverviewPane, (state: State, look: Look) => Panel['rows']>> = {
  health: healthRows,
  vault: vaultRows,
  throughput: throughputRows,
  activity: activityRows,
};

function mountsOf({ data }: State): readonly string[] {
  return (data.status?.value?.mounts ?? []).map(({ path }) => path);
}

/** What `~` is on another machine is not known here: there it has to be a whole path, and `vault` says so. */
function mountWords({ remote }: State, typed: string): readonly string[] {
  return ['mount', ...operandWords(remote ? typed : localFile(typed))];
}

const actions: readonly Action[] = [
  {
    id: 'overview.doctor',
    title: 'Check the agent and its home',
    keys: ['d'],
    place: 'overview',
    group: 'show',
    bar: 'doctor',
    command: () => ['doctor'],
    run: async (io) => (await import('./doctor.ts')).showDoctor(io),
  },
  {
    id: 'overview.mount',
    title: 'Show the vault as a directory of the machine of the agent',
    keys: ['M'],
    place: 'overview',
    group: 'change',
    changes: true,
    fields: () => [{ label: 'empty directory there', hint: 'its whole path' }],
    command: (state, [typed = '']) => mountWords(state, typed),
    async run(io, [typed = '']) {
      const words = mountWords(io.state(), typed);
      await io.task('Mounting', ({ signal }) => io.vault(words, signal));
      return { text: `Mounted at ${escapeText(typed)}` };
    },
  },
  {
    id: 'overview.umount',
    title: 'Take the directory of the vault away',
    keys: ['U'],
    place: 'overview',
    group: 'change',
    changes: true,
    unless: (state) => (mountsOf(state).length === 0 ? 'nothing is mounted' : undefined),
    fields: (state) => [
      { label: 'directory', initial: mountsOf(state)[0] ?? '', options: mountsOf(state) },
    ],
    command: (_state, [directory = '']) => ['umount', directory],
    async run(io, [directory = '']) {
      await io.task('Unmounting', ({ signal }) => io.vault(['umount', directory], signal));
      return { text: `${escapeText(directory)} is a plain directory again` };
    },
  },
];

export const overview: View<'overview'> = {
  id: 'overview',
  title: 'Overview',
  about: 'health and its reason, contents, copies, throughput, disk, what happened',
  initial: initialOverview,
  panes: overviewPanes,
  actions,
  reduce: reduceOverview,
  needs: () => ['status', 'peers', 'disk'],
  panels(state, frame) {
    const layout = layoutOf(state, frame.rect);
    return overviewPanes.flatMap((pane) => {
      const rect = layout[pane];
      return rect === undefined ? [] : [panelOf(state, pane, rect, frame)];
    });
  },
};

function panelOf(state: State, pane: OverviewPane, rect: Rect, { theme }: Frame): Panel {
  const { width, height } = insideOf(rect);
  const number = overviewPanes.indexOf(pane);
  return {
    id: pane,
    rect,
    title: titles[pane],
    focused: paneOf(state) === pane,
    rows: makers[pane](state, { theme, width, height }),
    click: () => change({ type: 'focus', pane: number }),
  };
}
