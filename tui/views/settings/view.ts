/** The settings: what is set and why, and changing it; and the keys. */
import type { Action, ActionIo, Outcome } from '../../keymap/action.ts';
import { operandWords } from '../../keymap/words.ts';
import type { State } from '../../state/state.ts';
import type { View } from '../view.ts';
import { keyActions } from './key-actions.ts';
import { layoutOf, settingsPanes } from './layout.ts';
import { keysPanel, settingPanel, settingsPanel } from './panes.ts';
import {
  initialSettings,
  observeSettings,
  reduceSettings,
  selectedSetting,
  valueText,
} from './slice.ts';

const nothingSelected = (state: State): string | undefined =>
  selectedSetting(state) === undefined ? 'no setting is selected' : undefined;

/** Writes the file, and can write back what it said before. */
async function write(io: ActionIo, value: string | undefined): Promise<Outcome> {
  const setting = selectedSetting(io.state());
  if (setting === undefined) return undefined;
  const { key } = setting;
  // What the file said and not what the agent was started with: they may be different.
  const { changed, stronger, before: said } = await io.client().configSet({ key, value });
  const before = said === null ? undefined : valueText(said);
  if (!changed) return { text: `${key} was so already` };
  const rest = stronger === null ? '' : `; ${stronger} beats it`;
  return {
    text: `${key} is changed and counts from the agent's next start${rest}`,
    kind: stronger === null ? 'done' : 'warning',
    undo: {
      title: `${key} as it was`,
      command:
        before === undefined
          ? ['config', 'unset', key]
          : ['config', 'set', ...operandWords(key, before)],
      async run(client) {
        await client.configSet({ key, value: before });
      },
    },
  };
}

const settingActions: readonly Action[] = [
  {
    id: 'settings.set',
    title: 'Change the setting in config.toml',
    keys: ['enter', 'e'],
    place: 'settings',
    group: 'change',
    bar: 'change',
    changes: true,
    unless: nothingSelected,
    fields(state) {
      const setting = selectedSetting(state);
      if (setting === undefined) return [];
      const { key, value, type, allowed } = setting;
      const options = type === 'boolean' || type === 'choice' ? allowed?.split('|') : undefined;
      const hint = allowed === null ? type : `${type}: ${allowed}`;
      return [{ label: key, initial: valueText(value), hint, options }];
    },
    command: (state, [value = '']) => [
      ...['config', 'set', ...operandWords(selectedSetting(state)?.key ?? '', value)],
    ],
    run: (io, [value = '']) => write(io, value),
  },
  {
    id: 'settings.unset',
    title: 'Take the setting out of config.toml, so that its default counts',
    keys: ['d'],
    place: 'settings',
    group: 'change',
    bar: 'default',
    changes: true,
    unless: nothingSelected,
    command: (state) => ['config', 'unset', selectedSetting(state)?.key ?? ''],
    run: (io) => write(io, undefined),
  },
];

export const settings: View<'settings'> = {
  id: 'settings',
  title: 'Settings',
  about: 'what is set and why, and changing it; keys, passphrases, recovery words',
  initial: initialSettings,
  panes: settingsPanes,
  actions: [...settingActions, ...keyActions],
  reduce: reduceSettings,
  observe: observeSettings,
  needs: () => ['config', 'keys'],
  ages: ({ data }) =>
    (data.keys?.value?.epochs ?? []).flatMap(({ since }) =>
      since === null ? [] : [Date.parse(since)],
    ),
  panels(state, frame) {
    const { list, details, keys } = layoutOf(state, frame.rect);
    return [
      ...(list === undefined ? [] : [settingsPanel(state, list, frame)]),
      ...(details === undefined
        ? []
        : [settingPanel(state, details, keys === undefined && list !== undefined)]),
      ...(keys === undefined ? [] : [keysPanel(state, keys, frame)]),
    ];
  },
};
