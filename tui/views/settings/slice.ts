/** What the settings remember: which one is selected, and which key. Pure. */
import type { ConfigRow, ConfigValue } from '../../../protocol/control/reports.ts';
import { geometryOf } from '../../screen/geometry.ts';
import { filtered } from '../../state/filtered.ts';
import { anchored, atStart, moved, placed, withCursor } from '../../state/list-cursor.ts';
import type { ListCursor, ListShape, Move } from '../../state/list-cursor.ts';
import type { State } from '../../state/state.ts';
import { listHeight } from '../../widgets/list-panel.ts';
import type { ReduceContext } from '../view.ts';
import { keyRowId, listedKeys } from './keys.ts';
import { layoutOf, paneOf } from './layout.ts';
import type { SettingsPane } from './layout.ts';

export interface SettingsSlice {
  readonly cursor: ListCursor;
  readonly keys: ListCursor;
}

export type SettingsMessage =
  | Move
  | { readonly type: 'pick'; readonly index: number }
  | { readonly type: 'pick-key'; readonly index: number };

export const initialSettings: SettingsSlice = { cursor: atStart, keys: atStart };

export function reduceSettings(
  slice: SettingsSlice,
  message: SettingsMessage,
  { state }: ReduceContext,
): SettingsSlice {
  const shape = shapeOf(state);
  switch (message.type) {
    case 'move':
      return paneOf(state) === 'keys'
        ? withKeys(slice, moved(slice.keys, message, keysShape(state)))
        : withCursor(slice, moved(slice.cursor, message, shape));
    case 'pick':
      return withCursor(slice, placed(slice.cursor, message.index, shape));
    case 'pick-key':
      return withKeys(slice, placed(slice.keys, message.index, keysShape(state)));
  }
}

export function observeSettings(slice: SettingsSlice, { state }: ReduceContext): SettingsSlice {
  const next = withCursor(slice, anchored(slice.cursor, shapeOf(state)));
  return withKeys(next, anchored(next.keys, keysShape(state)));
}

export function listedSettings(state: State): readonly ConfigRow[] {
  const rows = state.data.config?.value?.settings ?? none;
  // It counts for the keys while they have the focus.
  if (paneOf(state) === 'keys') return rows;
  return filtered(state, 'settings', rows, searchedText);
}

const none: readonly never[] = [];

function searchedText({ key, value, source, description }: ConfigRow): string {
  return [key, valueText(value), source, description].join(' ');
}

export function selectedSetting(state: State): ConfigRow | undefined {
  return listedSettings(state)[state.slices.settings.cursor.index];
}

/** As it is typed. */
export function valueText(value: ConfigValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? value.join(',') : String(value);
}

function withKeys(slice: SettingsSlice, keys: ListCursor): SettingsSlice {
  return keys === slice.keys ? slice : { ...slice, keys };
}

function shapeOf(state: State): ListShape {
  const rows = listedSettings(state);
  const height = heightOf(state, 'list');
  return { count: rows.length, height, keyAt: (index) => rows[index]?.key };
}

function keysShape(state: State): ListShape {
  const rows = listedKeys(state);
  return {
    count: rows.length,
    height: heightOf(state, 'keys'),
    keyAt(index) {
      const row = rows[index];
      return row === undefined ? undefined : keyRowId(row);
    },
  };
}

function heightOf(state: State, pane: SettingsPane): number {
  const rect = layoutOf(state, geometryOf(state.size).body)[pane];
  return rect === undefined ? 1 : listHeight(rect);
}
