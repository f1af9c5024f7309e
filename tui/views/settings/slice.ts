/** What the settings remember: which one is selected. Pure. */
import type { ConfigRow, ConfigValue } from '../../../protocol/control/reports.ts';
import { geometryOf } from '../../screen/geometry.ts';
import { filtered } from '../../state/filtered.ts';
import { anchored, atStart, moved, placed, withCursor } from '../../state/list-cursor.ts';
import type { ListCursor, ListShape, Move } from '../../state/list-cursor.ts';
import type { State } from '../../state/state.ts';
import { listHeight } from '../../widgets/list-panel.ts';
import type { ReduceContext } from '../view.ts';
import { layoutOf } from './layout.ts';

export interface SettingsSlice {
  readonly cursor: ListCursor;
}

export type SettingsMessage = Move | { readonly type: 'pick'; readonly index: number };

export const initialSettings: SettingsSlice = { cursor: atStart };

export function reduceSettings(
  slice: SettingsSlice,
  message: SettingsMessage,
  { state }: ReduceContext,
): SettingsSlice {
  const shape = shapeOf(state);
  const { cursor } = slice;
  return withCursor(
    slice,
    message.type === 'move' ? moved(cursor, message, shape) : placed(cursor, message.index, shape),
  );
}

export function observeSettings(slice: SettingsSlice, { state }: ReduceContext): SettingsSlice {
  return withCursor(slice, anchored(slice.cursor, shapeOf(state)));
}

export function listedSettings(state: State): readonly ConfigRow[] {
  const rows = state.data.config?.value?.settings ?? [];
  return filtered(state, 'settings', rows, ({ key, value, source, description }) =>
    [key, valueText(value), source, description].join(' '),
  );
}

export function selectedSetting(state: State): ConfigRow | undefined {
  return listedSettings(state)[state.slices.settings.cursor.index];
}

/** As it is typed. */
export function valueText(value: ConfigValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? value.join(',') : String(value);
}

function shapeOf(state: State): ListShape {
  const rows = listedSettings(state);
  const { list } = layoutOf(state, geometryOf(state.size).body);
  return {
    count: rows.length,
    height: list === undefined ? 1 : listHeight(list),
    keyAt: (index) => rows[index]?.key,
  };
}
