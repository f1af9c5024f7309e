/** The panes of the settings: all of them with what won, and one with why. Pure. */
import type { ConfigRow } from '../../../protocol/control/reports.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import { change, inOrder } from '../../keymap/intent.ts';
import { insideOf } from '../../screen/panel.ts';
import type { Panel, Rect } from '../../screen/panel.ts';
import { span } from '../../screen/span.ts';
import type { State } from '../../state/state.ts';
import { formatSince } from '../../../protocol/text/format.ts';
import { absent } from '../../widgets/absent.ts';
import { factRows } from '../../widgets/facts.ts';
import type { Fact } from '../../widgets/facts.ts';
import { listPanel } from '../../widgets/list-panel.ts';
import type { Column } from '../../widgets/table.ts';
import type { Frame } from '../view.ts';
import { holdersOf, isInUse, isReadable, keyName, listedKeys } from './keys.ts';
import type { KeyRow } from './keys.ts';
import { paneOf, settingsPanes } from './layout.ts';
import { listedSettings, selectedSetting, valueText } from './slice.ts';

const columns: readonly Column<ConfigRow>[] = [
  { title: 'SETTING', width: 24, from: 56, cell: ({ key }) => key },
  { title: 'SETTING', below: 56, cell: ({ key }) => key },
  { title: 'VALUE', cell: ({ value }) => shown(valueText(value)) },
  {
    title: 'FROM',
    width: 18,
    from: 56,
    cell: ({ source, origin }) =>
      span(source === 'default' ? 'dim' : 'accent', escapeText(origin ?? source)),
  },
];

export function settingsPanel(state: State, rect: Rect, { theme }: Frame): Panel {
  const { config } = state.data;
  const items = listedSettings(state);
  return listPanel({
    id: 'list',
    rect,
    title: 'Settings of the agent',
    note: config?.value === undefined ? undefined : escapeText(config.value.file),
    focused: paneOf(state) === 'list',
    theme,
    columns,
    items,
    cursor: state.slices.settings.cursor,
    empty: absent(config),
    pick: (index) =>
      inOrder(
        change({ type: 'focus', pane: 0 }),
        change({ type: 'view', view: 'settings', message: { type: 'pick', index } }),
      ),
  });
}

/** @param hidesKeys they are where this is, when they have the focus */
export function settingPanel(state: State, rect: Rect, hidesKeys: boolean): Panel {
  const setting = selectedSetting(state);
  return {
    id: 'details',
    rect,
    title: setting?.key ?? 'Details',
    note: hidesKeys ? 'Tab: the keys' : undefined,
    focused: paneOf(state) === 'details',
    rows: setting === undefined ? [] : factRows(factsOf(setting), insideOf(rect).width),
    click: () => change({ type: 'focus', pane: 1 }),
  };
}

export function keysPanel(state: State, rect: Rect, { theme }: Frame): Panel {
  const { keys } = state.data;
  return listPanel({
    id: 'keys',
    rect,
    title: 'Keys',
    note: rotationNote(state),
    focused: paneOf(state) === 'keys',
    theme,
    columns: keyColumns(state.nowMs),
    items: listedKeys(state),
    cursor: state.slices.settings.keys,
    empty: keys?.value === undefined ? absent(keys) : [],
    pick: (index) =>
      inOrder(
        change({ type: 'focus', pane: settingsPanes.indexOf('keys') }),
        change({ type: 'view', view: 'settings', message: { type: 'pick-key', index } }),
      ),
  });
}

function rotationNote({ data }: State): string | undefined {
  const at = data.keys?.value?.rotatesAt ?? null;
  return at === null ? undefined : `new ones at ${escapeText(at.slice(0, 16).replace('T', ' '))}`;
}

function keyColumns(nowMs: number): readonly Column<KeyRow>[] {
  return [
    { title: 'KEY', width: 14, cell: keyName },
    {
      title: 'IN USE',
      width: 6,
      cell: (each) => (isInUse(each) ? span('ok', 'yes') : span('dim', 'no')),
    },
    {
      title: 'HERE',
      width: 4,
      cell: (each) => (isReadable(each) ? 'yes' : span('warn', 'no')),
    },
    {
      title: 'SINCE',
      width: 10,
      from: 60,
      cell: (each) =>
        each.type === 'epoch' && each.epoch.since !== null
          ? formatSince(each.epoch.since, nowMs)
          : '',
    },
    { title: 'SEALED TO', cell: (each) => holdersOf(each).map(escapeText).join(', ') },
  ];
}

function factsOf(row: ConfigRow): readonly Fact[] {
  const from = row.origin === null ? row.source : `${row.source} (${escapeText(row.origin)})`;
  return [
    { name: 'Meaning', value: row.description },
    { name: 'Value', value: shown(valueText(row.value)), role: 'strong' },
    { name: 'From', value: from },
    ...row.overridden.map(({ source, value }) => ({
      name: 'Instead of',
      value: `${shown(valueText(value))} (${escapeText(source)})`,
    })),
    { name: 'Default', value: shown(valueText(row.default)) },
    { name: 'Takes', value: row.allowed === null ? row.type : `${row.type}: ${row.allowed}` },
    { name: 'Flag', value: row.flag ?? undefined },
    { name: 'Environment', value: row.environment ?? undefined },
  ];
}

function shown(text: string): string {
  return text === '' ? '(none)' : escapeText(text);
}
