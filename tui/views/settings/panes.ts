/** The panes of the settings: all of them with what won, and one with why. Pure. */
import type { ConfigRow } from '../../../protocol/control/reports.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import { change, inOrder } from '../../keymap/intent.ts';
import { insideOf } from '../../screen/panel.ts';
import type { Panel, Rect } from '../../screen/panel.ts';
import { span } from '../../screen/span.ts';
import type { State } from '../../state/state.ts';
import { absent } from '../../widgets/absent.ts';
import { factRows } from '../../widgets/facts.ts';
import type { Fact } from '../../widgets/facts.ts';
import { listPanel } from '../../widgets/list-panel.ts';
import type { Column } from '../../widgets/table.ts';
import type { Frame } from '../view.ts';
import { paneOf } from './layout.ts';
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

export function settingPanel(state: State, rect: Rect): Panel {
  const setting = selectedSetting(state);
  return {
    id: 'details',
    rect,
    title: setting?.key ?? 'Details',
    focused: paneOf(state) === 'details',
    rows: setting === undefined ? [] : factRows(factsOf(setting), insideOf(rect).width),
    click: () => change({ type: 'focus', pane: 1 }),
  };
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
